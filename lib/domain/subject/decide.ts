import type { Exposure, Reason } from '../exposure.ts';
import type { FraudKind } from '../fraud-kind.ts';
import type { NumberToken } from '../leg.ts';
import { type Policy, TIERS, type Tier } from '../policy.ts';
import {
  addExposure,
  type Episode,
  type HeldExposure,
  NEW_SUBJECT,
  type SubjectState,
} from './subject-state.ts';

/** A text to a subject, decided; send-warnings carries it out. */
export interface Warning {
  readonly id: string;
  readonly subject: NumberToken;
  /** Whose tail the text shows. */
  readonly caller: NumberToken;
  readonly kind: FraudKind;
  readonly tier: Tier;
  /** Epoch seconds, in call time. */
  readonly decidedAt: number;
  readonly reasons: readonly Reason[];
  readonly policyVersion: number;
  /** Epoch ms at which the record that led to it reached the calls stream. */
  readonly arrivedAt: number;
}

/** A subject's open episode that officers work on. */
export interface Case {
  readonly id: string;
  readonly subject: NumberToken;
  readonly tier: Tier;
  readonly kind: FraudKind;
  readonly openedAt: number;
  readonly reasons: readonly Reason[];
  readonly policyVersion: number;
  readonly queue: string;
  readonly dueSeconds: number;
}

/** Why no text went out although there was an exposure. */
export type Suppression = 'cooldown' | 'cap';

export interface Decision {
  readonly state: SubjectState;
  readonly warnings: readonly Warning[];
  readonly cases: readonly Case[];
  /** Tier that an open case rose to. */
  readonly raised: readonly { readonly caseId: string; readonly tier: Tier }[];
  readonly suppressed: readonly Suppression[];
  readonly applied: number;
  readonly duplicates: number;
}

const HOUR = 3600;
const DAY = 86_400;

/** Higher of two tiers. */
export function highestTier(a: Tier, b: Tier): Tier {
  return TIERS.indexOf(a) >= TIERS.indexOf(b) ? a : b;
}

/** Exposures of the newest episode: those that no long quiet parts from the newest one. */
function exposuresOfEpisode(
  exposures: readonly HeldExposure[],
  quietSeconds: number,
): HeldExposure[] {
  let first = exposures.length - 1;
  while (
    first > 0 &&
    (exposures[first]?.start ?? 0) - (exposures[first - 1]?.start ?? 0) <= quietSeconds
  ) {
    first--;
  }
  return exposures.slice(Math.max(0, first)).filter((held) => held.answered);
}

/** When an exposure came to light: at its start, or when its caller was found out after it. */
function lightTime(held: HeldExposure): number {
  return Math.max(held.start, held.foundAt);
}

interface Assessment {
  readonly tier: Tier;
  /** When the first exposure came to light, which is when the subject is warned. */
  readonly warnedAt: number;
  readonly reasons: Reason[];
}

/**
 * The tier of an episode: a function of the set of its exposures, so it does not depend on their order.
 * `points` of a reason are the calls, minutes or seconds that it counts.
 */
function assess(exposures: readonly HeldExposure[], tiers: Policy['tiers']): Assessment {
  const warnedAt = Math.min(...exposures.map(lightTime));
  const minutes = exposures.reduce((sum, held) => sum + Math.max(0, held.duration), 0) / 60;
  const after = exposures.filter((held) => held.start > warnedAt + tiers.high.secondsAfterWarning);
  const reasons: Reason[] = [{ id: 'risky-calls', points: exposures.length }];
  let tier: Tier = 'low';
  if (exposures.length >= tiers.medium.calls) tier = 'medium';
  if (minutes >= tiers.medium.minutes) {
    tier = 'medium';
    reasons.push({ id: 'minutes-on-the-line', points: Math.round(minutes) });
  }
  if (minutes >= tiers.high.minutes) tier = 'high';
  if (after.length > 0) {
    tier = 'high';
    reasons.push({ id: 'calls-after-the-warning', points: after.length });
  }
  return { tier, warnedAt, reasons };
}

function suppression(
  state: SubjectState,
  at: number,
  policy: Policy['warnings'],
): Suppression | undefined {
  const gaps = state.warnings.map((warning) => Math.abs(at - warning.at));
  if (gaps.some((gap) => gap < policy.cooldownHours * HOUR)) return 'cooldown';
  return gaps.filter((gap) => gap < policy.cap.days * DAY).length >= policy.cap.texts
    ? 'cap'
    : undefined;
}

