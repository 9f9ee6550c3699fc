import {
  type CallerScore,
  callerPoints,
  callerTerms,
  cardFor,
  compileCallerScore,
  fraudKindOf,
  reasonFingerprint,
} from '../caller-score.ts';
import { type Exposure, type Finding, type Reason, TRACKS, type Track } from '../exposure.ts';
import { createFeatureVector, featuresByName } from '../features.ts';
import type { FraudKind } from '../fraud-kind.ts';
import type { Leg, NumberToken } from '../leg.ts';
import {
  addedByClues,
  addedByStudy,
  CASE_NUMBER_TERM,
  CLUES_TERM,
} from '../listing/added-points.ts';
import type { Listing } from '../listing/listing.ts';
import type { Policy } from '../policy.ts';
import type { CallCircumstances } from '../rules/call-rule.ts';
import { type CallRuleDocument, callRuleHolds } from '../rules/rules.ts';
import { fraudProbability, strongestReasons } from '../scorecard.ts';
import { positionOfContact, timesOfContact, touchContact } from './contacts.ts';
import { addToHabits, isKnownContact } from './habits.ts';
import {
  DURATION_UNKNOWN,
  ENTRY,
  ENTRY_BYTES,
  ENTRY_FLAG,
  OFFSET,
  PENDING_KEPT,
  PHASE,
  PROFILE_FLAG,
  REASONS_KEPT,
  SETTLED_KEPT,
} from './layout.ts';
import { callOf, type LegAtHand, type Parties, StreamedLeg } from './leg-at-hand.ts';
import { holdsCall, Profile, readCall } from './profile.ts';
import { callsMadeInMonth, computeFeatures } from './profile-features.ts';
import { type RememberedCall, rememberedCalls } from './remembered-calls.ts';
import { RiskBound } from './risk-bound.ts';
import { addToWindows } from './windows.ts';

/** A finding with all that led to it, as it is kept for whoever asks why. */
export interface Judgement {
  readonly track: Track;
  readonly caller: NumberToken;
  readonly finding: Finding;
  /** The score, exactly; the finding carries it with two decimals, and without what clues gave. */
  readonly points: number;
  /** With the points of all terms it sums to the score. */
  readonly base: number;
  readonly terms: readonly Reason[];
  /** By feature; null where there was no value. */
  readonly features: Readonly<Record<string, number | null>>;
  /** The calls made that the profile remembered. */
  readonly calls: readonly RememberedCall[];
}

/** What became of a number's legs. */
export interface FoldResult {
  /** The profile to store. */
  readonly profile: Buffer;
  readonly exposures: Exposure[];
  /** Findings that these legs brought about. */
  readonly findings: Judgement[];
  readonly applied: number;
  /** Repeats of a call already applied. */
  readonly duplicates: number;
  /** Older than all that the profile remembers: a repeat or too late, which cannot be told apart any more. */
  readonly late: number;
}

/** Folds legs of one number, in the order of their arrival, into its profile, by what the lists say of the number. */
export type FoldLegs = (
  stored: Uint8Array | undefined,
  number: NumberToken,
  legs: readonly Leg[],
  listing?: Listing,
) => FoldResult;

/**
 * Prepares the fold for the policy in force, and another that runs beside it.
 *
 * Records arrive a little out of order, so a call first waits as *pending* and is *settled* (counted, and the
 * caller scored) in order of its news (see `legTime`) once one arrives that started `settleSeconds` later.
 * Hence the same calls in another order, within that tolerance, give the same profile and the same exposures,
 * whether they are pushed as they happen or sorted by their starts. A risky caller's calls are exposures at
 * once: only the judgement on the caller waits for the next call.
 *
 * @param shadow judges the same calls; settling is the live policy's for both
 * @throws ScorecardError
 */
