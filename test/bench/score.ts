import Table from 'cli-table3';
import {
  type CallerScore,
  callerPoints,
  callerTerms,
  cardFor,
  compileCallerScore,
} from '../../lib/domain/caller-score.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { FEATURES, type FeatureVector } from '../../lib/domain/features.ts';
import { type Contestant, measure } from './measure.ts';

const CALLERS = 1024;
const SCORES = 1_000_000;
const ROUNDS = 5;
const WARM_UP_ROUNDS = 1;
const TARGET = 1_000_000;
/** Every so many callers lack a value: a share of nothing. */
const MISSING_EVERY = 16;

/** Callers whose values fall into all bins of a scorecard: each term's bounds, and values around them. */
function callersOf({ habit, burst }: CallerScore): FeatureVector[] {
  const terms = [...habit.scorecard.terms, ...(burst?.scorecard.terms ?? [])];
  const bounds = FEATURES.map((_, feature) =>
    terms.filter((term) => term.feature === feature).flatMap((term) => [...term.bounds]),
  );
  return Array.from({ length: CALLERS }, (_, caller) =>
    Float64Array.from(FEATURES, (_, feature) => {
      const own = bounds[feature] ?? [];
      const turn = caller * (2 * feature + 7);
      if (turn % MISSING_EVERY === 1) return Number.NaN;
      const bound = own[turn % Math.max(1, own.length)] ?? 1;
      return turn % 3 === 0 ? bound * 0.9 : bound * 1.1;
    }),
  );
}

/** The least that any scorecard does: as many numbers as it has terms, one from a table each, added up. */
function sumOfTables(callers: readonly FeatureVector[], score: CallerScore): number {
  const tables = score.habit.scorecard.terms.map(({ feature, points }) => ({ feature, points }));
  let sum = 0;
  for (let i = 0; i < SCORES; i++) {
    const features = callers[i % CALLERS] as FeatureVector;
    for (const { feature, points } of tables) {
      const bin = (features[feature] as number) > 1 ? points.length - 1 : 0;
      sum += points[bin] as number;
    }
  }
  return keep(sum);
}

function pointsAlone(callers: readonly FeatureVector[], score: CallerScore): number {
  let sum = 0;
  for (let i = 0; i < SCORES; i++)
    sum += callerPoints(score, callers[i % CALLERS] as FeatureVector);
  return keep(sum);
}

function pointsAndReasons(callers: readonly FeatureVector[], score: CallerScore): number {
  let sum = 0;
  for (let i = 0; i < SCORES; i++) {
    const features = callers[i % CALLERS] as FeatureVector;
    // The score is the sum of its reasons, exactly: who wants both needs one pass.
    sum += cardFor(score, features).scorecard.base;
    for (const { points } of callerTerms(score, features)) sum += points;
  }
  return keep(sum);
}

/** So that no compiler takes the work for idle. */
function keep(sum: number): number {
  if (Number.isNaN(sum)) throw new Error('a score is not a number');
  return SCORES;
}

function millions(perSecond: number): string {
  return `${(perSecond / 1e6).toFixed(2)} M`;
}

/** Measures how often a second the shipped policy scores a caller's features, beside a floor. */
export async function run(): Promise<void> {
  const score = compileCallerScore(loadDefaultPolicy().scoring);
  const callers = callersOf(score);
  const contestants: Contestant[] = [
    { name: 'points and all reasons', run: () => pointsAndReasons(callers, score) },
    { name: 'points alone', run: () => pointsAlone(callers, score) },
    { name: 'floor: a table look-up a term', run: () => sumOfTables(callers, score) },
  ];
  const measured = await measure(contestants, ROUNDS, WARM_UP_ROUNDS);
  const floor = measured.at(-1)?.perCoreSecond ?? Number.NaN;
  const table = new Table({
    head: ['scoring', 'scores/s/core', 'lowest', 'highest', '× floor'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { name, perCoreSecond, range } of measured) {
    const share = (perCoreSecond / floor).toFixed(2);
    table.push([name, millions(perCoreSecond), ...range.map(millions), share]);
  }
  console.log(
    `${score.habit.scorecard.terms.length} terms and ${score.rules.length} rules, ${CALLERS} callers. Median of ${ROUNDS} rounds of ${millions(SCORES)} scores,\nby processor time of the whole process, garbage collection included.\n`,
  );
  console.log(table.toString());
  const reached = measured[0]?.perCoreSecond ?? 0;
  console.log(
    `Target ${millions(TARGET)} scores/s/core with reasons: ${reached >= TARGET ? 'reached' : 'missed'}.\n`,
  );
}
