import type { Readable } from 'node:stream';
import { runBacktest } from '../../backtest/backtest.ts';
import { measureBacktest, type PolicyMeasures } from '../../backtest/measures.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Mapping } from '../../feeds/mapping-schema.ts';
import type { TruthFile } from '../../simulation/truth-file.ts';
import { type Interval, shareInterval } from './intervals.ts';

/** What can be moved; each is one number of the policy. */
export const POLICY_KNOBS = ['riskyAt', 'warnAt', 'cooldownHours'] as const;
export type PolicyKnob = (typeof POLICY_KNOBS)[number];

/** What a policy did on the calls that it was tried on. */
export interface TrialFigures {
  readonly textsPer100kAndDay: number;
  readonly callersFound: number;
  readonly cases: number;
  readonly officerHoursPerDay: number;
  /** With labels: share of texts that were right. */
  readonly precision?: Interval & { readonly value: number | null };
  /** With labels: share of deceived people who were warned in time. */
  readonly inTime?: number | null;
}

/** One change of the policy, tried on calls. */
export interface PolicyTrial {
  readonly knob: PolicyKnob;
  readonly from: number;
  readonly to: number;
  readonly live: TrialFigures;
  readonly changed: TrialFigures;
  /**
   * `better` and `worse` need labels: neither of precision and warnings in time got worse, and one got better; or the
   * other way round. Without labels it is `unjudged`: what it costs is known, and not whether it is right.
   */
  readonly verdict: 'better' | 'worse' | 'trade-off' | 'same' | 'unjudged';
}

export interface PolicyTrialOptions {
  readonly policy: Policy;
  readonly country: string;
  /** What is tried; default: all of {@link candidateChanges}. */
  readonly changes?: readonly PolicyChange[] | undefined;
  readonly truth?: TruthFile | undefined;
  readonly people?: number | undefined;
  readonly mapping?: Mapping | undefined;
  /** Calls before only fill the memory. */
  readonly countFromMs?: number | undefined;
  /** After each change that was tried. */
  readonly onTrial?: (done: number, of: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A number of the policy, and what it is to become. */
export interface PolicyChange {
  readonly knob: PolicyKnob;
  readonly to: number;
}

const POINTS_STEP = 0.5;
/** A share must move by so much, or it is taken for the same. */
const NOTICEABLE = 0.01;

/** The moves that are tried: half a point up and down for both thresholds, half and twice the cooldown. */
export function candidateChanges({ scoring, subjects, warnings }: Policy): PolicyChange[] {
  return [
    { knob: 'riskyAt', to: round(scoring.riskyAt - POINTS_STEP) },
    { knob: 'riskyAt', to: round(scoring.riskyAt + POINTS_STEP) },
    { knob: 'warnAt', to: round(subjects.warnAt - POINTS_STEP) },
    { knob: 'warnAt', to: round(subjects.warnAt + POINTS_STEP) },
    { knob: 'cooldownHours', to: round(warnings.cooldownHours / 2) },
    { knob: 'cooldownHours', to: round(warnings.cooldownHours * 2) },
  ];
}

/** The policy with one number moved. The burst card's threshold moves with the habit card's, by as much. */
export function changedPolicy(policy: Policy, { knob, to }: PolicyChange): Policy {
  const { scoring, subjects, warnings } = policy;
  switch (knob) {
    case 'riskyAt': {
      const { burst } = scoring;
      const by = to - scoring.riskyAt;
      const moved = burst && { ...burst, riskyAt: round(burst.riskyAt + by) };
      return { ...policy, scoring: { ...scoring, riskyAt: to, ...(moved && { burst: moved }) } };
    }
    case 'warnAt':
      return { ...policy, subjects: { ...subjects, warnAt: to } };
    case 'cooldownHours':
      return { ...policy, warnings: { ...warnings, cooldownHours: to } };
  }
}

/**
 * Tries changes of a policy on calls of the past, each beside the policy as it is, and says what would have been.
 *
 * @param openCalls the same calls each time
 * @throws {FeedError} when the calls cannot be read on
 */
export async function tryPolicyChanges(
  openCalls: () => Readable,
  {
    policy,
    changes,
    truth,
    country,
    people,
    mapping,
    countFromMs,
    onTrial,
    signal,
  }: PolicyTrialOptions,
): Promise<PolicyTrial[]> {
  const candidates = changes ?? candidateChanges(policy);
  const trials: PolicyTrial[] = [];
  for (const candidate of candidates) {
    const against = changedPolicy(policy, candidate);
    const backtest = await runBacktest(
      openCalls(),
      { policy, against, truth, country, people, mapping, countFromMs },
      { ...(signal && { signal }) },
    );
    if (signal?.aborted) break;
    const [live, changed] = measureBacktest(backtest, undefined, people).policies.map(figuresOf);
    if (live === undefined || changed === undefined) continue;
    const from = numberOf(policy, candidate.knob);
    trials.push({ ...candidate, from, live, changed, verdict: verdictOf(live, changed) });
    onTrial?.(trials.length, candidates.length);
  }
  return trials;
}

function numberOf({ scoring, subjects, warnings }: Policy, knob: PolicyKnob): number {
  return {
    riskyAt: scoring.riskyAt,
    warnAt: subjects.warnAt,
    cooldownHours: warnings.cooldownHours,
  }[knob];
}

function figuresOf({
  warnings,
  callersFound,
  tiers,
  officerHoursPerDay,
  truth,
}: PolicyMeasures): TrialFigures {
  return {
    textsPer100kAndDay: warnings.sentPer100kNumbersAndDay,
    callersFound,
    cases: Object.values(tiers).reduce((sum, { cases }) => sum + cases, 0),
    officerHoursPerDay,
    ...(truth !== undefined && {
      precision: {
        value: truth.texts.precision,
        ...shareInterval(truth.texts.right, truth.texts.texts),
      },
      inTime: truth.deceived.inTimeShare,
    }),
  };
}

function verdictOf(live: TrialFigures, changed: TrialFigures): PolicyTrial['verdict'] {
  if (live.precision === undefined || changed.precision === undefined) return 'unjudged';
  const moves = [
    (changed.precision.value ?? 0) - (live.precision.value ?? 0),
    (changed.inTime ?? 0) - (live.inTime ?? 0),
  ];
  const better = moves.some((move) => move >= NOTICEABLE);
  const worse = moves.some((move) => move <= -NOTICEABLE);
  if (better && worse) return 'trade-off';
  if (better) return 'better';
  return worse ? 'worse' : 'same';
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
