import { nameOfDecision } from '../../functions/score-subjects/process-exposures.ts';
import type { Exposure } from '../../lib/domain/exposure.ts';
import type { Leg, NumberToken } from '../../lib/domain/leg.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { createLegFolder } from '../../lib/domain/profile/fold-legs.ts';
import { createDecider, highestTier, type Warning } from '../../lib/domain/subject/decide.ts';
import { newSubject, type SubjectState } from '../../lib/domain/subject/subject-state.ts';
import type { Tier } from '../../lib/domain/tiers.ts';
import { packExposures, unpackExposures } from '../../lib/wire/frames.ts';

/** What the product must come to, whatever went wrong on the way. */
export interface Model {
  readonly profiles: ReadonlyMap<NumberToken, Buffer>;
  /** Every exposure there is, by what it says. */
  readonly exposures: ReadonlyMap<string, Exposure>;
}

export interface SubjectsModel {
  readonly subjects: ReadonlyMap<NumberToken, SubjectState>;
  readonly warnings: ReadonlyMap<string, Warning>;
  /** Tier of each case that the policy opened. */
  readonly cases: ReadonlyMap<string, Tier>;
}

/** What tells two legs apart: the same again is a repeat. */
export function legIdentity({ call, number, phase }: Leg): string {
  return `${number} ${call} ${phase}`;
}

export function exposureIdentity(exposure: Exposure): string {
  return JSON.stringify(exposure);
}

function firstsOf<T>(list: readonly T[], identityOf: (one: T) => string): T[] {
  const seen = new Set<string>();
  return list.filter((one) => {
    const identity = identityOf(one);
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

function groupsOf<T>(list: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

/** Applies every leg once, in the order in which they first came: in one go, and with nothing remembered between. */
export function modelOfLegs(legs: readonly Leg[], policy: Policy): Model {
  const fold = createLegFolderFor(policy);
  const profiles = new Map<NumberToken, Buffer>();
  const exposures: Exposure[] = [];
  for (const [number, own] of groupsOf(firstsOf(legs, legIdentity), (leg) => leg.number)) {
    const folded = fold(undefined, number, own);
    profiles.set(number, folded.profile);
    exposures.push(...folded.exposures);
  }
  // As they travel: a frame rounds points.
  const travelled = packExposures(exposures).flatMap(({ data }) => unpackExposures(data));
  return { profiles, exposures: new Map(travelled.map((one) => [exposureIdentity(one), one])) };
}

/** An exposure, and the sequence number of the record that first brought it. */
export interface Arrival {
  readonly exposure: Exposure;
  readonly sequenceNumber: string;
}

/**
 * Decides on every exposure once, in the order of their first arrivals. What Lambda gave a function at once is decided
 * on at once: of two callers' news, which comes first may matter, and how they are batched is nobody's promise.
 *
 * @param watermarksOf sequence numbers up to which a subject's exposures were taken in, one after the other
 */
export function modelOfExposures(
  arrivals: readonly Arrival[],
  watermarksOf: (subject: NumberToken) => readonly string[],
  policy: Policy,
): SubjectsModel {
  const decide = createDeciderFor(policy);
  const subjects = new Map<NumberToken, SubjectState>();
  const warnings = new Map<string, Warning>();
  const cases = new Map<string, Tier>();
  const firsts = firstsOf(arrivals, ({ exposure }) => exposureIdentity(exposure));
  for (const [subject, own] of groupsOf(firsts, ({ exposure }) => exposure.subject)) {
    let state = newSubject(undefined);
    for (const batch of batchesOf(own, watermarksOf(subject))) {
      const decision = decide(state, batch, nameOfDecision('live'));
      state = decision.state;
      for (const warning of decision.warnings) warnings.set(warning.id, warning);
      for (const { id, tier } of decision.cases) cases.set(id, tier);
      for (const { caseId, tier } of decision.raised) {
        cases.set(caseId, highestTier(tier, cases.get(caseId) ?? tier));
      }
    }
    subjects.set(subject, state);
  }
  return { subjects, warnings, cases };
}

function batchesOf(arrivals: readonly Arrival[], watermarks: readonly string[]): Exposure[][] {
  const ends = watermarks.map(Number).sort((a, b) => a - b);
  const batches = groupsOf(arrivals, ({ sequenceNumber }) =>
    String(ends.find((end) => Number(sequenceNumber) <= end)),
  );
  return [...batches.values()].map((batch) => batch.map(({ exposure }) => exposure));
}

function once<Key extends object, Made>(make: (key: Key) => Made): (key: Key) => Made {
  const made = new WeakMap<Key, { readonly value: Made }>();
  return (key) => {
    const known = made.get(key) ?? { value: make(key) };
    made.set(key, known);
    return known.value;
  };
}

const createLegFolderFor = once((policy: Policy) => createLegFolder(policy));
const createDeciderFor = once((policy: Policy) => createDecider(policy));