export function createLegFolder(policy: Policy, shadow?: Policy): FoldLegs {
  const leg = new StreamedLeg();
  const fold = new Fold(leg, leg, policy, shadow);
  const profile = new Profile();
  return (stored, number, legs, listing) => {
    const counts = { applied: 0, duplicate: 0, late: 0 };
    const news: FoldNews = { exposures: [], findings: [] };
    profile.load(stored);
    for (const streamed of legs) {
      leg.fill(number, streamed);
      counts[fold.run(profile, news, listing)]++;
    }
    return {
      profile: profile.save(),
      exposures: news.exposures,
      findings: news.findings,
      applied: counts.applied,
      duplicates: counts.duplicate,
      late: counts.late,
    };
  };
}

/** Folds the leg at hand into its number's profile, and adds what it brings to light. */
export type FoldLegAtHand = (profile: Profile, news: FoldNews) => Applied;

/**
 * As {@link createLegFolder}, for profiles that stay in memory: nothing is loaded, saved or copied, and no number is
 * on a list.
 *
 * @param leg filled anew before each fold, as are the parties
 */
export function createMemoryFolder(
  leg: LegAtHand,
  parties: Parties,
  policy: Policy,
  shadow?: Policy,
): FoldLegAtHand {
  const fold = new Fold(leg, parties, policy, shadow);
  return (profile, news) => fold.run(profile, news);
}

/** What legs bring to light. */
export interface FoldNews {
  readonly exposures: Exposure[];
  /** Findings that these legs brought about. */
  readonly findings: Judgement[];
}

export type Applied = 'applied' | 'duplicate' | 'late';

/** One policy at its work on one profile after the other. */
class Judge {
  readonly track: Track;
  readonly slot: number;
  readonly policy: Policy;
  readonly score: CallerScore;
  readonly bound: RiskBound;
  readonly callRules: readonly CallRuleDocument[];
  /** Findings that a newer one took the place of while the leg at hand was applied. */
  readonly replaced: Finding[] = [];
  /** By the time of each finding that the leg at hand brought about. */
  readonly fresh = new Map<number, Judgement>();

  constructor(policy: Policy, track: Track) {
    this.track = track;
    this.slot = TRACKS.indexOf(track);
    this.policy = policy;
    this.score = compileCallerScore(policy.scoring);
    this.bound = new RiskBound(this.score);
    this.callRules = policy.scoring.callRules;
  }

  /** The finding of this policy; the live one may still be of the version before. */
  current(profile: Profile): Finding | undefined {
    if (this.track === 'shadow' && !profile.hasFindingOf(this.slot, this.policy.version)) {
      return undefined;
    }
    return profile.finding(this.slot, this.score);
  }
}

class Fold {
  private profile = new Profile();
  /** What the lists say of the number at hand; of almost every number, nothing. */
  private listing: Listing | undefined = undefined;
  private readonly features = createFeatureVector();
  private readonly judges: readonly Judge[];
  private readonly settleSeconds: number;
  /** No rule on a single call looks at shorter ones, unless they are international. */
  private readonly longCallSeconds: number;
  private readonly leg: LegAtHand;
  private readonly parties: Parties;

  constructor(leg: LegAtHand, parties: Parties, policy: Policy, shadow: Policy | undefined) {
    this.leg = leg;
    this.parties = parties;
    this.settleSeconds = policy.scoring.settleSeconds;
    this.judges =
      shadow === undefined
        ? [new Judge(policy, 'live')]
        : [new Judge(policy, 'live'), new Judge(shadow, 'shadow')];
    this.longCallSeconds = Math.min(
      ...this.judges.flatMap(({ callRules }) => callRules.map((rule) => rule.secondsAtLeast)),
    );
  }

  run(profile: Profile, { exposures, findings }: FoldNews, listing?: Listing): Applied {
    this.profile = profile;
    if (this.listing !== listing) this.listing = listing;
    const { judges } = this;
    for (let i = 0; i < judges.length; i++) {
      const judge = judges[i] as Judge;
      if (judge.replaced.length > 0) judge.replaced.length = 0;
      if (judge.fresh.size > 0) judge.fresh.clear();
    }
    const circumstances = this.circumstances();
    const outcome = this.apply();
    if (outcome === 'duplicate') return outcome;
    const allowed = listing !== undefined && this.isAllowed(this.leg.time);
    for (let i = 0; i < judges.length; i++) {
      const judge = judges[i] as Judge;
      if (!allowed) this.exposeCalled(judge, outcome, exposures, findings);
      if (!allowed && listing !== undefined) this.exposeListed(judge, listing, exposures);
      if (circumstances !== undefined) this.exposeSubject(judge, circumstances, exposures);
    }
    return outcome;
  }

