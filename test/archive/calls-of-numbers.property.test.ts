import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archiveBucket, archiveDay } from '../../lib/archive/archived-call.ts';
import { callsOfNumbers, readCallsOfNumbers } from '../../lib/archive/calls-of-numbers.ts';
import type { DuckDbArchive } from '../../lib/archive/duckdb-archive.ts';
import { fillQuestion } from '../../lib/archive/question.ts';
import { readQuestion } from '../../lib/archive/read-question.ts';
import type { RememberedCall } from '../../lib/domain/profile/remembered-calls.ts';
import { CHENGDU_OFFSET, temporaryArchive } from './simulated-archive.ts';

const DAY = 86_400;
const AT = Date.UTC(2026, 10, 27, 4) / 1000;
const DAYS = 30;
const NUMBER = '1cA';
const PEOPLE = ['1aQ', '1bR', '1dS', '1eT'];
const OTHER = '1xY';
const SERVICE = '1zZ';

let archive: DuckDbArchive;
let sql: string;
let wholeCalls: string;

beforeAll(async () => {
  archive = await temporaryArchive();
  sql = await readQuestion('calls-of-numbers');
  wholeCalls = await readQuestion('whole-calls');
});

afterAll(() => archive[Symbol.asyncDispose]());

interface CallRecord {
  readonly call: number;
  readonly caller: string;
  readonly callee: string;
  readonly start: number;
  readonly duration: number | null;
  readonly answered: boolean | null;
  readonly international: boolean;
  readonly phase: 'complete' | 'started' | 'ended';
  /** When it came: before the day's calls were compacted, after it, or both. */
  readonly came: 'before' | 'after' | 'twice';
}

const aCall = fc.record({
  person: fc.constantFrom(...PEOPLE, SERVICE),
  other: fc.constantFrom(NUMBER, NUMBER, NUMBER, OTHER),
  outgoing: fc.boolean(),
  // Around both ends of the days that are asked for, too.
  back: fc.integer({ min: -3_600, max: 33 * DAY }),
  duration: fc.integer({ min: 0, max: 5 }).map((steps) => steps * 60),
  answered: fc.constantFrom(true, true, false, null),
  international: fc.boolean(),
  phases: fc.constantFrom<readonly CallRecord['phase'][]>(
    ['complete'],
    ['started'],
    ['started', 'ended'],
  ),
  came: fc.constantFrom<CallRecord['came']>('before', 'after', 'twice'),
});

const aHistory = fc.array(aCall, { maxLength: 25 }).map((calls) =>
  calls.flatMap(({ back, came, other, outgoing, person, phases, ...call }, id) =>
    phases.map(
      (phase): CallRecord => ({
        ...call,
        call: id,
        caller: outgoing ? other : person,
        callee: outgoing ? person : other,
        start: AT - back,
        duration: phase === 'started' ? null : call.duration,
        answered: phase === 'started' ? null : call.answered,
        phase,
        came: phases.length > 1 && phase === 'ended' ? 'after' : came,
      }),
    ),
  ),
);

/** Tells the columns of no rows. */
const NO_RECORD: CallRecord = {
  call: -1,
  caller: NUMBER,
  callee: SERVICE,
  start: AT,
  duration: 0,
  answered: true,
  international: false,
  phase: 'complete',
  came: 'before',
};

const dayOf = ({ start }: CallRecord) => archiveDay(start, CHENGDU_OFFSET);

const rowOf = (record: CallRecord) =>
  `(${record.call}, '${record.caller}', '${record.callee}', ${record.start}, CAST(${record.duration ?? 'NULL'} AS INTEGER),
    CAST(${record.answered ?? 'NULL'} AS BOOLEAN), ${record.international}, ${record.caller === SERVICE},
    ${record.callee === SERVICE}, 0, 0, '${record.phase}', 0, '${dayOf(record)}', ${archiveBucket(record.caller)})`;

async function recordsAre(records: readonly CallRecord[]): Promise<void> {
  const columns =
    'call, caller, callee, start, duration, answered, international, caller_is_service, callee_is_service, district, handset, phase, arrived_at, day, bucket';
  await archive.run(`CREATE OR REPLACE TEMP TABLE call_records AS
    SELECT * FROM (VALUES ${[...records, NO_RECORD].map(rowOf).join(', ')}) AS r(${columns}) WHERE call >= 0`);
}

