import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCheckpoints } from '../../../lib/local/kept/checkpoints.ts';
import { openDatabase } from '../../../lib/local/kept/database.ts';
import type { InMemoryStream } from './in-memory-stream.ts';
import {
  FUNCTION_ERROR,
  SUCCESS,
  streamEventSourceFactory,
} from './stream-event-source-factory.ts';

const scenario = fc.record({
  keys: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 50 }),
  batchSize: fc.integer({ min: 1, max: 12 }),
  parallelizationFactor: fc.integer({ min: 1, max: 3 }),
  bisectBatchOnFunctionError: fc.boolean(),
  /** Of the invocations in a row; those after them succeed. */
  failures: fc.array(fc.boolean(), { maxLength: 8 }),
  /** Milliseconds that each run lives; the last is not cut off. */
  lives: fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 4 }),
  unwanted: fc.constantFrom('a', 'none'),
});

describe('an event source with checkpoints', () => {
  it('gives every record to the function, in the order of its key, however often it dies, and none again at the end', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ failures, keys, lives, unwanted, ...settings }) => {
        const checkpoints = createCheckpoints(openDatabase(undefined))('source');
        const taken: { key: string; value: string }[] = [];
        const failing = [...failures];
        let stream: InMemoryStream | undefined;
        let hasSettled = false;
        for (const life of [...lives, undefined, undefined]) {
          let isDead = false;
          const run = streamEventSourceFactory(
            settings,
            async ({ Records }) => {
              await run.time.sleep(50);
              if (failing.shift()) return FUNCTION_ERROR;
              taken.push(...Records);
              return SUCCESS;
            },
            {
              checkpoints: {
                ...checkpoints,
                write: (shardId, checkpoint) => {
                  if (!isDead) checkpoints.write(shardId, checkpoint);
                },
              },
              isWanted: ({ partitionKey }) => partitionKey !== unwanted,
              ...(stream && { reader: stream }),
            },
          );
          if (stream === undefined) {
            stream = run.stream;
            for (const [i, key] of keys.entries()) stream.put('shard-0', key, String(i));
          }
          run.source.start();
          const before = taken.length;
          if (life === undefined) await run.settled();
          else await run.time.pass(life);
          if (hasSettled) expect(taken).toHaveLength(before);
          hasSettled = life === undefined;
          // Its time stands still from here on: what was under way never ends.
          isDead = true;
          void run.source.stop();
        }
        for (const key of new Set(keys)) {
          const values = taken.flatMap((one) => (one.key === key ? [one.value] : []));
          const all = keys.flatMap((one, i) => (one === key ? [String(i)] : []));
          expect([...new Set(values)]).toEqual(key === unwanted ? [] : all);
        }
      }),
      { numRuns: 100 },
    );
  });
});
