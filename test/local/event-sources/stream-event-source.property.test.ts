import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSequenceNumbers } from '../../../lib/local/event-sources/sequence-number.ts';
import type { TestRecord } from './in-memory-stream.ts';
import {
  FUNCTION_ERROR,
  failedItems,
  SUCCESS,
  streamEventSourceFactory,
  type TestEvent,
} from './stream-event-source-factory.ts';

type Behaviour =
  | { type: 'success' | 'error' | 'throttle' | 'bad answer' }
  | { type: 'partial'; from: number };

const behaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('success' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('error' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('throttle' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('bad answer' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('partial' as const), from: fc.nat(20) }),
  },
);

const scenario = fc.record({
  keys: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'poison'), { minLength: 1, maxLength: 60 }),
  batchSize: fc.integer({ min: 1, max: 20 }),
  batchingWindowMs: fc.constantFrom(0, 5000),
  parallelizationFactor: fc.integer({ min: 1, max: 4 }),
  bisectBatchOnFunctionError: fc.boolean(),
  maximumRetryAttempts: fc.integer({ min: 0, max: 4 }),
  reportBatchItemFailures: fc.boolean(),
  behaviours: fc.array(behaviour, { maxLength: 30 }),
  durations: fc.infiniteStream(fc.integer({ min: 0, max: 300 })),
});

/** Plays a scenario and notes the end of every record, in the order in which it came. */
async function play({ keys, behaviours, durations, ...settings }: Scenario) {
  const ends: { record: TestRecord; how: 'acknowledged' | 'discarded' }[] = [];
  const overlaps: string[] = [];
  const running = new Map<string, number>();
  let mostRunning = 0;
  let totalRunning = 0;

  const remaining = [...behaviours];
  const answer = ({ Records }: TestEvent) => {
    const next = remaining.shift() ?? { type: 'success' };
    const poisoned = Records.findIndex((record) => record.key === 'poison');
    if (next.type === 'throttle') throw new Error('throttled');
    if (next.type === 'error') return FUNCTION_ERROR;
    if (next.type === 'bad answer' && settings.reportBatchItemFailures) return failedItems('');
    const from = next.type === 'partial' ? next.from % Records.length : Records.length;
    const lowest = poisoned === -1 ? from : Math.min(from, poisoned);
    if (lowest === Records.length) {
      ends.push(...Records.map((record) => ({ record, how: 'acknowledged' as const })));
      return SUCCESS;
    }
    if (!settings.reportBatchItemFailures) return FUNCTION_ERROR;
    const done = Records.slice(0, lowest);
    ends.push(...done.map((record) => ({ record, how: 'acknowledged' as const })));
    return failedItems(...Records.slice(lowest).map((record) => record.sequenceNumber));
  };

  const { time, stream, source, settled } = streamEventSourceFactory(
    { ...settings },
    async (event) => {
      const batchKeys = new Set(event.Records.map((record) => record.key));
      for (const key of batchKeys) {
        if (running.get(key)) overlaps.push(key);
        running.set(key, (running.get(key) ?? 0) + 1);
      }
      mostRunning = Math.max(mostRunning, ++totalRunning);
      await time.sleep(durations.next().value ?? 0);
      totalRunning--;
      for (const key of batchKeys) running.set(key, (running.get(key) ?? 0) - 1);
      return answer(event);
    },
    {
      discard: async (batch) => {
        ends.push(
          ...batch.records.map((record) => ({
            record: record.event as TestRecord,
            how: 'discarded' as const,
          })),
        );
      },
    },
  );
  source.start();
  for (const key of keys) {
    stream.put('shard-0', key);
    if (key === 'd') await time.pass(50);
  }
  await settled();
  await source.stop();
  const written = stream.shards.get('shard-0')?.records ?? [];
  return { ends, overlaps, mostRunning, written };
}

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

describe('under any failures, splits and lanes', () => {
  it('ends every record exactly once: acknowledged or discarded', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { ends, written } = await play(given);
        expect(
          ends.map(({ record }) => record.sequenceNumber).sort(compareSequenceNumbers),
        ).toEqual(written.map((record) => record.sequenceNumber));
      }),
    );
  });

  it('never acknowledges a record that its function cannot process', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { ends } = await play(given);
        const poison = ends.filter(({ record }) => record.key === 'poison');
        expect(poison.every(({ how }) => how === 'discarded')).toBe(true);
      }),
    );
  });

  it('loses nothing but poison when bisecting has enough retries', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { ends } = await play({
          ...given,
          reportBatchItemFailures: false,
          bisectBatchOnFunctionError: true,
          maximumRetryAttempts: given.behaviours.length,
        });
        const discarded = ends.filter(({ how }) => how === 'discarded');
        expect(discarded.every(({ record }) => record.key === 'poison')).toBe(true);
      }),
    );
  });

  it('keeps the order of each key and never runs two of its batches at a time', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (given) => {
        const { ends, overlaps, mostRunning } = await play(given);
        expect(overlaps).toEqual([]);
        expect(mostRunning).toBeLessThanOrEqual(given.parallelizationFactor);
        for (const key of new Set(given.keys)) {
          const numbers = ends
            .filter(({ record }) => record.key === key)
            .map(({ record }) => record.sequenceNumber);
          expect(numbers).toEqual([...numbers].sort(compareSequenceNumbers));
        }
      }),
    );
  });
});