/** The archive as it is when some days were compacted, and of some of them records came later. */
async function layDown(records: readonly CallRecord[]): Promise<void> {
  await recordsAre(records.filter(({ came }) => came !== 'after'));
  await archive.run(
    `CREATE OR REPLACE TEMP TABLE calls AS ${fillQuestion(wholeCalls, { firstDay: '2026-01-01', lastDay: '2027-01-01' })}`,
  );
  await recordsAre(records.filter(({ came }) => came !== 'before'));
}

/** The same of one number by plain loops over all records that there ever were. */
function expectedOf(records: readonly CallRecord[], number: string): RememberedCall[] {
  const calls = new Map<number, RememberedCall>();
  for (const record of records) {
    const { call, callee, caller, start } = record;
    const subject = caller === number ? callee : caller;
    if ((caller !== number && callee !== number) || subject === SERVICE) continue;
    if (start < AT - DAYS * DAY) continue;
    const known = calls.get(call);
    calls.set(call, {
      subject,
      call,
      start,
      duration: record.duration ?? known?.duration,
      answered: record.answered ?? known?.answered,
      international: record.international,
    });
  }
  const kept = new Set<RememberedCall>();
  const answered = [...calls.values()].filter((call) => call.answered !== false);
  for (const theirs of Map.groupBy(answered, ({ subject }) => subject).values()) {
    const last = theirs.toSorted((a, b) => b.start - a.start || a.call - b.call);
    const longest = last.toSorted((a, b) => (b.duration ?? 0) - (a.duration ?? 0));
    for (const call of [last[0], longest[0]]) if (call !== undefined) kept.add(call);
  }
  return [...kept].sort((a, b) => b.start - a.start || a.call - b.call);
}

const askedOf = (...numbers: string[]) => callsOfNumbers(numbers, AT, DAYS, CHENGDU_OFFSET);
const answerTo = async (values: ReturnType<typeof askedOf>) =>
  readCallsOfNumbers(await archive.ask(sql, values));

describe('the calls of numbers', () => {
  test('are each person’s last and longest, compacted or not, as plain loops find them', async () => {
    await fc.assert(
      fc.asyncProperty(aHistory, async (records) => {
        await layDown(records);
        const { calls, leftOut } = await answerTo(askedOf(NUMBER));
        expect(calls.get(NUMBER) ?? []).toEqual(expectedOf(records, NUMBER));
        expect(leftOut).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('are those of each asked for alone, when many are asked for together', async () => {
    const together = [NUMBER, OTHER, ...PEOPLE.slice(0, 2), '1none'];
    await fc.assert(
      fc.asyncProperty(aHistory, async (records) => {
        await layDown(records);
        const { calls } = await answerTo(askedOf(...together));
        for (const number of together) {
          const alone = await answerTo(askedOf(number));
          expect(calls.get(number)).toEqual(alone.calls.get(number));
          expect(calls.get(number) ?? []).toEqual(expectedOf(records, number));
        }
      }),
      { numRuns: 25 },
    );
  });

  test('say how many there was no room for, and no number crowds another out', async () => {
    const records = [
      ...PEOPLE.map(
        (callee, call): CallRecord => ({ ...NO_RECORD, call, callee, start: AT - call * 60 }),
      ),
      { ...NO_RECORD, call: 9, caller: OTHER, callee: PEOPLE[0] ?? '', start: AT - 20 * DAY },
    ];
    await layDown(records);
    const { calls, leftOut } = await answerTo({ ...askedOf(NUMBER, OTHER), mostCalls: 4 });
    expect(leftOut).toBe(1);
    expect(calls.get(NUMBER)).toMatchObject([{ call: 0 }, { call: 1 }, { call: 2 }]);
    expect(calls.get(OTHER)).toMatchObject([{ call: 9 }]);
  });

  test('are not read out of another question’s answer', () => {
    expect(() => readCallsOfNumbers([{ contact: '1aQ', calls: 3 }])).toThrow(/calls-of-numbers/);
  });
});
