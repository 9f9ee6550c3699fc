import type { Exposure } from '../exposure.ts';
import type { NumberToken } from '../leg.ts';
import type { Tier } from '../policy.ts';

/** One risky call as the subject's state remembers it. */
export interface HeldExposure {
  readonly caller: NumberToken;
  readonly call: number;
  /** Epoch seconds. */
  readonly start: number;
  /** Seconds; -1 while the call goes on. */
  readonly duration: number;
  /** False for a call that was never picked up: it exposed nobody. */
  readonly answered: boolean;
  /** Epoch seconds at which the caller was found risky. */
  readonly foundAt: number;
}

/** A row of exposures without a long quiet in between. */
export interface Episode {
  /** 1 for the subject's first. */
  readonly ordinal: number;
  readonly tier: Tier;
  /** Epoch seconds of the episode's first exposure coming to light; unset before any was answered. */
  readonly warnedAt?: number;
  readonly caseId?: string;
}

export interface PastWarning {
  readonly id: string;
  /** Epoch seconds, in call time. */
  readonly at: number;
}

/** What is known of a person who is being called by risky callers. */
export interface SubjectState {
  readonly exposures: readonly HeldExposure[];
  /** Epoch seconds: exposures from before are repeats, or too late to tell. */
  readonly floor: number;
  readonly episode?: Episode;
  readonly warnings: readonly PastWarning[];
}

/** More exposures than this of one person change no decision any more. */
export const EXPOSURES_KEPT = 48;

export const NEW_SUBJECT: SubjectState = { exposures: [], floor: 0, warnings: [] };

/** Whether two hold news of the same call. */
function isSameCall(held: HeldExposure, exposure: Exposure): boolean {
  return held.call === exposure.call;
}

/** A started call counts until its record says that it was not picked up. */
function wasAnswered(exposure: Exposure): boolean {
  return exposure.answered ?? true;
}

function holdOf(exposure: Exposure): HeldExposure {
  return {
    caller: exposure.caller,
    call: exposure.call,
    start: exposure.start,
    duration: exposure.duration ?? -1,
    answered: wasAnswered(exposure),
    foundAt: exposure.finding.at,
  };
}

/** What two records of one call say together: an end outweighs a start. */
function mergeHeld(held: HeldExposure, news: HeldExposure): HeldExposure {
  const ended = news.duration > held.duration ? news : held;
  return {
    ...ended,
    start: Math.min(held.start, news.start),
    foundAt: Math.min(held.foundAt, news.foundAt),
  };
}

function inCallOrder(a: HeldExposure, b: HeldExposure): number {
  return a.start - b.start || a.call - b.call;
}

/**
 * Adds an exposure to what is remembered. The result does not depend on the order of exposures.
 *
 * @returns undefined when it says nothing new
 */
export function addExposure(state: SubjectState, exposure: Exposure): SubjectState | undefined {
  const news = holdOf(exposure);
  const position = state.exposures.findIndex((held) => isSameCall(held, exposure));
  const held = state.exposures[position];
  if (held === undefined) {
    if (exposure.start <= state.floor) return undefined;
    const exposures = [...state.exposures, news].sort(inCallOrder);
    const forgotten = exposures.slice(0, -EXPOSURES_KEPT).at(-1);
    return {
      ...state,
      exposures: exposures.slice(-EXPOSURES_KEPT),
      floor: Math.max(state.floor, forgotten?.start ?? 0),
    };
  }
  const merged = mergeHeld(held, news);
  const same =
    merged.duration === held.duration &&
    merged.start === held.start &&
    merged.foundAt === held.foundAt;
  if (same) return undefined;
  return { ...state, exposures: state.exposures.with(position, merged).sort(inCallOrder) };
}