/** Names for what is decided, the same whenever the same exposures are decided on again. */
export type NameDecisions = (
  subject: NumberToken,
  what: 'warning' | 'case',
  ordinal: number,
) => string;

function currentEpisode(state: SubjectState, exposure: Exposure, policy: Policy): Episode {
  const { episode } = state;
  if (episode === undefined) return { ordinal: 1, tier: 'low' };
  const newest = state.exposures.at(-1)?.start ?? 0;
  const quiet = exposure.start - newest > policy.tiers.episodeHours * HOUR;
  return quiet ? { ordinal: episode.ordinal + 1, tier: 'low' } : episode;
}

function dueSecondsOf(tier: Tier, cases: Policy['cases']): number {
  return (tier === 'low' ? cases.dueMinutes.medium : cases.dueMinutes[tier]) * 60;
}

/**
 * Folds exposures into a subject's state and decides: warn, open a case, raise its tier, or nothing.
 *
 * @param stored the subject's state, undefined for a person not seen before
 * @param exposures of this one subject, in any order
 */
export function decide(
  stored: SubjectState | undefined,
  exposures: readonly Exposure[],
  policy: Policy,
  nameOf: NameDecisions,
): Decision {
  let state = stored ?? NEW_SUBJECT;
  let duplicates = 0;
  const warnings: Warning[] = [];
  const cases: Case[] = [];
  const raised: { caseId: string; tier: Tier }[] = [];
  const suppressed: Suppression[] = [];
  for (const exposure of exposures.toSorted((a, b) => a.start - b.start || a.call - b.call)) {
    const added = addExposure(state, exposure);
    if (added === undefined) {
      duplicates++;
      continue;
    }
    let episode = currentEpisode(state, exposure, policy);
    state = { ...added, episode };
    const ofEpisode = exposuresOfEpisode(state.exposures, policy.tiers.episodeHours * HOUR);
    if (ofEpisode.length === 0) continue;
    const { tier: assessed, warnedAt, reasons } = assess(ofEpisode, policy.tiers);
    const tier = highestTier(assessed, episode.tier);
    const why = [...reasons, ...exposure.finding.reasons];
    if (episode.warnedAt === undefined && exposure.answered !== false) {
      const held = suppression(state, warnedAt, policy.warnings);
      if (held === undefined) {
        const id = nameOf(exposure.subject, 'warning', episode.ordinal);
        warnings.push({
          id,
          subject: exposure.subject,
          caller: exposure.caller,
          kind: exposure.finding.kind,
          tier,
          decidedAt: warnedAt,
          reasons: why,
          policyVersion: policy.version,
          arrivedAt: exposure.arrivedAt,
        });
        const oldest = warnedAt - policy.warnings.cap.days * DAY;
        const kept = state.warnings.filter((past) => past.at > oldest);
        state = { ...state, warnings: [...kept, { id, at: warnedAt }] };
      } else {
        suppressed.push(held);
      }
    }
    // Told of an earlier exposure, the warning counts from that: whichever came first, the state is the same.
    const own = nameOf(exposure.subject, 'warning', episode.ordinal);
    state = {
      ...state,
      warnings: state.warnings.map((past) => (past.id === own ? { id: own, at: warnedAt } : past)),
    };
    episode = { ...episode, tier, warnedAt };
    if (TIERS.indexOf(tier) >= TIERS.indexOf(policy.cases.fromTier)) {
      if (episode.caseId === undefined) {
        const id = nameOf(exposure.subject, 'case', episode.ordinal);
        cases.push({
          id,
          subject: exposure.subject,
          tier,
          kind: exposure.finding.kind,
          openedAt: Math.max(...ofEpisode.map(lightTime)),
          reasons: why,
          policyVersion: policy.version,
          queue: policy.cases.queue,
          dueSeconds: dueSecondsOf(tier, policy.cases),
        });
        episode = { ...episode, caseId: id };
      } else if (tier !== state.episode?.tier) {
        raised.push({ caseId: episode.caseId, tier });
      }
    }
    state = { ...state, episode };
  }
  return {
    state,
    warnings,
    cases,
    raised,
    suppressed,
    applied: exposures.length - duplicates,
    duplicates,
  };
}