  /** Adds what a caller's leg brings to light: a finding, and the people whom a risky caller called. */
  private exposeCalled(
    judge: Judge,
    outcome: Applied,
    exposures: Exposure[],
    findings: Judgement[],
  ): void {
    const { leg } = this;
    const { track, slot } = judge;
    const isNew = judge.fresh.size > 0 || judge.replaced.length > 0;
    // Most legs are of numbers that were never found risky: what follows is not even begun for them.
    if (!isNew && !this.profile.hasFinding(slot)) return;
    if (!isNew && (leg.flags & CALLED_PERSON) !== ENTRY_FLAG.originating) return;
    const current = judge.current(this.profile);
    if (current === undefined) return;
    const call = callOf(leg);
    for (const finding of [...judge.replaced, current]) {
      const judgement = judge.fresh.get(finding.at);
      if (judgement !== undefined) findings.push(judgement);
      if (isByClues(finding)) continue;
      const remembered = judgement?.calls ?? [];
      for (const known of remembered) {
        if (known.start > finding.until) continue;
        const caller = this.parties.number();
        const { arrivedAt } = leg;
        exposures.push({ ...known, caller, track, side: 'caller', finding, arrivedAt });
      }
      if (
        !remembered.some((known) => known.call === call) &&
        isExposure(leg, finding, outcome, judge.policy)
      ) {
        const { parties } = this;
        exposures.push(
          exposureOf(leg, parties.number(), parties.counterpart(), track, 'caller', finding),
        );
      }
    }
  }

  private isAllowed(time: number): boolean {
    return time < (this.listing?.allowed?.until ?? 0);
  }

  /** Adds an exposure of whoever is in touch with a case number, whichever of the two called. */
  private exposeListed({ policy, track }: Judge, listing: Listing, exposures: Exposure[]): void {
    const { leg, parties } = this;
    const finding = findingOfCaseNumber(listing, policy);
    if (finding === undefined || (leg.flags & ENTRY_FLAG.service) !== 0) return;
    const since = finding.at - policy.lists.contactDays * DAY;
    if (leg.start < since || leg.start >= finding.until) return;
    exposures.push(
      exposureOf(leg, parties.number(), parties.counterpart(), track, 'list', finding),
    );
  }

  /** Adds an exposure where rules on single calls hold; it rests on this one call. */
  private exposeSubject(
    { callRules, policy, track }: Judge,
    circumstances: CallCircumstances,
    exposures: Exposure[],
  ): void {
    const holding = callRules.filter((rule) => callRuleHolds(circumstances, rule));
    const [first] = holding.toSorted((a, b) => b.points - a.points);
    if (first === undefined) return;
    const at = this.leg.time;
    const points = holding.reduce((sum, rule) => sum + rule.points, 0);
    const finding: Finding = {
      at,
      until: at,
      points,
      probability: fraudProbability(points, 0.5, policy.scoring.baseRate),
      kind: first.kind,
      reasons: strongestReasons(
        holding.map((rule) => ({ id: rule.rule, points: rule.points })),
        REASONS_KEPT,
      ),
      policyVersion: policy.version,
    };
    const { parties } = this;
    const called = parties.number();
    exposures.push(exposureOf(this.leg, parties.counterpart(), called, track, 'subject', finding));
  }

