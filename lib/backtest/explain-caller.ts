import type { Readable } from 'node:stream';
import {
  callerPoints,
  callerProbability,
  callerTerms,
  cardFor,
  compileCallerScore,
} from '../domain/caller-score.ts';
import { createFeatureVector, featuresByName } from '../domain/features.ts';
import type { PartyNumber } from '../domain/phone-number.ts';
import type { Policy } from '../domain/policy.ts';
import { createLegFolder, type Judgement } from '../domain/profile/fold-legs.ts';
import { Profile } from '../domain/profile/profile.ts';
import { computeFeatures } from '../domain/profile/profile-features.ts';
import type { HistoryCall } from './history-call.ts';
import { legOfHistory } from './leg-of-history.ts';
import { NumberRegistry } from './number-registry.ts';
import { historyContext, readerOfEach, readHistory } from './read-history.ts';

/** What a policy makes of one caller in a history. */
export interface CallerInHistory {
  readonly calls: number;
  /** Each time the caller was found risky. */
  readonly judgements: readonly Judgement[];
  /** Points from which the card that judged would have found the caller risky. */
  readonly riskyAt: number;
  /** The score as of the last settled call, found risky or not. */
  readonly asOf: Pick<Judgement, 'base' | 'features' | 'points' | 'terms'> & {
    readonly finding: Pick<Judgement['finding'], 'probability'>;
  };
}

/**
 * Replays the calls of one number, and tells how it was judged.
 *
 * @param until epoch ms; later calls are left out
 * @returns undefined when the number is in no call
 * @throws {FeedError} when the input cannot be read on
 */
export async function explainCallerInHistory(
  input: Readable,
  policy: Policy,
  notation: string,
  country: string,
  until: number,
): Promise<CallerInHistory | undefined> {
  const context = historyContext(country);
  const { normaliseNumber } = context;
  const numbers = new NumberRegistry({ normaliseNumber, country });
  const party: PartyNumber | undefined = normaliseNumber(notation);
  if (party === undefined) return undefined;
  const place = numbers.ofParty(party);
  const fold = createLegFolder(policy);
  const judgements: Judgement[] = [];
  let profile: Buffer | undefined;
  let calls = 0;
  const take = (call: HistoryCall) => {
    if ((call.caller !== place && call.callee !== place) || call.startMs > until) return;
    const leg = legOfHistory(call, call.caller === place, numbers);
    const folded = fold(profile, leg.number, [leg]);
    profile = folded.profile;
    calls += folded.applied;
    judgements.push(...folded.findings);
  };
  await readHistory(input, readerOfEach(take), { numbers, context });
  if (profile === undefined) return undefined;
  return { calls, judgements, ...scoreOf(profile, policy) };
}

function scoreOf(stored: Buffer, { scoring }: Policy): Pick<CallerInHistory, 'asOf' | 'riskyAt'> {
  const profile = new Profile();
  profile.load(stored);
  const features = computeFeatures(profile, createFeatureVector());
  const score = compileCallerScore(scoring);
  const card = cardFor(score, features);
  const points = callerPoints(score, features);
  const asOf = {
    points,
    finding: { probability: callerProbability(score, points) },
    base: card.scorecard.base,
    terms: callerTerms(score, features),
    features: featuresByName(features),
  };
  return { asOf, riskyAt: card.riskyAt };
}
