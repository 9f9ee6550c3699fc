import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exposure } from '../../../lib/domain/exposure.ts';
import {
  type Case,
  createDecider,
  type NameDecisions,
  type Warning,
} from '../../../lib/domain/subject/decide.ts';
import type { SubjectState } from '../../../lib/domain/subject/subject-state.ts';
import { episodeScale, weighEpisode } from '../../../lib/domain/subject/weigh-episode.ts';
import { exposureOf, findingOf, MORNING, SUBJECT, tokenOf } from '../factories.ts';
import { WEIGHING_POLICY as POLICY } from './weighing-policy.ts';

const decide = createDecider(POLICY);
const nameOf: NameDecisions = (subject, what, ordinal) => `${subject} ${what} ${ordinal}`;

function outcomeOf(batches: readonly (readonly Exposure[])[]) {
  let state: SubjectState | undefined;
  const warnings: string[] = [];
  const tiers = new Map<string, string>();
  for (const batch of batches) {
    const decision = decide(state, batch, nameOf);
    state = decision.state;
    warnings.push(...decision.warnings.map(({ id, subject }) => `${id} ${subject}`));
    for (const { id, tier } of decision.cases) {
      expect(tiers.has(id)).toBe(false);
      tiers.set(id, tier);
    }
    for (const { caseId, tier } of decision.raised) tiers.set(caseId, tier);
  }
  return { state: JSON.stringify(state), warnings: warnings.sort(), cases: [...tiers].sort() };
}

/** Exposures of one day: one episode, from several callers, with the starts and ends of their calls. */
const oneDay = fc
  .uniqueArray(
    fc.record({
      second: fc.integer({ min: 0, max: 23 * 3_600 }),
      foundAfter: fc.integer({ min: -7_200, max: 7_200 }),
      duration: fc.integer({ min: 0, max: 1_500 }),
      caller: fc.nat({ max: 3 }),
      missed: fc.integer({ min: 0, max: 4 }),
      how: fc.constantFrom('whole', 'start', 'start and end'),
      points: fc.constantFrom(0.1, 0.7, 1.3, 2.6, 3.1, 7.2, 8.4),
      circumstances: fc.constantFrom(0, 0, 0, 0.6, 2.2),
      foundAgain: fc.constantFrom(undefined, undefined, 1.9),
      listed: fc.constantFrom(undefined, undefined, undefined, undefined, 2.9, 7.4),
    }),
    { selector: ({ second }) => second, minLength: 1, maxLength: 60 },
  )
  .map((calls) =>
    calls.flatMap((call, i): Exposure[] => {
      const start = MORNING + call.second;
      const missed = call.missed === 0;
      const whole = exposureOf({
        call: i + 1,
        caller: tokenOf(call.caller),
        start,
        duration: missed ? 0 : call.duration,
        answered: !missed,
        finding: findingOf({ at: start + call.foundAfter, points: call.points }),
      });
      const started = { ...whole, duration: undefined };
      const more: Exposure[] = [];
      if (call.circumstances > 0) {
        const reasons = [
          { id: 'first-call-from-abroad', points: call.circumstances },
          { id: 'long-call', points: 0.1 },
        ];
        const finding = findingOf({ at: start, points: call.circumstances + 0.1, reasons });
        more.push({ ...whole, side: 'subject', finding });
      }
      if (call.foundAgain !== undefined) {
        const finding = findingOf({ at: start + 7_300, points: call.foundAgain, kind: 'other' });
        more.push({ ...whole, finding });
      }
      if (call.listed !== undefined) {
        // A call counts when its number is listed: later than a day after the first, it would be another episode.
        const at = Math.min(start + 2 * call.foundAfter, MORNING + 86_400);
        more.push({ ...whole, side: 'list', finding: findingOf({ at, points: call.listed }) });
      }
      if (call.how === 'start') return [started];
      return call.how === 'whole' ? [whole, ...more] : [started, whole, ...more];
    }),
  );

const shuffledAndCut = (exposures: readonly Exposure[]) =>
  fc.tuple(
    fc.shuffledSubarray([...exposures, ...exposures.slice(0, 5)], {
      minLength: exposures.length + Math.min(5, exposures.length),
    }),
    fc.array(fc.nat({ max: exposures.length }), { maxLength: 6 }),
  );