  /** What a call looks like to the person called; undefined where no rule would look at it. */
  private circumstances(): CallCircumstances | undefined {
    const { leg } = this;
    const { held: duration, fingerprint, time } = leg;
    // Unknown is the largest duration.
    if (duration < this.longCallSeconds || duration === DURATION_UNKNOWN) return undefined;
    if ((leg.flags & (ENTRY_FLAG.originating | ENTRY_FLAG.service)) !== 0) return undefined;
    if ((leg.flags & (ENTRY_FLAG.answered | ENTRY_FLAG.answerUnknown)) === 0) return undefined;
    const { view } = this.profile;
    let internationalBefore = view.getUint8(OFFSET.internationalTaken);
    const contact = positionOfContact(this.profile, fingerprint);
    let touched =
      contact === view.getUint8(OFFSET.contactCount) ? 0 : timesOfContact(this.profile, contact);
    const listed = touched > 0;
    let unsure = false;
    let before = false;
    const settled = this.profile.settledCount();
    for (let i = 0; i < this.profile.entryCount(); i++) {
      const entry = this.profile.entryAt(i);
      const flags = view.getUint8(entry + ENTRY.flags);
      const originating = (flags & ENTRY_FLAG.originating) !== 0;
      const own = holdsCall(view, entry, leg.high, leg.low);
      const older = !own && view.getUint32(entry + ENTRY.time) < time - this.settleSeconds;
      const same = view.getUint16(entry + ENTRY.counterpart + 1) === fingerprint;
      const abroad = !originating && (flags & ENTRY_FLAG.international) !== 0;
      if (i >= settled) {
        if (!older) continue;
        if (abroad) internationalBefore++;
        if (same) before = true;
      } else if (!older) {
        if (abroad) internationalBefore--;
        if (same) {
          touched--;
          unsure = true;
        }
      }
    }
    const known = listed ? touched > 0 : !unsure && isKnownContact(this.profile, fingerprint);
    const stranger = !before && !known;
    const international = (leg.flags & ENTRY_FLAG.international) !== 0;
    return { duration, international, internationalBefore, stranger };
  }

  private apply(): Applied {
    const { leg, profile } = this;
    const { view } = profile;
    if (isRepeat(leg, this.phasesKnown())) return 'duplicate';
    if (leg.time <= view.getUint32(OFFSET.floor)) return 'late';
    const position = this.insert();
    // Starts alone are the clock: no broken duration can run it ahead.
    if (leg.start > view.getUint32(OFFSET.newest)) view.setUint32(OFFSET.newest, leg.start);
    if (position < profile.settledCount()) {
      // Out of order beyond the tolerance: counted where it belongs, though its successors are judged already.
      view.setUint8(OFFSET.settledCount, profile.settledCount() + 1);
      this.count(position);
      this.forgetOldest();
    } else {
      view.setUint8(OFFSET.pendingCount, profile.pendingCount() + 1);
    }
    this.settle();
    return 'applied';
  }

  /** Which records of the call are remembered, as a set of bits. */
  private phasesKnown(): number {
    const { profile } = this;
    const { high, low } = this.leg;
    const { view } = profile;
    const settled = profile.settledCount();
    const end = profile.entryAt(profile.entryCount());
    const settledEnd = profile.entryAt(settled);
    let known = 0;
    for (let entry = profile.entriesAt; entry < end; entry += ENTRY_BYTES) {
      if (holdsCall(view, entry, high, low)) {
        const started = (view.getUint8(entry + ENTRY.flags) & ENTRY_FLAG.phase) === PHASE.started;
        known |= started ? KNOWN.started : KNOWN.over | (entry < settledEnd ? KNOWN.counted : 0);
      }
    }
    return known;
  }

  /** Makes an entry at its place in order of (time, call, start before end), whatever the order of arrival. */
  private insert(): number {
    const { leg, profile } = this;
    const count = profile.entryCount();
    profile.makeRoom(count + 1);
    const { bytes, view } = profile;
    let position = count;
    while (position > 0 && this.comesBefore(position - 1)) position--;
    const entry = profile.entryAt(position);
    if (position < count) bytes.copyWithin(entry + ENTRY_BYTES, entry, profile.entryAt(count));
    view.setUint32(entry + ENTRY.time, leg.time);
    view.setUint16(entry + ENTRY.call, leg.high);
    view.setInt32(entry + ENTRY.call + 2, leg.low);
    this.parties.write(bytes, entry + ENTRY.counterpart);
    view.setUint16(entry + ENTRY.duration, leg.held);
    view.setUint8(entry + ENTRY.flags, leg.flags);
    view.setUint16(entry + ENTRY.handset, leg.handset);
    view.setUint16(entry + ENTRY.district, leg.district);
    return position;
  }

