import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../lib/simulation/seeded-random.ts';
import {
  measureTextEffect,
  type RiskyTalk,
  type TextMoment,
} from '../../../lib/study/measures/text-effect.ts';

const HOUR = 3_600;
const AT = 1_000 * HOUR;

/** People who talk in bursts at random hours around the moment, less after it by so much. */
function people(name: string, count: number, kept: number, seed: number) {
  const random = new SeededRandom(seed);
  const moments: TextMoment[] = [];
  const talks: RiskyTalk[] = [];
  for (let i = 0; i < count; i++) {
    const person = `${name}${i}`;
    moments.push({ person, at: AT });
    for (let hour = -24; hour < 24; hour += 2) {
      if (!random.chance(0.3) || (hour >= 0 && !random.chance(kept))) continue;
      const seconds = Math.round(random.logNormal(200, 0.8));
      talks.push({ person, start: AT + hour * HOUR, seconds });
    }
  }
  return { moments, talks };
}

describe('measureTextEffect', () => {
  test('divides a call by the text that came during it', () => {
    const effect = measureTextEffect({
      texted: [{ person: 'a', at: AT }],
      talks: [{ person: 'a', start: AT - 300, seconds: 420 }],
      knownUntil: AT + 24 * HOUR,
    });
    expect(effect).toMatchObject({
      people: 1,
      before: { calls: 1, minutes: 5 },
      after: { calls: 0, minutes: 2 },
    });
    expect(effect).not.toHaveProperty('change');
  });

  test('looks at nobody whose hours after the text are not over, and at the first text only', () => {
    const input = {
      texted: [
        { person: 'a', at: AT + 9 * HOUR },
        { person: 'a', at: AT },
        { person: 'b', at: AT + HOUR },
      ],
      talks: [],
      knownUntil: AT + 24 * HOUR,
    };
    expect(measureTextEffect(input)?.people).toBe(1);
    expect(measureTextEffect({ ...input, knownUntil: AT })).toBeUndefined();
  });

  test('finds an effect that is there, and says how sure it is', () => {
    const texted = people('t', 300, 0.4, 1);
    const held = people('h', 200, 1, 2);
    const effect = measureTextEffect({
      texted: texted.moments,
      heldOut: held.moments,
      talks: [...texted.talks, ...held.talks],
      knownUntil: AT + 24 * HOUR,
    });
    expect(effect?.change?.calls.high).toBeLessThan(0);
    const difference = effect?.heldOut?.difference?.calls;
    expect(difference?.high).toBeLessThan(0);
    // 12 moments × 0.3, of which 0.6 are gone.
    expect(difference?.low).toBeLessThan(-12 * 0.3 * 0.6);
    expect(difference?.high).toBeGreaterThan(-12 * 0.3 * 0.6 - 0.8);
  });

  test('claims no effect where there is none, in all but a few of many tries', () => {
    let claims = 0;
    for (let seed = 10; seed < 30; seed++) {
      const texted = people('t', 60, 1, seed);
      const held = people('h', 60, 1, seed + 100);
      const effect = measureTextEffect({
        texted: texted.moments,
        heldOut: held.moments,
        talks: [...texted.talks, ...held.talks],
        knownUntil: AT + 24 * HOUR,
      });
      const { low = 0, high = 0 } = effect?.heldOut?.difference?.minutes ?? {};
      if (low > 0 || high < 0) claims++;
    }
    expect(claims).toBeLessThanOrEqual(3);
  });
});
