import type { Exposure, Reason } from '../exposure.ts';
import { FRAUD_KINDS, type FraudKind } from '../fraud-kind.ts';
import type { NumberToken } from '../leg.ts';
import type { Tier } from '../tiers.ts';

/** What speaks against a call's caller: the weightiest finding on him that exposed this call. */
export interface HeldFinding {
  /**
   * Epoch seconds from which the call was known for a risky caller's: from the earliest finding that exposed it, but
   * not before it began. A call may be exposed by the finding in force or only by the one that renewed it, as
   * records happen to arrive.
   */
  readonly foundAt: number;
  /** Epoch seconds of the weightiest one, which names it among the caller's findings. */
  readonly at: number;
  readonly points: number;
  readonly kind: FraudKind;
}

/** What speaks against a call for itself, seen from the person called. */
export interface HeldCircumstances {
  /** Epoch seconds at which they were first seen. */
  readonly at: number;
  readonly kind: FraudKind;
  /** By rule, in order of name. */
  readonly points: readonly Reason[];
}

/** The entry on the list of case numbers that speaks against a call. */
export interface HeldListing {
  /** Epoch seconds from which the number is known for one. */
  readonly at: number;
  readonly points: number;
  readonly kind: FraudKind;
}

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
  readonly finding?: HeldFinding;
  readonly circumstances?: HeldCircumstances;
  readonly listed?: HeldListing;
}

/** A row of exposures without a long quiet in between. */
export interface Episode {
  /** 1 for the subject's first. */
  readonly ordinal: number;
  readonly tier: Tier;
  /** Epoch seconds at which the episode first weighed enough to be acted on; unset before. */
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
  /** The case of the episode before this one, which may be under way until then (epoch seconds). */
  readonly formerCase?: { readonly id: string; readonly until: number };
  /** As the register of people in care names it; never guessed. */
  readonly careGroup?: string;
}

/** More exposures than this of one person change no decision any more. */
export const EXPOSURES_KEPT = 48;

export const NEW_SUBJECT: SubjectState = { exposures: [], floor: 0, warnings: [] };

/**
 * A person's state once an officer has opened a case by hand. An episode that has a case, which is closed by then, goes on
 * in the new one: nobody would hear of its calls otherwise.
 */
export function withCaseByHand(
  state: SubjectState,
  opened: NonNullable<SubjectState['formerCase']>,
): SubjectState {
  const { episode } = state;
  return {
    ...state,
    ...(episode?.caseId !== undefined && { episode: { ...episode, caseId: opened.id } }),
    formerCase: opened,
  };
}

/** A person of whom nothing is known but what the register of people in care says. */
export function newSubject(careGroup: string | undefined): SubjectState {
  return careGroup === undefined ? NEW_SUBJECT : { ...NEW_SUBJECT, careGroup };
}

/** Circumstances only ever speak for deception: one that gives nothing is not kept. */
function inOrderOfName(reasons: readonly Reason[]): Reason[] {
  return reasons
    .filter(({ points }) => points > 0)
    .map(({ id, points }) => ({ id, points }))
    .sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
}

function evidenceOf({
  finding,
  side,
  start,
}: Exposure): Pick<HeldExposure, 'finding' | 'circumstances' | 'listed'> {
  const { at, kind, points, reasons } = finding;
  switch (side) {
    case 'caller':
      return { finding: { foundAt: Math.max(start, at), at, points, kind } };
    case 'subject':
      return { circumstances: { at, kind, points: inOrderOfName(reasons) } };
    case 'list':
      return { listed: { at, points, kind } };
  }
}

function holdOf(exposure: Exposure): HeldExposure {
  return {
    caller: exposure.caller,
    call: exposure.call,
    start: exposure.start,
    duration: exposure.duration ?? -1,
    // A started call counts until its record says that it was not picked up.
    answered: exposure.answered ?? true,
    ...evidenceOf(exposure),
  };
}

function kindOrder(kind: FraudKind): number {
  return FRAUD_KINDS.indexOf(kind);
}

function isWeightier(a: HeldListing, b: HeldListing): boolean {
  if (a.points !== b.points) return a.points > b.points;
  if (a.at !== b.at) return a.at < b.at;
  return kindOrder(a.kind) < kindOrder(b.kind);
}

function mergeFindings(
  a: HeldFinding | undefined,
  b: HeldFinding | undefined,
): HeldFinding | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const { at, points, kind } = isWeightier(a, b) ? a : b;
  return { foundAt: Math.min(a.foundAt, b.foundAt), at, points, kind };
}