  private comesBefore(position: number): boolean {
    const { leg, profile } = this;
    const { view } = profile;
    const entry = profile.entryAt(position);
    const other = view.getUint32(entry + ENTRY.time);
    if (leg.time !== other) return leg.time < other;
    const call = callOf(leg);
    const otherCall = readCall(view, entry);
    return call === otherCall ? (leg.flags & ENTRY_FLAG.phase) === PHASE.started : call < otherCall;
  }

  /** Settles the pending calls that nothing older can overtake any more, oldest first. */
  private settle(): void {
    const { view } = this.profile;
    const before = view.getUint32(OFFSET.newest) - this.settleSeconds;
    for (;;) {
      const pending = this.profile.pendingCount();
      if (pending === 0) return;
      const position = this.profile.settledCount();
      const time = view.getUint32(this.profile.entryAt(position) + ENTRY.time);
      if (time >= before && pending <= PENDING_KEPT) return;
      view.setUint8(OFFSET.settledCount, position + 1);
      view.setUint8(OFFSET.pendingCount, pending - 1);
      view.setUint32(OFFSET.settledThrough, time);
      const attempt = this.count(position);
      this.forgetOldest();
      if (attempt) this.judge(time);
    }
  }

  /** Adds a call to the windows and sets; returns whether it was a call made by the number. */
  private count(position: number): boolean {
    const { view } = this.profile;
    const entry = this.profile.entryAt(position);
    const flags = view.getUint8(entry + ENTRY.flags);
    const duration = view.getUint16(entry + ENTRY.duration);
    const talk = duration === DURATION_UNKNOWN ? 0 : duration;
    const originating = (flags & ENTRY_FLAG.originating) !== 0;
    const phase = flags & ENTRY_FLAG.phase;
    const start = view.getUint32(entry + ENTRY.time) - (phase === PHASE.started ? 0 : talk);
    const attempt = phase === PHASE.started || !this.startWasCounted(position, start);
    const international = (flags & ENTRY_FLAG.international) !== 0;
    let isNew = false;
    if (attempt && (flags & ENTRY_FLAG.service) === 0) {
      const fingerprint = view.getUint16(entry + ENTRY.counterpart + 1);
      const known = isKnownContact(this.profile, fingerprint);
      isNew = touchContact(this.profile, fingerprint, originating) && originating && !known;
      const district = view.getUint16(entry + ENTRY.district);
      addToHabits(
        this.profile,
        start,
        fingerprint,
        district,
        view.getUint16(entry + ENTRY.handset),
      );
    }
    if (attempt && international) {
      const taken = view.getUint8(OFFSET.internationalTaken);
      if (originating) view.setUint8(OFFSET.flags, PROFILE_FLAG.international);
      else view.setUint8(OFFSET.internationalTaken, Math.min(MOST_TAKEN, taken + 1));
    }
    const answered = (flags & ENTRY_FLAG.answered) !== 0 && duration !== DURATION_UNKNOWN;
    addToWindows(this.profile, start, originating, attempt, answered, isNew, talk);
    return attempt && originating;
  }

  /**
   * Whether the start of a call that is over was counted before: it is remembered; or too old to be, unless
   * the record tells the whole call, which mostly had no other.
   */
  private startWasCounted(position: number, start: number): boolean {
    const { view } = this.profile;
    const over = this.profile.entryAt(position);
    const ended = (view.getUint8(over + ENTRY.flags) & ENTRY_FLAG.phase) === PHASE.ended;
    if (ended && start <= view.getUint32(OFFSET.floor)) return true;
    const high = view.getUint16(over + ENTRY.call);
    const low = view.getInt32(over + ENTRY.call + 2);
    const end = this.profile.entryAt(this.profile.entryCount());
    for (let entry = this.profile.entriesAt; entry < end; entry += ENTRY_BYTES) {
      if (!holdsCall(view, entry, high, low)) continue;
      if ((view.getUint8(entry + ENTRY.flags) & ENTRY_FLAG.phase) === PHASE.started) return true;
    }
    return false;
  }

