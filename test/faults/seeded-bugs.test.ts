import { describe, expect, test } from 'vitest';
import { drawHistory } from './draw-history.ts';
import { violationsOf } from './invariants.ts';
import { runHistory } from './run-history.ts';
import { SEEDED_BUGS } from './seeded-bugs.ts';
import { shrink, sizeOf } from './shrink.ts';
import { tellStory } from './story.ts';

describe('a product with one mistake', () => {
  test.each(SEEDED_BUGS)('that $name is caught', async (bug) => {
    const { rule, seed } = bug.caughtBy;
    const history = drawHistory(seed);

    const broken = await violationsOf(await runHistory(history, { bug }));

    expect(broken.map((violation) => violation.rule)).toContain(rule);
    expect(await violationsOf(await runHistory(history))).toEqual([]);
  });

  test('is shown by a short story of what it broke', async () => {
    const bug = SEEDED_BUGS.find(({ name }) => name === 'never takes a claim over');
    const whole = drawHistory(bug?.caughtBy.seed ?? 0);
    const first = await violationsOf(await runHistory(whole, { bug }));

    const { history, violations } = await shrink(whole, first, bug);

    expect(violations[0]?.rule).toBe('every warning ends');
    expect(sizeOf(history)).toBeLessThan(sizeOf(whole) / 2);
    const story = await tellStory(history, bug);
    expect(story).toContain('dies');
    expect(story).toMatch(/every warning ends: \w+ is claimed$/);
  });
});
