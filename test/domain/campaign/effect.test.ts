import { describe, expect, test } from 'vitest';
import {
  addPerson,
  type Comparison,
  effectOf,
  emptyGroup,
  type GroupSums,
  verdictOf,
} from '../../../lib/domain/campaign/effect.ts';
import { type Random, seededRandom } from '../../../lib/fitting/random.ts';

function poisson(mean: number, random: Random): number {
  let count = 0;
  for (let product = random(); product > Math.exp(-mean); product *= random()) count += 1;
  return count;
}

const exponential = (mean: number, random: Random) => -mean * Math.log(1 - random());

/**
 * People of whom a few are called by swindlers, again and again, and talk for long: far from any Poisson law, as life
 * is. Their mean exposures are `share × 2`, and their mean minutes 6 times that.
 */
function groupOf(people: number, share: number, random: Random): GroupSums {
  const sums = emptyGroup();
  for (let i = 0; i < people; i++) {
    const exposures = random() < share ? poisson(exponential(2, random), random) : 0;
    let talkMinutes = 0;
    for (let call = 0; call < exposures; call++) talkMinutes += exponential(6, random);
    addPerson(sums, { exposures, talkMinutes });
  }
  return sums;
}

/** Of the people who are called, two in three are called at least once: 1 / (1 + 1 / 2). */
const EXPOSED = 2 / 3;

interface Truth {
  readonly texted: number;
  readonly heldOut: number;
}

/** How many of many repeated campaigns have the true value within their bounds. */
function coverage({ texted, heldOut }: Truth, sizes: Truth, rounds: number, seed: number) {
  const random = seededRandom(seed);
  const covered = { share: 0, exposures: 0, talk: 0, shareRatio: 0, exposureRatio: 0, ratios: 0 };
  const holds = (bounds: Comparison['difference'], truth: number) =>
    Number(bounds.low <= truth && truth <= bounds.high);
  for (let round = 0; round < rounds; round++) {
    const effect = effectOf(
      groupOf(sizes.texted, texted, random),
      groupOf(sizes.heldOut, heldOut, random),
    );
    covered.share += holds(effect.exposedShare.difference, (texted - heldOut) * EXPOSED);
    covered.exposures += holds(effect.exposures.difference, (texted - heldOut) * 2 * 1_000);
    covered.talk += holds(effect.talkMinutes.difference, (texted - heldOut) * 12 * 1_000);
    if (effect.exposures.ratio && effect.exposedShare.ratio) {
      covered.ratios += 1;
      covered.shareRatio += holds(effect.exposedShare.ratio, texted / heldOut);
      covered.exposureRatio += holds(effect.exposures.ratio, texted / heldOut);
    }
  }
  return {
    share: covered.share / rounds,
    exposures: covered.exposures / rounds,
    talk: covered.talk / rounds,
    shareRatio: covered.shareRatio / covered.ratios,
    exposureRatio: covered.exposureRatio / covered.ratios,
  };
}

describe('The effect of a campaign', () => {
  test.each<[string, Truth, Truth]>([
    ['a campaign that helps', { texted: 0.03, heldOut: 0.05 }, { texted: 4_500, heldOut: 1_500 }],
    ['one that does nothing', { texted: 0.05, heldOut: 0.05 }, { texted: 4_500, heldOut: 1_500 }],
    ['rare calls', { texted: 0.015, heldOut: 0.02 }, { texted: 6_000, heldOut: 2_000 }],
  ])('lies within its bounds in 95 of 100 campaigns: %s', (_name, truth, sizes) => {
    const rounds = 600;
    const found = coverage(truth, sizes, rounds, 20_261_127);
    // Of 600 rounds at 95 %, fewer than 92.5 % or more than 97.5 % is one draw in 200.
    for (const share of Object.values(found)) {
      expect(share).toBeGreaterThanOrEqual(0.925);
      expect(share).toBeLessThanOrEqual(0.985);
    }
  });

  test('is found when it is large, and said to be undecided when the group is too small', () => {
    const random = seededRandom(7);
    const large = effectOf(groupOf(30_000, 0.02, random), groupOf(10_000, 0.05, random));
    expect(verdictOf(large.exposedShare)).toBe('fewer');
    expect(verdictOf(large.talkMinutes)).toBe('fewer');
    expect(large.exposures.ratio?.high).toBeLessThan(1);
    const small = effectOf(groupOf(300, 0.04, random), groupOf(30, 0.05, random));
    expect(verdictOf(small.exposedShare)).toBe('undecided');
    expect(small.exposures.ratio).toBeUndefined();
    const worse = effectOf(groupOf(30_000, 0.05, random), groupOf(10_000, 0.02, random));
    expect(verdictOf(worse.exposures)).toBe('more');
  });

  test('is told of nobody without a number that is none', () => {
    const effect = effectOf(emptyGroup(), emptyGroup());
    expect(JSON.stringify(effect)).not.toContain('null');
    expect(verdictOf(effect.exposedShare)).toBe('undecided');
  });

  test('gives the figures of a small table worked by hand', () => {
    const [texted, heldOut] = [emptyGroup(), emptyGroup()];
    for (let i = 0; i < 100; i++) addPerson(texted, { exposures: 0, talkMinutes: 0 });
    for (let i = 0; i < 12; i++) addPerson(texted, { exposures: 1, talkMinutes: 5 });
    for (let i = 0; i < 30; i++) addPerson(heldOut, { exposures: 0, talkMinutes: 0 });
    for (let i = 0; i < 10; i++) addPerson(heldOut, { exposures: 2, talkMinutes: 10 });
    const { exposedShare, exposures, talkMinutes } = effectOf(texted, heldOut);
    expect(exposedShare.texted).toBeCloseTo(12 / 112);
    expect(exposedShare.heldOut).toBeCloseTo(0.25);
    expect(exposures.difference.value).toBeCloseTo((12 / 112 - 0.5) * 1_000);
    expect(talkMinutes.ratio?.value).toBeCloseTo(60 / 112 / 2.5);
    // Newcombe's bounds, from Wilson's (0.0624, 0.1783) and (0.1419, 0.4019).
    expect(exposedShare.difference.low).toBeCloseTo(-0.3012, 3);
    expect(exposedShare.difference.high).toBeCloseTo(-0.0133, 3);
  });
});