  private forgetOldest(): void {
    const { profile } = this;
    const { view } = profile;
    if (profile.settledCount() <= SETTLED_KEPT) return;
    view.setUint32(OFFSET.floor, view.getUint32(profile.entriesAt + ENTRY.time));
    profile.dropOldest();
    view.setUint8(OFFSET.settledCount, profile.settledCount() - 1);
  }

  /** Scores the caller as of a settled call: finds it risky, or withdraws a finding that no longer holds. */
  private judge(time: number): void {
    const { listing } = this;
    if (listing !== undefined && this.isAllowed(time)) return;
    const made = callsMadeInMonth(this.profile);
    let computed = false;
    for (const judge of this.judges) {
      const { slot, policy } = judge;
      const until =
        judge.track === 'live' || this.profile.hasFindingOf(slot, policy.version)
          ? this.profile.findingUntil(slot)
          : 0;
      // What only clues led to binds nobody: the caller is judged as if it were not there.
      const inForce = time <= until && !restsOnClues(this.profile, slot);
      if (!inForce && made < judge.score.minimumCallsMade) continue;
      if (!inForce && listing === undefined && judge.bound.staysBelow(this.profile, made)) continue;
      if (!computed) computeFeatures(this.profile, this.features);
      computed = true;
      const card = cardFor(judge.score, this.features);
      if (!inForce && made < card.minimumCallsMade) continue;
      const byCalls = callerPoints(judge.score, this.features);
      const study = listing && addedByStudy(listing, byCalls, time, policy.lists);
      const points = study === undefined ? byCalls : byCalls + study.points;
      if (inForce) {
        // Calls within the tolerance may have been exposed already, and must be in any order of arrival.
        const end = time + this.settleSeconds;
        if (points < card.withdrawBelow && end < until) this.profile.endFinding(slot, end);
        else if (points >= this.profile.findingPoints(slot) + card.renewAfter) {
          this.find(judge, time, points);
        }
      } else if (points >= card.riskyAt) {
        this.find(judge, time, points);
      } else if (listing !== undefined && this.maySuspect(slot, time, until)) {
        const clues = addedByClues(listing, byCalls, time, policy.lists);
        if (points + (clues?.points ?? 0) >= card.riskyAt) this.find(judge, time, points, clues);
      }
    }
  }

  /** Whether a caller may be found by clues: nothing was ever found against him, or nothing but clues led to it. */
  private maySuspect(slot: number, time: number, until: number): boolean {
    return until === 0 || (time > until && restsOnClues(this.profile, slot));
  }

  /**
   * Finds the caller risky.
   *
   * @param points without what clues add
   * @param clues where only they made the caller risky. That is kept for people to look into and exposes nobody: else
   * whoever reports a number often enough could have people warned of it
   */
  private find(judge: Judge, time: number, points: number, clues?: Reason): void {
    const { policy, score, slot, track } = judge;
    const { features, listing } = this;
    const terms = callerTerms(score, features);
    if (listing !== undefined) {
      const study = addedByStudy(listing, callerPoints(score, features), time, policy.lists);
      if (study !== undefined) terms.push(study);
    }
    const former = judge.current(this.profile);
    if (former !== undefined && !isByClues(former)) judge.replaced.push(former);
    this.profile.setFinding(slot, {
      at: time,
      until: time + policy.scoring.riskyHours * 3600,
      points,
      probability: 0,
      kind: this.kindOf(policy, time),
      reasons:
        clues === undefined
          ? strongestReasons(terms, REASONS_KEPT)
          : [clues, ...strongestReasons(terms, REASONS_KEPT - 1)],
      policyVersion: policy.version,
    });
    if (clues !== undefined) terms.push(clues);
    const finding = judge.current(this.profile);
    if (finding === undefined) return;
    judge.fresh.set(time, {
      track,
      caller: this.parties.number(),
      finding,
      points: points + (clues?.points ?? 0),
      base: cardFor(score, features).scorecard.base,
      terms,
      features: featuresByName(features),
      calls: this.callsMadeSince(time - policy.scoring.lookbackHours * 3600),
    });
  }

