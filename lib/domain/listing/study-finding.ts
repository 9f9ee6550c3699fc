import type { FraudKind } from '../fraud-kind.ts';
import type { NumberToken } from '../leg.ts';
import type { ListsPolicy } from './list-policy.ts';
import type { Listing, ListingChange, StudyEntry } from './listing.ts';

/** Ways in which a study finds what no single call showed. */
export const FINDING_KINDS = [
  'slow-campaign',
  'farm',
  'successor',
  'callback-trap',
  'precursor',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** One thing that speaks for a finding, with its figure and its points; words are made of it where they are shown. */
export interface Evidence {
  readonly id: string;
  readonly value: number;
  readonly points: number;
}

/** What a study says of a number. */
export interface FoundNumber {
  readonly number: NumberToken;
  readonly kind: FindingKind;
  readonly fraudKind: FraudKind;
  /** Log-odds, the sum of the evidence. */
  readonly points: number;
  readonly evidence: readonly Evidence[];
}

export const FINDING_STATES = ['waiting', 'listed', 'refused'] as const;
export type FindingState = (typeof FINDING_STATES)[number];

export const FINDING_DECISIONS = ['list', 'refuse'] as const;

/** What became of a finding once, and by whose word. */
export interface FindingDecision {
  readonly decision: (typeof FINDING_DECISIONS)[number];
  readonly reason: string;
  /** An officer, or `policy <version>`. */
  readonly by: string;
  /** By the policy alone: an officer's word stands over it. */
  readonly automatic: boolean;
  /** Epoch ms. */
  readonly at: number;
  /** Epoch seconds until which the number is listed; none for a refusal. */
  readonly until?: number;
}

/** A number that the daily study found in one way, on its path back into what is known of numbers. */
export interface StudyFinding extends FoundNumber {
  /** Names it to officers, and tells nothing of the number. */
  readonly id: string;
  /** The last local day whose study found it, YYYY-MM-DD. */
  readonly day: string;
  /** Epoch seconds after which its evidence is too old to act on. */
  readonly until: number;
  readonly status: FindingState;
  /** Epoch seconds at which the number is listed no more; only while it is. */
  readonly listedUntil?: number;
  /** The oldest first. */
  readonly decisions: readonly FindingDecision[];
}

/** What a study of a day says of a number, and how long that holds. */
export type DatedFinding = FoundNumber & Pick<StudyFinding, 'id' | 'day' | 'until'>;

/** Decisions that are remembered of one finding: its item must not grow for ever. */
const MOST_DECISIONS = 20;

/**
 * A finding after a study found it, perhaps again. What was decided holds; a listing that has ended waits for a new
 * decision, since there is evidence again. What an older day says changes nothing.
 *
 * @param now epoch seconds
 */
export function foundAgain(
  known: StudyFinding | undefined,
  { day, evidence, fraudKind, id, kind, number, points, until }: DatedFinding,
  now: number,
): StudyFinding {
  const seen = { id, number, kind, fraudKind, points, evidence: [...evidence], day, until };
  if (known === undefined) return { ...seen, status: 'waiting', decisions: [] };
  const { decisions, listedUntil, status } = known;
  const latest = day < known.day ? known : { ...known, ...seen };
  if (status !== 'listed' || (listedUntil !== undefined && listedUntil > now)) return latest;
  const { listedUntil: _ended, ...ended } = latest;
  return { ...ended, status: 'waiting', decisions };
}

/**
 * A finding after a decision on it, whatever was decided before.
 *
 * @returns undefined where that is decided already
 */
export function decideFinding(
  finding: StudyFinding,
  decision: FindingDecision,
): StudyFinding | undefined {
  const { listedUntil, ...rest } = finding;
  const status = decision.decision === 'list' ? 'listed' : 'refused';
  if (finding.status === status && listedUntil === decision.until) return undefined;
  return {
    ...rest,
    status,
    ...(decision.until !== undefined && { listedUntil: decision.until }),
    decisions: [...finding.decisions, decision].slice(-MOST_DECISIONS),
  };
}

/**
 * A finding after the policy looked at it: where it is to act by itself, a number with points enough is listed as long
 * as the evidence holds. It never goes against an officer, and what it listed itself it prolongs without a word.
 *
 * @param now epoch ms
 */
export function decideByPolicy(
  finding: StudyFinding,
  { feed, pointsAtLeast }: ListsPolicy['study'],
  policyVersion: number,
  now: number,
): StudyFinding {
  if (feed !== 'automatic' || finding.points < pointsAtLeast) return finding;
  const { decisions, listedUntil = 0, status, until } = finding;
  if (status === 'listed' && decisions.at(-1)?.automatic === true) {
    return { ...finding, listedUntil: Math.max(listedUntil, until) };
  }
  if (status !== 'waiting') return finding;
  const decision = {
    decision: 'list',
    reason: `${finding.points} points, at least ${pointsAtLeast}`,
    by: `policy ${policyVersion}`,
    automatic: true,
    at: now,
    until,
  } as const;
  return decideFinding(finding, decision) ?? finding;
}

/** What a listed finding says of its number; undefined for any other. */
function entryOf({ fraudKind, id, listedUntil, points, status }: StudyFinding) {
  return status !== 'listed' || listedUntil === undefined
    ? undefined
    : ({ points, kind: fraudKind, until: listedUntil, reference: id } satisfies StudyEntry);
}

/**
 * What is to change in a number's listing so that it says what the findings do: the strongest of those listed.
 *
 * @param findings all there are of the number
 * @param now epoch seconds
 * @returns undefined where it says that already
 */
export function listingOfFindings(
  findings: readonly StudyFinding[],
  listing: Listing | undefined,
  now: number,
): ListingChange | undefined {
  const [put] = findings
    .flatMap((finding) => entryOf(finding) ?? [])
    .filter(({ until }) => until > now)
    .toSorted((a, b) => b.points - a.points || (a.reference < b.reference ? -1 : 1));
  const stands = listing?.study;
  if (put === undefined) return stands === undefined ? undefined : { list: 'study' };
  const same =
    stands?.reference === put.reference &&
    stands.points === put.points &&
    stands.kind === put.kind &&
    stands.until === put.until;
  return same ? undefined : { list: 'study', put };
}
