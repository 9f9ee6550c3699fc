import {
  type CallerScore,
  callerPoints,
  callerTerms,
  cardFor,
  compileCallerScore,
  fraudKindOf,
} from '../caller-score.ts';
import { type Exposure, type Finding, type Reason, TRACKS, type Track } from '../exposure.ts';
import { createFeatureVector, FEATURES } from '../features.ts';
import { heldDuration, type Leg, legTime, type NumberToken } from '../leg.ts';
import type { Policy } from '../policy.ts';
import type { CallCircumstances } from '../rules/call-rule.ts';
import { type CallRuleDocument, callRuleHolds } from '../rules/rules.ts';
import { fraudProbability, strongestReasons } from '../scorecard.ts';
import { positionOfContact, touchContact } from './contacts.ts';
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
import {
  entryAt,
  fingerprintOfToken,
  highOfCall,
  holdsCall,
  Profile,
  readCall,
  readToken,
  writeCall,
  writeToken,
} from './profile.ts';
import { callsMadeInMonth, computeFeatures } from './profile-features.ts';
import { addToWindows } from './windows.ts';

/** A finding with all that led to it, as it is kept for whoever asks why. */
export interface Judgement {
  readonly track: Track;
  readonly caller: NumberToken;
  readonly finding: Finding;
  /** The score, exactly; the finding carries it with two decimals. */
  readonly points: number;
  /** With the points of all terms it sums to the score. */
  readonly base: number;
  readonly terms: readonly Reason[];
  /** By feature; null where there was no value. */
  readonly features: Readonly<Record<string, number | null>>;
  /** The calls made that the profile remembered. */
  readonly calls: readonly RememberedCall[];
}

/** A call made, as a profile remembers it. */
export type RememberedCall = Pick<
  Exposure,
  'subject' | 'call' | 'start' | 'duration' | 'answered' | 'international'
>;

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

