import { describe, expect, test } from 'vitest';
import { CALLS, drawHistory } from './draw-history.ts';
import { isRead, sweepWrites, writesOf } from './sweep.ts';

/** Together they make every kind of write that there is; most histories make but a few of the ladder's. */
const SEEDS = [374, 414, 546, 650];

describe('a function that dies', () => {
  test('is tried by these histories at every kind of write that it makes', async () => {
    const made = new Set<string>();
    for (const seed of SEEDS) {
      for (const { actor, operation } of await writesOf(drawHistory(seed))) {
        made.add(`${actor} ${operation}`);
      }
    }
    const declared = Object.entries(CALLS).flatMap(([actor, operations]) =>
      operations.filter((one) => !isRead(one)).map((operation) => `${actor} ${operation}`),
    );
    expect([...made].sort()).toEqual([...new Set(declared)].sort());
  });

  test.each(SEEDS)(
    'before or after any write of history %i, breaks no promise',
    async (seed) => {
      for await (const { fault, violations } of sweepWrites(seed, [
        'crash-before',
        'crash-after',
      ])) {
        expect({ fault, violations }).toEqual({ fault, violations: [] });
      }
    },
    120_000,
  );
});