  /** What the calls look like, or else what the study took them for. */
  private kindOf({ kinds }: Policy, time: number): FraudKind {
    const kind = fraudKindOf(kinds, this.features);
    const study = this.listing?.study;
    return kind === 'other' && study !== undefined && time < study.until ? study.kind : kind;
  }

  /** The people whom the number called of late, as far as the profile remembers them; by call. */
  private callsMadeSince(since: number): RememberedCall[] {
    return rememberedCalls(this.profile, this.parties, since, 'made');
  }
}

const DAY = 86_400;

/** First of the reasons of a finding that only clues led to, and of no other. */
const CLUES = reasonFingerprint(CLUES_TERM);

function restsOnClues(profile: Profile, slot: number): boolean {
  return profile.firstReason(slot) === CLUES;
}

/** Whether only what people reported led to a finding: it exposes nobody. */
export const isByClues = ({ reasons }: Pick<Finding, 'reasons'>): boolean =>
  reasons[0]?.id === CLUES_TERM;

/** International calls taken are counted up to this. */
const MOST_TAKEN = 255;

/** What is known of a call: its start, its end (or all of it), and that this was counted already. */
const KNOWN = { started: 1, over: 2, counted: 4 } as const;

function isRepeat(leg: LegAtHand, known: number): boolean {
  if (known === 0) return false;
  if ((leg.flags & ENTRY_FLAG.phase) !== PHASE.started) return (known & KNOWN.over) !== 0;
  // The start may come after the end, but not after the end was counted for both.
  return (known & (KNOWN.started | KNOWN.counted)) !== 0;
}

/** Both bits of a leg that make its counterpart somebody who was called: the first set, the second not. */
const CALLED_PERSON = ENTRY_FLAG.originating | ENTRY_FLAG.service;

/** A late leg may be a repeat: only calls after the finding are surely exposures, and were before. */
function isExposure(leg: LegAtHand, finding: Finding, outcome: Applied, policy: Policy): boolean {
  if ((leg.flags & CALLED_PERSON) !== ENTRY_FLAG.originating) return false;
  if (leg.start > finding.until) return false;
  const since = outcome === 'late' ? finding.at : finding.at - policy.scoring.lookbackHours * 3600;
  return leg.start >= since;
}

function exposureOf(
  leg: LegAtHand,
  caller: NumberToken,
  subject: NumberToken,
  track: Track,
  side: Exposure['side'],
  finding: Finding,
): Exposure {
  const { arrivedAt, flags, held, start } = leg;
  return {
    subject,
    caller,
    call: callOf(leg),
    start,
    duration: held === DURATION_UNKNOWN ? undefined : held,
    answered:
      (flags & ENTRY_FLAG.answerUnknown) !== 0 ? undefined : (flags & ENTRY_FLAG.answered) !== 0,
    international: (flags & ENTRY_FLAG.international) !== 0,
    track,
    side,
    finding,
    arrivedAt,
  };
}

/** What an entry on the list of case numbers says against every call with the number; undefined where it is on none. */
export function findingOfCaseNumber(
  { caseNumber }: Listing,
  { lists, scoring, version }: Policy,
): Finding | undefined {
  if (caseNumber === undefined) return undefined;
  const { at, kind, until } = caseNumber;
  const { points } = lists.caseNumber;
  return {
    at,
    until,
    points,
    probability: fraudProbability(points, scoring.scorecard.fraudShare, scoring.baseRate),
    kind,
    reasons: [{ id: CASE_NUMBER_TERM, points }],
    policyVersion: version,
  };
}