function cut(list: readonly Exposure[], cuts: readonly number[]): Exposure[][] {
  const places = cuts.toSorted((a, b) => a - b);
  return [0, ...places].map((from, i) => list.slice(from, places[i] ?? list.length));
}

describe('the same exposures of a day', () => {
  it('lead to the same state, warnings and cases in any order, repeated, in any batches', () => {
    let warned = 0;
    let cases = 0;
    fc.assert(
      fc.property(
        oneDay.chain((day) => fc.tuple(fc.constant(day), shuffledAndCut(day))),
        ([day, [shuffled, cuts]]) => {
          const expected = outcomeOf([day]);
          warned += expected.warnings.length;
          cases += expected.cases.length;
          expect(outcomeOf(cut(shuffled, cuts))).toEqual(expected);
        },
      ),
      { numRuns: 400 },
    );
    expect(warned).toBeGreaterThan(200);
    expect(cases).toBeGreaterThan(100);
  });
});

describe('what is decided', () => {
  const sumOf = ({ terms }: Warning | Case) => terms.reduce((sum, { points }) => sum + points, 0);

  it('is the sum of its terms exactly, and weighs enough to be acted on', () => {
    let seen = 0;
    fc.assert(
      fc.property(oneDay, (day) => {
        let state: SubjectState | undefined;
        for (const exposure of day) {
          const decision = decide(state, [exposure], nameOf);
          state = decision.state;
          for (const made of [...decision.warnings, ...decision.cases]) {
            seen++;
            expect(sumOf(made)).toBe(made.points);
            expect(made.points).toBeGreaterThanOrEqual(POLICY.subjects.warnAt);
            expect(made.probability).toBeGreaterThan(0);
            expect(made.probability).toBeLessThan(1);
          }
        }
      }),
      { numRuns: 200 },
    );
    expect(seen).toBeGreaterThan(100);
  });

  it('never weighs less for one exposure more', () => {
    const scale = episodeScale(POLICY.subjects, POLICY.scoring.scorecard.fraudShare);
    fc.assert(
      fc.property(oneDay, (day) => {
        let state: SubjectState | undefined;
        let before = Number.NEGATIVE_INFINITY;
        // Beyond those that are kept, the oldest are forgotten.
        for (const exposure of day.slice(0, 40)) {
          state = decide(state, [exposure], nameOf).state;
          const answered = state.exposures.filter((held) => held.answered);
          const weight = weighEpisode(answered, scale, undefined);
          if (weight === undefined) continue;
          expect(weight.points).toBeGreaterThanOrEqual(before);
          before = weight.points;
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('exposures of many days', () => {
  it('never bring more texts than cooldown and cap allow', () => {
    const days = fc.array(
      fc.record({ gap: fc.integer({ min: 1, max: 3 * 86_400 }), found: fc.nat({ max: 86_400 }) }),
      { minLength: 5, maxLength: 40 },
    );
    fc.assert(
      fc.property(days, (list) => {
        let start = MORNING;
        const exposures = list.map(({ gap, found }, i) => {
          start += gap;
          return exposureOf({ call: i + 1, start, finding: findingOf({ at: start + found }) });
        });
        // News comes in the order in which it comes to light.
        const lightOf = (one: Exposure) => Math.max(one.start, one.finding.at);
        exposures.sort((a, b) => lightOf(a) - lightOf(b));
        const texts: number[] = [];
        let state: SubjectState | undefined;
        for (const exposure of exposures) {
          const decision = decide(state, [exposure], nameOf);
          state = decision.state;
          expect(decision.warnings.every((warning) => warning.subject === SUBJECT)).toBe(true);
          texts.push(...decision.warnings.map((warning) => warning.decidedAt));
        }
        texts.sort((a, b) => a - b);
        texts.forEach((text, i) => {
          const before = texts[i - 1];
          const fourth = texts[i + 3];
          if (before !== undefined) expect(text - before).toBeGreaterThanOrEqual(86_400);
          if (fourth !== undefined) expect(fourth - text).toBeGreaterThanOrEqual(30 * 86_400);
        });
      }),
      { numRuns: 150 },
    );
  });
});
