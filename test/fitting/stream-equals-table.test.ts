import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CallRecordInput } from '../../lib/domain/call-record.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { FEATURES, type Feature } from '../../lib/domain/features.ts';
import { sichuanFeatures, TABLE_FEATURES } from '../../lib/domain/table-features.ts';
import { takeSnapshots } from '../../lib/fitting/stream-snapshots.ts';
import { PROFILED_MONTH, simulateProfiles } from '../../lib/simulation/simulate-profiles.ts';
import { observeTable } from '../simulation/observe-table.ts';
import { syntheticCalls } from '../simulation/synthetic-subscribers.ts';

const SUBSCRIBERS = 120;
const AFTER_THE_MONTH = PROFILED_MONTH + 31 * 86_400_000 + 3_600_000;

/** One subscriber, by what a table says of a month and by what a stream of the same calls came to. */
interface Pair {
  readonly number: string;
  readonly contacts: number;
  /** Calls with the contact most in touch with. */
  readonly most: number;
  /** Calls in the busiest hour of the day. */
  readonly busiest: number;
  readonly table: Readonly<Record<string, number>>;
  readonly stream: Readonly<Record<Feature, number>>;
}

/** A month of made-up subscribers who have the aggregates of a table. */
function monthOfCalls(): { records: CallRecordInput[]; numbers: string[] } {
  const numbers = Array.from({ length: SUBSCRIBERS }, (_, i) => String(13_000_000_000 + i));
  const rows = observeTable(syntheticCalls(SUBSCRIBERS, 20), new Set(numbers));
  const profiles = [...rows].map(([subscriber, values]) => ({ subscriber, fraud: false, values }));
  const simulation = simulateProfiles(profiles, 3);
  const lines = Buffer.concat([...simulation.chunks()])
    .toString()
    .trimEnd()
    .split('\n');
  const truth = simulation.truth();
  return {
    records: lines.map((line) => JSON.parse(line) as CallRecordInput),
    numbers: (truth.subscribers ?? []).map(({ number }) => number),
  };
}

async function pairsOf(records: readonly CallRecordInput[], numbers: readonly string[]) {
  const national = (number: string) => number.slice('+86'.length);
  const table = observeTable(records, new Set(numbers.map(national)));
  // The newest calls of a number wait for their turn; one that lets the clock go on waits in their stead.
  const clocks = numbers.map(
    (number, i): CallRecordInput => ({
      caller: '15999999999',
      callee: national(number),
      start: AFTER_THE_MONTH,
      duration: 0,
      answered: false,
      callId: `clock-${i}`,
    }),
  );
  const lines = [...records, ...clocks].map((record) => `${JSON.stringify(record)}\n`);
  const stream = new Map<string, Record<Feature, number>>();
  await takeSnapshots(
    Readable.from([Buffer.from(lines.join(''))]),
    loadDefaultPolicy(),
    { count: 'calls', steps: [], watched: new Set(numbers), country: 'CN', settleSeconds: 60 },
    ({ number, features }) => {
      const named = FEATURES.map((feature, i) => [feature, features[i]]);
      stream.set(number, Object.fromEntries(named) as Record<Feature, number>);
    },
  );
  return numbers.flatMap((number): Pair[] => {
    const row = table.get(national(number));
    const known = stream.get(number);
    // Whoever makes no call is never judged, and has no snapshot.
    if (row === undefined || known === undefined) return [];
    // Records do not tell the kinds of call apart as the table does; no shared feature needs them.
    const values = sichuanFeatures({ ...row, calltype_id_unique: Number.NaN });
    return [
      {
        number,
        contacts: row.opposite_unique,
        most: row.phone2opposite_max,
        busiest: row.voc_hour_mode_count,
        table: Object.fromEntries(TABLE_FEATURES.map(({ id }, i) => [id, values[i] ?? Number.NaN])),
        stream: known,
      },
    ];
  });
}

/** Subscribers with so many contacts, each called twice, from so many handsets by turns. */
function evenCalls(contacts: number, handsets: number, subscribers: number) {
  const numbers = Array.from(
    { length: subscribers },
    (_, i) => `+86${13_300_000_000 + contacts * 100 + i}`,
  );
  const records = numbers.flatMap((number, s) =>
    Array.from(
      { length: contacts * 2 },
      (_, i): CallRecordInput => ({
        caller: number.slice('+86'.length),
        callee: String(15_100_000_000 + (contacts * 100 + s) * 1_000 + (i >> 1)),
        start: PROFILED_MONTH + (i * 2_200 + s) * 1_000,
        duration: 30,
        imei: String(860_000_000_000_100 + (i % handsets)),
      }),
    ),
  );
  return { numbers, records: records.toSorted((a, b) => Number(a.start) - Number(b.start)) };
}

/** How far the stream is from the table, as a share of what the table says. */
const distance = ({ stream, table }: Pair, feature: Feature): number =>
  Math.abs(stream[feature] / (table[feature] ?? Number.NaN) - 1);

