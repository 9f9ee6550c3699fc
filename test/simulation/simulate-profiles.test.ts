import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CallRecordInput } from '../../lib/domain/call-record.ts';
import {
  PROFILE_COLUMNS,
  ProfileTableError,
  parseProfileTable,
  type SubscriberProfile,
} from '../../lib/simulation/profile-table.ts';
import { simulateProfiles } from '../../lib/simulation/simulate-profiles.ts';
import { type Observed, observeTable } from './observe-table.ts';
import { syntheticCalls } from './synthetic-subscribers.ts';

const REAL_TABLE = new URL('../../../shared/data/sichuan/voice_features_dev.csv', import.meta.url);
/** Every so many rows of the real table are simulated. */
const REAL_STEP = 12;

/** What must be exact in nearly all rows, by what it belongs to. */
const COUNTS = [
  'opposite_count',
  'opposite_unique',
  'voccalltype1',
  'imeis',
  'city_name_call',
  'county_name_call',
  'city_name_nunique',
  'county_name_nunique',
  'phone2opposite_max',
  'call_dur_max',
  'call_dur_min',
  'voc_hour_mode_count',
  'voc_hour_nunique',
  'voc_day_mode_count',
  'voc_day_nunique',
] as const;

function syntheticProfiles(): SubscriberProfile[] {
  const calls = syntheticCalls(120, 20);
  const numbers = new Set(
    Array.from({ length: 120 }, (_, index) => String(13_000_000_000 + index)),
  );
  return [...observeTable(calls, numbers)].map(([number, values]) => ({
    subscriber: number,
    fraud: Number(number) % 2 === 1,
    values,
  }));
}

function simulated(profiles: readonly SubscriberProfile[], seed: number) {
  const simulation = simulateProfiles(profiles, seed);
  const text = Buffer.concat([...simulation.chunks()]).toString();
  const records: CallRecordInput[] = text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  const truth = simulation.truth();
  const national = new Map(
    (truth.subscribers ?? []).map(({ number, subscriber }) => [subscriber, number.slice(3)]),
  );
  const table = observeTable(records, new Set(national.values()));
  return {
    text,
    records,
    truth,
    observed: (subscriber: string) => table.get(national.get(subscriber) ?? ''),
  };
}

/** Share of rows whose column is within `tolerance` of the row's value. */
function withinShare(
  profiles: readonly SubscriberProfile[],
  observed: (subscriber: string) => Observed | undefined,
  column: (typeof PROFILE_COLUMNS)[number],
  tolerance: number,
): number {
  const within = profiles.filter(({ subscriber, values }) => {
    const wanted = values[column];
    const found = observed(subscriber)?.[column] ?? Number.NaN;
    if (Number.isNaN(wanted) || Number.isNaN(found))
      return Number.isNaN(wanted) === Number.isNaN(found);
    return Math.abs(found - wanted) <= tolerance * Math.abs(wanted) + 1e-9;
  });
  return within.length / profiles.length;
}

const real = existsSync(REAL_TABLE)
  ? parseProfileTable(readFileSync(REAL_TABLE, 'utf8'), 'voice_features_dev.csv').filter(
      (_, index) => index % REAL_STEP === 0,
    )
  : undefined;

describe.each([
  ['made-up', syntheticProfiles()],
  ['real', real],
] as const)('calls simulated from %s rows', (name, profiles) => {
  if (profiles === undefined) {
    it.skip(`${name} rows are not here: ../shared/data/sichuan/voice_features_dev.csv is absent`, () =>
      undefined);
    return;
  }
  const { records, truth, observed } = simulated(profiles, 1);
  const share = (column: (typeof PROFILE_COLUMNS)[number], tolerance: number) =>
    withinShare(profiles, observed, column, tolerance);

  it.each(COUNTS)('have the row’s %s exactly, in 99 % of the rows', (column) => {
    expect(share(column, 0)).toBeGreaterThanOrEqual(0.99);
  });

  it('have the row’s busiest hour and day in 97 % of the rows', () => {
    expect(share('voc_hour_mode', 0)).toBeGreaterThanOrEqual(0.97);
    expect(share('voc_day_mode', 0)).toBeGreaterThanOrEqual(0.97);
  });

  it('have the row’s mean seconds within 1 %, and its medians within 15 %', () => {
    expect(share('call_dur_mean', 0.01)).toBeGreaterThanOrEqual(0.99);
    expect(share('call_dur_median', 0.15)).toBeGreaterThanOrEqual(0.99);
    expect(share('phone2opposite_median', 0.15)).toBeGreaterThanOrEqual(0.99);
  });

  it('share the seconds among contacts much as in the row', () => {
    expect(share('phone2oppo_sum_max', 0.05)).toBeGreaterThanOrEqual(0.9);
    expect(share('phone2oppo_sum_median', 0.15)).toBeGreaterThanOrEqual(0.9);
  });

  it('come in order of time, over the days of one month', () => {
    const ends = records.map(({ start, duration = 0 }) => Number(start) + duration * 1000);
    expect(ends.every((end, index) => index === 0 || end >= (ends[index - 1] ?? 0))).toBe(true);
    const starts = records.map(({ start }) => Number(start));
    expect(Math.min(...starts.slice(0, 1000))).toBeGreaterThanOrEqual(truth.from);
    expect(starts.every((start) => start < truth.to)).toBe(true);
  });

  it('are told apart by the label in the truth', () => {
    expect(truth.subscribers?.map(({ subscriber, fraud }) => ({ subscriber, fraud }))).toEqual(
      profiles.map(({ subscriber, fraud }) => ({ subscriber, fraud })),
    );
    const fraud = truth.subscribers?.filter((one) => one.fraud).map(({ number }) => number);
    for (const { number, habit } of truth.fraudCallers) {
      expect(fraud).toContain(number);
      expect(habit).toBe('profiled');
    }
  });
});

it('the same table and seed give the same bytes, another seed gives others', () => {
  const profiles = syntheticProfiles().slice(0, 12);
  const digest = (seed: number) =>
    createHash('sha256').update(simulated(profiles, seed).text).digest('hex');
  expect(digest(4)).toBe(digest(4));
  expect(digest(5)).not.toBe(digest(4));
});

describe('a feature table', () => {
  const header = ['subscriber', ...PROFILE_COLUMNS, 'label'];
  const row = (value: string, label: string) => ['a', ...PROFILE_COLUMNS.map(() => value), label];

  it('may have empty cells: no such call', () => {
    const [profile] = parseProfileTable([header, row('', '1')].join('\n'), 'table.csv');
    expect(profile?.fraud).toBe(true);
    expect(profile?.values.opposite_count).toBeNaN();
    expect(simulated(profile === undefined ? [] : [profile], 1).records).toEqual([]);
  });

  it.each([
    ['a column is missing', [header.slice(1), row('1', '0').slice(1)], 'missing: subscriber'],
    ['a cell is no number', [header, row('many', '0')], 'line 2: opposite_count'],
    ['a label is neither 0 nor 1', [header, row('1', 'yes')], 'line 2: label'],
    ['a row is cut off', [header, ['a', '1']], 'Invalid Record Length'],
  ])('is refused when %s', (_name, rows, problem) => {
    const parse = () => parseProfileTable(rows.join('\n'), 'table.csv');
    expect(parse).toThrow(ProfileTableError);
    expect(parse).toThrow(problem);
  });
});