/** Folds legs of one number, in the order of their arrival, into its profile. */
export type FoldLegs = (
  stored: Uint8Array | undefined,
  number: NumberToken,
  legs: readonly Leg[],
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
  const fold = new Fold(policy, shadow);
  const profile = new Profile();
  return (stored, number, legs) => {
    const counts = { applied: 0, duplicate: 0, late: 0 };
    const news: FoldNews = { exposures: [], findings: [] };
    profile.load(stored);
    for (const leg of legs) counts[fold.run(profile, number, leg, news)]++;
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

/** Folds one leg of a number into its profile in memory, and adds what it brings to light. */
export type FoldLeg = (profile: Profile, number: NumberToken, leg: Leg, news: FoldNews) => Applied;

/** As {@link createLegFolder}, for profiles that stay in memory: nothing is loaded, saved or copied. */
export function createMemoryFolder(policy: Policy, shadow?: Policy): FoldLeg {
  const fold = new Fold(policy, shadow);
  return (profile, number, leg, news) => fold.run(profile, number, leg, news);
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
  private readonly features = createFeatureVector();
  private readonly judges: readonly Judge[];
  private readonly settleSeconds: number;
  /** No rule on a single call looks at shorter ones, unless they are international. */
  private readonly longCallSeconds: number;
  private number: NumberToken = '';
  /** Of the leg at hand: its held duration and time. */
  private held: number | undefined;
  private time = 0;

  constructor(policy: Policy, shadow: Policy | undefined) {
    this.settleSeconds = policy.scoring.settleSeconds;
    this.judges =
      shadow === undefined
        ? [new Judge(policy, 'live')]
        : [new Judge(policy, 'live'), new Judge(shadow, 'shadow')];
    this.longCallSeconds = Math.min(
      ...this.judges.flatMap(({ callRules }) => callRules.map((rule) => rule.secondsAtLeast)),
    );
  }

  run(profile: Profile, number: NumberToken, leg: Leg, { exposures, findings }: FoldNews): Applied {
    this.profile = profile;
    this.number = number;
    for (const judge of this.judges) {
      if (judge.replaced.length > 0) judge.replaced.length = 0;
      if (judge.fresh.size > 0) judge.fresh.clear();
    }
    this.held = heldDuration(leg);
    this.time = leg.start + (this.held ?? 0);
    const circumstances = this.circumstancesOf(leg);
    const outcome = this.apply(leg);
    if (outcome === 'duplicate') return outcome;
    for (const judge of this.judges) {
      this.exposeCalled(judge, leg, outcome, exposures, findings);
      if (circumstances !== undefined) exposeSubject(judge, leg, circumstances, exposures);
    }
    return outcome;
  }

  /** Adds what a caller's leg brings to light: a finding, and the people whom a risky caller called. */
  private exposeCalled(
    judge: Judge,
    leg: Leg,
    outcome: Applied,
    exposures: Exposure[],
    findings: Judgement[],
  ): void {
    const current = judge.current(this.profile);
    if (current === undefined) return;
    const { track } = judge;
    for (const finding of [...judge.replaced, current]) {
      const judgement = judge.fresh.get(finding.at);
      if (judgement !== undefined) findings.push(judgement);
      const remembered = judgement?.calls ?? [];
      for (const call of remembered) {
        if (call.start > finding.until) continue;
        const { arrivedAt } = leg;
        exposures.push({ ...call, caller: this.number, track, side: 'caller', finding, arrivedAt });
      }
      if (
        !remembered.some(({ call }) => call === leg.call) &&
        isExposure(leg, finding, outcome, judge.policy)
      ) {
        exposures.push(exposureOf(leg, leg.number, leg.counterpart, track, 'caller', finding));
      }
    }
  }

  /** What a call looks like to the person called; undefined where no rule would look at it. */
  private circumstancesOf(leg: Leg): CallCircumstances | undefined {
    if (leg.originating || leg.counterpartIsService || leg.answered === false) return undefined;
    const duration = this.held;
    if (duration === undefined || duration < this.longCallSeconds) return undefined;
    const { time } = this;
    const { view } = this.profile;
    const fingerprint = fingerprintOfToken(leg.counterpart);
    let internationalBefore = view.getUint8(OFFSET.internationalTaken);
    let stranger =
      positionOfContact(this.profile, fingerprint) === view.getUint8(OFFSET.contactCount) &&
      !isKnownContact(this.profile, fingerprint);
    // Calls that are not settled yet count when they are older in any order of arrival.
    for (let i = this.profile.settledCount(); i < this.profile.entryCount(); i++) {
      const entry = entryAt(i);
      if (view.getUint32(entry + ENTRY.time) >= time - this.settleSeconds) break;
      const flags = view.getUint8(entry + ENTRY.flags);
      const originating = (flags & ENTRY_FLAG.originating) !== 0;
      if (!originating && (flags & ENTRY_FLAG.international) !== 0) internationalBefore++;
      if (readCall(view, entry) === leg.call) continue;
      if (view.getUint16(entry + ENTRY.counterpart + 1) === fingerprint) stranger = false;
    }
    return { duration, international: leg.international, internationalBefore, stranger };
  }

  private apply(leg: Leg): Applied {
    if (isRepeat(leg, this.phasesOf(leg.call))) return 'duplicate';
    const { time } = this;
    if (time <= this.profile.view.getUint32(OFFSET.floor)) return 'late';
    const position = this.insert(leg, time);
    const { view } = this.profile;
    // Starts alone are the clock: no broken duration can run it ahead.
    if (leg.start > view.getUint32(OFFSET.newest)) view.setUint32(OFFSET.newest, leg.start);
    if (position < this.profile.settledCount()) {
      // Out of order beyond the tolerance: counted where it belongs, though its successors are judged already.
      view.setUint8(OFFSET.settledCount, this.profile.settledCount() + 1);
      this.count(position);
      this.forgetOldest();
    } else {
      view.setUint8(OFFSET.pendingCount, this.profile.pendingCount() + 1);
    }
    this.settle();
    return 'applied';
  }

  /** Which records of a call are remembered, as a set of bits. */
  private phasesOf(call: number): number {
    const { view } = this.profile;
    const settled = this.profile.settledCount();
    const high = highOfCall(call);
    const low = call | 0;
    let known = 0;
    for (let i = this.profile.entryCount() - 1; i >= 0; i--) {
      const entry = entryAt(i);
      if (holdsCall(view, entry, high, low)) {
        const started = (view.getUint8(entry + ENTRY.flags) & ENTRY_FLAG.phase) === PHASE.started;
        known |= started ? KNOWN.started : KNOWN.over | (i < settled ? KNOWN.counted : 0);
      }
    }
    return known;
  }

  /** Makes an entry at its place in order of (time, call, start before end), whatever the order of arrival. */
  private insert(leg: Leg, time: number): number {
    const count = this.profile.entryCount();
    this.profile.makeRoom(count + 1);
    const { bytes, view } = this.profile;
    let position = count;
    while (position > 0 && this.comesBefore(time, leg, position - 1)) position--;
    const entry = entryAt(position);
    if (position < count) bytes.copyWithin(entry + ENTRY_BYTES, entry, entryAt(count));
    view.setUint32(entry + ENTRY.time, time);
    writeCall(view, entry, leg.call);
    writeToken(bytes, entry + ENTRY.counterpart, leg.counterpart);
    view.setUint16(entry + ENTRY.duration, this.held ?? DURATION_UNKNOWN);
    view.setUint8(entry + ENTRY.flags, entryFlags(leg));
    view.setUint16(entry + ENTRY.handset, leg.originating ? leg.handset : 0);
    view.setUint16(entry + ENTRY.district, leg.district & 0xffff);
    return position;
  }

  private comesBefore(time: number, leg: Leg, position: number): boolean {
    const { view } = this.profile;
    const entry = entryAt(position);
    const other = view.getUint32(entry + ENTRY.time);
    if (time !== other) return time < other;
    const otherCall = readCall(view, entry);
    return leg.call === otherCall ? leg.phase === 'started' : leg.call < otherCall;
  }

  /** Settles the pending calls that nothing older can overtake any more, oldest first. */
  private settle(): void {
    const { view } = this.profile;
    const before = view.getUint32(OFFSET.newest) - this.settleSeconds;
    for (;;) {
      const pending = this.profile.pendingCount();
      if (pending === 0) return;
      const position = this.profile.settledCount();
      const time = view.getUint32(entryAt(position) + ENTRY.time);
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
    const entry = entryAt(position);
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
    addToWindows(this.profile, start, originating, {
      made: attempt && originating ? 1 : 0,
      received: attempt && !originating ? 1 : 0,
      answered: answered ? 1 : 0,
      newContacts: isNew ? 1 : 0,
      talk: answered ? talk : 0,
    });
    return attempt && originating;
  }

  /**
   * Whether the start of a call that is over was counted before: it is remembered; or too old to be, unless
   * the record tells the whole call, which mostly had no other.
   */
  private startWasCounted(position: number, start: number): boolean {
    const { view } = this.profile;
    const over = entryAt(position);
    const ended = (view.getUint8(over + ENTRY.flags) & ENTRY_FLAG.phase) === PHASE.ended;
    if (ended && start <= view.getUint32(OFFSET.floor)) return true;
    const high = view.getUint16(over + ENTRY.call);
    const low = view.getInt32(over + ENTRY.call + 2);
    const count = this.profile.entryCount();
    for (let i = 0; i < count; i++) {
      const entry = entryAt(i);
      if (!holdsCall(view, entry, high, low)) continue;
      if ((view.getUint8(entry + ENTRY.flags) & ENTRY_FLAG.phase) === PHASE.started) return true;
    }
    return false;
  }

  private forgetOldest(): void {
    const { view, bytes } = this.profile;
    if (this.profile.settledCount() <= SETTLED_KEPT) return;
    view.setUint32(OFFSET.floor, view.getUint32(entryAt(0) + ENTRY.time));
    bytes.copyWithin(entryAt(0), entryAt(1), entryAt(this.profile.entryCount()));
    view.setUint8(OFFSET.settledCount, this.profile.settledCount() - 1);
  }

  /** Scores the caller as of a settled call: finds it risky, or withdraws a finding that no longer holds. */
  private judge(time: number): void {
    const made = callsMadeInMonth(this.profile);
    let computed = false;
    for (const judge of this.judges) {
      const { slot, policy } = judge;
      const until =
        judge.track === 'live' || this.profile.hasFindingOf(slot, policy.version)
          ? this.profile.findingUntil(slot)
          : 0;
      const inForce = time <= until;
      if (!inForce && made < judge.score.minimumCallsMade) continue;
      if (!computed) computeFeatures(this.profile, this.features);
      computed = true;
      const card = cardFor(judge.score, this.features);
      if (!inForce && made < card.minimumCallsMade) continue;
      const points = callerPoints(judge.score, this.features);
      if (inForce) {
        // Calls within the tolerance may have been exposed already, and must be in any order of arrival.
        const end = time + this.settleSeconds;
        if (points < card.withdrawBelow && end < until) this.profile.endFinding(slot, end);
      } else if (points >= card.riskyAt) {
        this.find(judge, time, points);
      }
    }
  }

  /** Finds the caller risky. */
  private find(judge: Judge, time: number, points: number): void {
    const { policy, score, slot, track } = judge;
    const { features } = this;
    const terms = callerTerms(score, features);
    const former = judge.current(this.profile);
    if (former !== undefined) judge.replaced.push(former);
    this.profile.setFinding(slot, {
      at: time,
      until: time + policy.scoring.riskyHours * 3600,
      points,
      probability: 0,
      kind: fraudKindOf(policy.kinds, features),
      reasons: strongestReasons(terms, REASONS_KEPT),
      policyVersion: policy.version,
    });
    const finding = judge.current(this.profile);
    if (finding === undefined) return;
    judge.fresh.set(time, {
      track,
      caller: this.number,
      finding,
      points,
      base: cardFor(score, features).scorecard.base,
      terms,
      features: Object.fromEntries(
        FEATURES.map((feature, i) => {
          const value = features[i] ?? Number.NaN;
          return [feature, Number.isNaN(value) ? null : value];
        }),
      ),
      calls: this.callsMadeSince(time - policy.scoring.lookbackHours * 3600),
    });
  }

  /** The people whom the number called of late, as far as the profile remembers them; by call. */
  private callsMadeSince(since: number): RememberedCall[] {
    const { view, bytes } = this.profile;
    const count = this.profile.entryCount();
    const calls = new Map<number, RememberedCall>();
    for (let i = 0; i < count; i++) {
      const entry = entryAt(i);
      const flags = view.getUint8(entry + ENTRY.flags);
      if ((flags & ENTRY_FLAG.originating) === 0 || (flags & ENTRY_FLAG.service) !== 0) continue;
      const stored = view.getUint16(entry + ENTRY.duration);
      const duration = stored === DURATION_UNKNOWN ? undefined : stored;
      const start = view.getUint32(entry + ENTRY.time) - (duration ?? 0);
      if (start < since) continue;
      const call = readCall(view, entry);
      calls.set(call, {
        subject: readToken(bytes, entry + ENTRY.counterpart),
        call,
        start,
        duration,
        answered:
          (flags & ENTRY_FLAG.answerUnknown) !== 0
            ? undefined
            : (flags & ENTRY_FLAG.answered) !== 0,
        international: (flags & ENTRY_FLAG.international) !== 0,
      });
    }
    return [...calls.values()];
  }
}

/** International calls taken are counted up to this. */
const MOST_TAKEN = 255;

/** What is known of a call: its start, its end (or all of it), and that this was counted already. */
const KNOWN = { started: 1, over: 2, counted: 4 } as const;

function isRepeat(leg: Leg, known: number): boolean {
  if (leg.phase !== 'started') return (known & KNOWN.over) !== 0;
  // The start may come after the end, but not after the end was counted for both.
  return (known & (KNOWN.started | KNOWN.counted)) !== 0;
}

function entryFlags(leg: Leg): number {
  return (
    (leg.originating ? ENTRY_FLAG.originating : 0) |
    PHASE[leg.phase] |
    (leg.answered === undefined ? ENTRY_FLAG.answerUnknown : 0) |
    (leg.answered === true ? ENTRY_FLAG.answered : 0) |
    (leg.counterpartIsService ? ENTRY_FLAG.service : 0) |
    (leg.international ? ENTRY_FLAG.international : 0)
  );
}

/** A late leg may be a repeat: only calls after the finding are surely exposures, and were before. */
function isExposure(leg: Leg, finding: Finding, outcome: Applied, policy: Policy): boolean {
  if (!leg.originating || leg.counterpartIsService || leg.start > finding.until) return false;
  const since = outcome === 'late' ? finding.at : finding.at - policy.scoring.lookbackHours * 3600;
  return leg.start >= since;
}

/** Adds an exposure where rules on single calls hold; it rests on this one call. */
function exposeSubject(
  { callRules, policy, track }: Judge,
  leg: Leg,
  circumstances: CallCircumstances,
  exposures: Exposure[],
): void {
  const holding = callRules.filter((rule) => callRuleHolds(circumstances, rule));
  const [first] = holding.toSorted((a, b) => b.points - a.points);
  if (first === undefined) return;
  const at = legTime(leg);
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
  exposures.push(exposureOf(leg, leg.counterpart, leg.number, track, 'subject', finding));
}

function exposureOf(
  leg: Leg,
  caller: NumberToken,
  subject: NumberToken,
  track: Track,
  side: Exposure['side'],
  finding: Finding,
): Exposure {
  return {
    subject,
    caller,
    call: leg.call,
    start: leg.start,
    duration: heldDuration(leg),
    answered: leg.answered,
    international: leg.international,
    track,
    side,
    finding,
    arrivedAt: leg.arrivedAt,
  };
}
