import type { CallerCard, CallerScore } from '../caller-score.ts';
import { FEATURES, type Feature } from '../features.ts';
import { pointsOf } from '../scorecard.ts';
import type { Profile } from './profile.ts';
import { FEATURE_READERS, type FeatureReader, madeInDay } from './profile-features.ts';

type CompiledTerm = CallerCard['scorecard']['terms'][number];

/** Share of all points that sums in another order may differ by, many times over. */
const ROUNDING = 1e-9;

/** The terms of a card, those first that rule out most for the least work. */
class CardBound {
  readonly card: CallerCard;
  private readonly terms: readonly CompiledTerm[];
  private readonly readers: readonly FeatureReader[];
  /** The most that the terms from here on, and all rules, can give. */
  private readonly rest: Float64Array;
  private readonly limit: number;

  constructor(card: CallerCard, mostOfRules: number) {
    const { base, terms } = card.scorecard;
    this.card = card;
    this.terms = terms.toSorted((a, b) => worth(b) - worth(a));
    this.readers = this.terms.map(({ feature }) => FEATURE_READERS[feature] ?? notANumber);
    this.rest = new Float64Array(terms.length + 1).fill(mostOfRules);
    for (let i = terms.length - 1; i >= 0; i--) {
      this.rest[i] = (this.rest[i + 1] as number) + mostOf(this.terms[i] as CompiledTerm);
    }
    const all = terms.reduce((sum, term) => sum + Math.abs(mostOf(term)) + spread(term), 0);
    const size = Math.abs(base) + all + mostOfRules + Math.abs(card.riskyAt);
    this.limit = card.riskyAt - size * ROUNDING;
  }

  staysBelow(profile: Profile): boolean {
    const { limit, readers, rest, terms } = this;
    let sum = this.card.scorecard.base;
    for (let i = 0; i < terms.length; i++) {
      if (sum + (rest[i] as number) < limit) return true;
      sum += pointsOf(terms[i] as CompiledTerm, (readers[i] as FeatureReader)(profile));
    }
    return sum + (rest[terms.length] as number) < limit;
  }
}

/**
 * Tells of most callers, by a few features, that they cannot be risky: their points so far, with the most that
 * the other terms and the rules could give, stay below the threshold. Of the others it says nothing.
 */
export class RiskBound {
  private readonly score: CallerScore;
  private readonly habit: CardBound;
  private readonly burst: CardBound | undefined;

  constructor(score: CallerScore) {
    this.score = score;
    const mostOfRules = score.rules.reduce((sum, { points }) => sum + Math.max(0, points), 0);
    this.habit = new CardBound(score.habit, mostOfRules);
    this.burst = score.burst && new CardBound(score.burst, mostOfRules);
  }

  /** @param made calls made over the month */
  staysBelow(profile: Profile, made: number): boolean {
    const { burst, habit } = this;
    const { shareAtLeast } = this.score.burst ?? {};
    if (burst === undefined || shareAtLeast === undefined) return habit.staysBelow(profile);
    const isBurst = madeInDay(profile) >= shareAtLeast * made;
    return (isBurst ? burst : habit).staysBelow(profile);
  }
}

/** What it takes to work out a feature, where it is more than a sum or two. */
const WORK = new Map<Feature, number>([
  ['two-way-share', 2],
  ['top-contact-share', 2],
  ['busiest-hour-share', 4],
  ['distinct-hours', 4],
]);

/**
 * What an ordinary caller shows: terms that take most from it come first. It decides how soon a caller is ruled out,
 * never whether.
 */
const ORDINARY: Readonly<Record<Feature, number>> = {
  'calls-made-hour': 2,
  'calls-made-day': 16,
  'calls-made-month': 40,
  'new-contact-share': 0.25,
  'made-share-day': 0.6,
  'answered-share': 0.85,
  'mean-talk-seconds': 70,
  'two-way-share': 0.4,
  'calls-per-contact': 3,
  'made-share': 0.6,
  'mean-call-seconds': 80,
  'busiest-hour-share': 0.15,
  'distinct-hours': 15,
  'top-contact-share': 0.2,
  handsets: 1,
  places: 3,
  international: 0,
};

function notANumber(): number {
  return Number.NaN;
}

function mostOf({ missing, points }: CompiledTerm): number {
  return Math.max(missing, ...points);
}

function spread(term: CompiledTerm): number {
  return mostOf(term) - Math.min(term.missing, ...term.points);
}

/** Points that an ordinary caller has fewer than the most, for the work. */
function worth(term: CompiledTerm): number {
  const feature = FEATURES[term.feature];
  if (feature === undefined) return 0;
  return (mostOf(term) - pointsOf(term, ORDINARY[feature])) / (WORK.get(feature) ?? 1);
}