const shareWithin = (pairs: readonly Pair[], feature: Feature, tolerance: number): number =>
  pairs.filter((pair) => distance(pair, feature) <= tolerance).length / pairs.length;

describe('features of a stream of calls, beside those of a table of the same month', () => {
  let pairs: Pair[];

  beforeAll(async () => {
    const { records, numbers } = monthOfCalls();
    pairs = await pairsOf(records, numbers);
  });

  /** Both sides of a feature for all subscribers, by number. */
  const bothSides = (some: readonly Pair[], feature: Feature) => ({
    stream: some.map(({ number, stream }) => [number, stream[feature]]),
    table: some.map(({ number, table }) => [number, table[feature]]),
  });

  it('are there for every subscriber, with few contacts and with hundreds', () => {
    expect(pairs).toHaveLength(SUBSCRIBERS);
    expect(pairs.filter(({ contacts }) => contacts <= 20).length).toBeGreaterThan(20);
    expect(pairs.filter(({ contacts }) => contacts > 100).length).toBeGreaterThan(10);
  });

  it.each(['made-share', 'mean-call-seconds', 'distinct-hours', 'handsets'] as const)(
    'have the same %s, exactly',
    (feature) => {
      const { stream, table } = bothSides(pairs, feature);
      expect(stream).toEqual(table);
    },
  );

  it('have the same busiest-hour-share exactly, up to 255 calls in one hour of day', () => {
    const { stream, table } = bothSides(
      pairs.filter(({ busiest }) => busiest <= 255),
      'busiest-hour-share',
    );
    expect(stream).toEqual(table);
    // Beyond that the counts are halved, and a share of them stays about the same.
    for (const pair of pairs) expect(distance(pair, 'busiest-hour-share')).toBeLessThan(0.02);
  });

  it('have the same top-contact-share exactly, up to 20 contacts', () => {
    const few = pairs.filter(({ contacts, most }) => contacts <= 20 && most <= 255);
    const { stream, table } = bothSides(few, 'top-contact-share');
    expect(stream).toEqual(table);
  });

  it('have never more of a top-contact-share, and with many contacts far less: 20 are remembered', () => {
    for (const { stream, table } of pairs) {
      expect(stream['top-contact-share']).toBeLessThanOrEqual(table['top-contact-share'] ?? 0);
    }
    const exact = pairs.filter((pair) => distance(pair, 'top-contact-share') === 0);
    const lessByHalf = pairs.filter((pair) => distance(pair, 'top-contact-share') > 0.5);
    // A quarter of these subscribers loses sight of its closest contact: those with some fifty contacts or more.
    expect(exact.length / pairs.length).toBeGreaterThan(0.7);
    for (const { contacts } of lessByHalf) expect(contacts).toBeGreaterThan(20);
  });

  it('have the calls-per-contact within 10 % for 19 in 20 subscribers, and within 25 % for all', () => {
    expect(shareWithin(pairs, 'calls-per-contact', 0.1)).toBeGreaterThanOrEqual(0.95);
    // With a dozen contacts, two that share a bit are a sixth of them.
    expect(shareWithin(pairs, 'calls-per-contact', 0.25)).toBe(1);
  });

  it('have the places within one, and the same for nine in ten subscribers', () => {
    for (const { stream, table } of pairs) {
      expect(Math.abs(stream.places - (table.places ?? Number.NaN))).toBeLessThanOrEqual(1);
    }
    const same = pairs.filter(({ stream, table }) => stream.places === table.places);
    expect(same.length / pairs.length).toBeGreaterThanOrEqual(0.9);
  });
});

describe('the sketch of contacts', () => {
  it.each([
    [20, 0.9],
    [50, 0.9],
    [100, 0.95],
    [200, 0.95],
    [300, 0.95],
    [500, 0.9],
  ])(
    'counts %i of them within a tenth for at least %d of all subscribers',
    async (contacts, share) => {
      const { records, numbers } = evenCalls(contacts, 1, 40);
      const pairs = await pairsOf(records, numbers);
      expect(pairs).toHaveLength(40);
      expect(shareWithin(pairs, 'calls-per-contact', 0.1)).toBeGreaterThanOrEqual(share);
      const mean = pairs.reduce((sum, one) => sum + one.stream['calls-per-contact'], 0) / 40;
      expect(Math.abs(mean / 2 - 1)).toBeLessThan(0.03);
    },
  );
});

describe('the handsets of a number', () => {
  it.each([
    [1, 1],
    [5, 5],
    [6, 6],
    [7, 6],
    [12, 6],
  ])('of %i are counted as %i within 32 days', async (handsets, counted) => {
    const { records, numbers } = evenCalls(30, handsets, 2);
    const pairs = await pairsOf(records, numbers);
    expect(pairs.map(({ table }) => table.handsets)).toEqual([handsets, handsets]);
    expect(pairs.map(({ stream }) => stream.handsets)).toEqual([counted, counted]);
  });
});
