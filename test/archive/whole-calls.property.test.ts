import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DuckDbArchive } from '../../lib/archive/duckdb-archive.ts';
import { readQuestion } from '../../lib/archive/read-question.ts';
import { temporaryArchive } from './simulated-archive.ts';

let archive: DuckDbArchive;
let sql: string;

beforeAll(async () => {
  archive = await temporaryArchive();
  sql = await readQuestion('whole-calls');
});

afterAll(() => archive[Symbol.asyncDispose]());

/** A call as one record tells it, or its start and its end apart. */
const aCall = fc.record({
  caller: fc.constantFrom('1a', '1b', '1c'),
  duration: fc.integer({ min: 0, max: 7_200 }),
  answered: fc.boolean(),
  international: fc.boolean(),
  apart: fc.constantFrom('no', 'both', 'start', 'end'),
});

/** Every record so often, in this order: as operators and streams deliver them. */
const aDelivery = fc.array(aCall, { minLength: 1, maxLength: 12 }).chain((calls) =>
  fc.record({
    calls: fc.constant(calls),
    order: fc.shuffledSubarray(
      calls.flatMap((call, i) =>
        phasesOf(call.apart).flatMap((phase) => [
          { call: i, phase, copy: 0 },
          { call: i, phase, copy: 1 },
          { call: i, phase, copy: 2 },
        ]),
      ),
      { minLength: 1 },
    ),
  }),
);

function phasesOf(apart: string): string[] {
  return { no: ['complete'], start: ['started'], end: ['ended'] }[apart] ?? ['started', 'ended'];
}

describe('the calls of records', () => {
  test('are the same in whatever order, and however often, their records come', async () => {
    await fc.assert(
      fc.asyncProperty(aDelivery, async ({ calls, order }) => {
        const rows = order.map(({ call: id, phase }) => {
          const { answered, caller, duration, international } = calls[id] ?? calls[0] ?? never();
          const known = phase !== 'started';
          return `(${id}, '${caller}', '1z', ${1_000 + id}, CAST(${known ? duration : 'NULL'} AS INTEGER), CAST(${known ? answered : 'NULL'} AS BOOLEAN),
            ${international}, false, false, 0, 0, '${phase}', 0, '2026-11-23', 1)`;
        });
        await archive.run(
          `CREATE OR REPLACE TEMP TABLE call_records AS SELECT * FROM (VALUES ${rows.join(', ')}) AS r(call, caller,
             callee, start, duration, answered, international, caller_is_service, callee_is_service, district, handset,
             phase, arrived_at, day, bucket)`,
        );
        const range = { firstDay: '2026-11-23', lastDay: '2026-11-23' };
        const found = await archive.ask(`${sql} ORDER BY call`, range);

        const told = [...new Set(order.map(({ call }) => call))].sort((a, b) => a - b);
        expect(found.map(({ call }) => call)).toEqual(told);
        for (const row of found) {
          const call = calls[row.call as number] ?? never();
          const ended = order.some((one) => one.call === row.call && one.phase !== 'started');
          expect(row).toMatchObject({
            caller: call.caller,
            duration: ended ? call.duration : null,
            answered: ended ? call.answered : null,
            international: call.international,
            start: 1_000 + (row.call as number),
          });
        }
      }),
      { numRuns: 40 },
    );
  });
});

function never(): never {
  throw new Error('a record of no call');
}
