import { describe, expect, test } from 'vitest';
import { drawHistory } from './draw-history.ts';
import { BATCH_FAULTS, CALL_FAULTS } from './history.ts';
import { violationsOf } from './invariants.ts';
import { runHistory } from './run-history.ts';
import { tellStory } from './story.ts';

const FIRST_SEED = 1;
const RUNS = 500;

describe('the product under every fault there is', () => {
  test('loses nothing, doubles nothing and leaks nothing', async () => {
    const sums = { texts: 0, cases: 0, tasks: 0, quarantined: 0 };
    const fired = new Set<string>();
    for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
      const history = drawHistory(seed);
      const after = await runHistory(history);
      expect({ seed, broken: await violationsOf(after) }).toEqual({ seed, broken: [] });
      sums.texts += after.texts.taken.length;
      sums.cases += after.workflows.executions.size;
      sums.tasks += after.accepted.length;
      sums.quarantined += after.objects.size;
      for (const fault of history.faults) {
        const { kind, name } =
          fault.on === 'call'
            ? { kind: fault.kind, name: `${fault.actor} ${fault.operation} ${fault.nth}` }
            : fault.on === 'batch'
              ? { kind: fault.kind, name: `batch ${fault.nth} of ${fault.source}` }
              : { kind: fault.on, name: '' };
        if (name === '' || after.fired.has(name)) fired.add(kind);
      }
    }
    for (const sum of Object.values(sums)) expect(sum).toBeGreaterThan(RUNS / 10);
    for (const kind of [...CALL_FAULTS, ...BATCH_FAULTS]) expect(fired).toContain(kind);
  }, 120_000);

  test('goes the same way whenever it is run with the same seed', async () => {
    for (const seed of [7, 49, 335]) {
      const history = drawHistory(seed);
      expect(await tellStory(history, undefined)).toBe(
        await tellStory(drawHistory(seed), undefined),
      );
    }
  });
});