function mergeListed(
  a: HeldListing | undefined,
  b: HeldListing | undefined,
): HeldListing | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const { points, kind } = isWeightier(a, b) ? a : b;
  return { at: Math.min(a.at, b.at), points, kind };
}

function mergeCircumstances(
  a: HeldCircumstances | undefined,
  b: HeldCircumstances | undefined,
): HeldCircumstances | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const points = new Map(a.points.map((reason) => [reason.id, reason.points]));
  for (const reason of b.points) {
    points.set(reason.id, Math.max(reason.points, points.get(reason.id) ?? reason.points));
  }
  return {
    at: Math.min(a.at, b.at),
    // The list of kinds ends with "other": a named kind wins.
    kind: kindOrder(a.kind) < kindOrder(b.kind) ? a.kind : b.kind,
    points: inOrderOfName([...points].map(([id, most]) => ({ id, points: most }))),
  };
}

/**
 * What two records of one call say together, the same in either order: an end outweighs a start, and of the
 * evidence the weightiest is kept.
 */
function mergeHeld(held: HeldExposure, news: HeldExposure): HeldExposure {
  const ended = news.duration > held.duration ? news : held;
  const finding = mergeFindings(held.finding, news.finding);
  const circumstances = mergeCircumstances(held.circumstances, news.circumstances);
  const listed = mergeListed(held.listed, news.listed);
  return {
    caller: ended.caller,
    call: ended.call,
    start: Math.min(held.start, news.start),
    duration: ended.duration,
    answered: ended.answered,
    ...(finding !== undefined && { finding }),
    ...(circumstances !== undefined && { circumstances }),
    ...(listed !== undefined && { listed }),
  };
}

function isSameCircumstances(a: HeldExposure['circumstances'], b: typeof a): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.at === b.at &&
    a.kind === b.kind &&
    a.points.length === b.points.length &&
    a.points.every((reason, i) => {
      const other = b.points[i];
      return reason.id === other?.id && reason.points === other.points;
    })
  );
}

function isSame(a: HeldExposure, b: HeldExposure): boolean {
  return (
    a.duration === b.duration &&
    a.start === b.start &&
    a.finding?.foundAt === b.finding?.foundAt &&
    a.finding?.at === b.finding?.at &&
    a.finding?.points === b.finding?.points &&
    a.finding?.kind === b.finding?.kind &&
    a.listed?.at === b.listed?.at &&
    a.listed?.points === b.listed?.points &&
    a.listed?.kind === b.listed?.kind &&
    isSameCircumstances(a.circumstances, b.circumstances)
  );
}

/**
 * When a call counts in a person's story, in epoch seconds: at its start; a call with a case number, which may be weeks
 * old by then, when the number came to be known for one.
 */
export function placeInTime({ listed, start }: Pick<HeldExposure, 'listed' | 'start'>): number {
  return listed === undefined ? start : Math.max(start, listed.at);
}

/** As {@link placeInTime}, for one that is not held yet. */
export function placeOfExposure(exposure: Exposure): number {
  return placeInTime({ start: exposure.start, ...evidenceOf(exposure) });
}

/** Order of a state's exposures: by {@link placeInTime}. */
export function inOrderOfTime(a: HeldExposure, b: HeldExposure): number {
  return placeInTime(a) - placeInTime(b) || a.call - b.call;
}

/**
 * Adds an exposure to what is remembered. The result does not depend on the order of exposures.
 *
 * @returns undefined when it says nothing new
 */
export function addExposure(state: SubjectState, exposure: Exposure): SubjectState | undefined {
  const news = holdOf(exposure);
  const position = state.exposures.findIndex((held) => held.call === exposure.call);
  const held = state.exposures[position];
  if (held === undefined) {
    if (placeInTime(news) <= state.floor) return undefined;
    const exposures = [...state.exposures, news].sort(inOrderOfTime);
    const forgotten = exposures.slice(0, -EXPOSURES_KEPT).at(-1);
    return {
      ...state,
      exposures: exposures.slice(-EXPOSURES_KEPT),
      floor: Math.max(state.floor, forgotten === undefined ? 0 : placeInTime(forgotten)),
    };
  }
  const merged = mergeHeld(held, news);
  if (isSame(merged, held)) return undefined;
  return { ...state, exposures: state.exposures.with(position, merged).sort(inOrderOfTime) };
}
