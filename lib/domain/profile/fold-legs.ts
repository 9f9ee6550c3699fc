import type { Exposure, Finding } from '../exposure.ts';
import { heldDuration, type Leg, legTime, type NumberToken } from '../leg.ts';
import type { Policy } from '../policy.ts';
import {
  compileScorecard,
  fraudKindOf,
  type Scorecard,
  score,
  scoreTerms,
  strongestReasons,
} from '../scorecard.ts';
import { addDistinct, touchContact } from './contacts.ts';
import {
  DISTRICTS_KEPT,
  DURATION_UNKNOWN,
  ENTRY,
  ENTRY_BYTES,
  ENTRY_FLAG,
  HANDSETS_KEPT,
  OFFSET,
  PENDING_KEPT,
  PHASE,
  PROFILE_FLAG,
  REASONS_KEPT,
  SETTLED_KEPT,
} from './layout.ts';
import { entryAt, Profile, readCall, readToken, writeCall, writeToken } from './profile.ts';
import { addToWindows, callsMadeInDay, computeFeatures, createFeatureVector } from './windows.ts';

/** What became of a number's legs. */
export interface FoldResult {
  /** The profile to store. */
  readonly profile: Buffer;
  readonly exposures: Exposure[];
  /** Findings that these legs brought about. */
  readonly findings: Finding[];
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
 * Prepares the fold for one policy.
 *
 * Records arrive a little out of order, so a call first waits as *pending* and is *settled* (counted, and the
 * caller scored) in order of its news (see `legTime`) once one arrives that started `settleSeconds` later.
 * Hence the same calls in another order, within that tolerance, give the same profile and the same exposures,
 * whether they are pushed as they happen or sorted by their starts. A risky caller's calls are exposures at
 * once: only the judgement on the caller waits for the next call.
 */
export function createLegFolder(policy: Policy): FoldLegs {
  const scorecard = compileScorecard(policy.scoring);
  const fold = new Fold(policy, scorecard);
  return (stored, number, legs) => fold.run(stored, number, legs);
}

type Applied = 'applied' | 'duplicate' | 'late';

/** A call made, as a profile remembers it. */
type RememberedCall = Pick<Exposure, 'subject' | 'call' | 'start' | 'duration' | 'answered'>;

class Fold {
  private readonly profile = new Profile();
  private readonly features = createFeatureVector();
  /** Findings that a newer one took the place of while the leg at hand was applied. */
  private readonly replaced: Finding[] = [];
  /** By the time of each finding that the leg at hand brought about: the calls made that were known then. */
  private readonly remembered = new Map<number, Map<number, RememberedCall>>();
  private readonly policy: Policy;
  private readonly scorecard: Scorecard;

  constructor(policy: Policy, scorecard: Scorecard) {
    this.policy = policy;
    this.scorecard = scorecard;
  }

  run(stored: Uint8Array | undefined, number: NumberToken, legs: readonly Leg[]): FoldResult {
    const counts = { applied: 0, duplicate: 0, late: 0 };
    const exposures: Exposure[] = [];
    const findings: Finding[] = [];
    this.profile.load(stored);
    for (const leg of legs) {
      this.replaced.length = 0;
      if (this.remembered.size > 0) this.remembered.clear();
      const outcome = this.apply(leg);
      counts[outcome]++;
      if (outcome === 'duplicate') continue;
      const current = this.profile.finding(this.scorecard);
      if (current === undefined) continue;
      for (const finding of [...this.replaced, current]) {
        const calls = this.remembered.get(finding.at);
        if (calls !== undefined) findings.push(finding);
        for (const call of calls?.values() ?? []) {
          if (call.start > finding.until) continue;
          exposures.push({ ...call, caller: number, finding, arrivedAt: leg.arrivedAt });
        }
        if (calls?.has(leg.call) !== true && this.isExposure(leg, finding, outcome)) {
          exposures.push(exposureOf(leg, finding));
        }
      }
    }
    return {
      profile: this.profile.save(),
      exposures,
      findings,
      applied: counts.applied,
      duplicates: counts.duplicate,
      late: counts.late,
    };
  }

  /** A late leg may be a repeat: only calls after the finding are surely exposures, and were before. */
  private isExposure(leg: Leg, finding: Finding, outcome: Applied): boolean {
    if (!leg.originating || leg.counterpartIsService || leg.start > finding.until) return false;
    const since =
      outcome === 'late' ? finding.at : finding.at - this.policy.scoring.lookbackHours * 3600;
    return leg.start >= since;
  }

  private apply(leg: Leg): Applied {
    const { view } = this.profile;
    if (isRepeat(leg, this.phasesOf(leg.call))) return 'duplicate';
    const time = legTime(leg);
    if (time <= view.getUint32(OFFSET.floor)) return 'late';
    const position = this.insert(leg, time);
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
    let known = 0;
    for (let i = this.profile.entryCount() - 1; i >= 0; i--) {
      const entry = entryAt(i);
      if (readCall(view, entry) === call) {
        const started = (view.getUint8(entry + ENTRY.flags) & ENTRY_FLAG.phase) === PHASE.started;
        known |= started ? KNOWN.started : KNOWN.over | (i < settled ? KNOWN.counted : 0);
      }
    }
    return known;
  }

  /** Makes an entry at its place in order of (time, call, start before end), whatever the order of arrival. */
  private insert(leg: Leg, time: number): number {
    const { bytes, view } = this.profile;
    const count = this.profile.entryCount();
    let position = count;
    while (position > 0 && this.comesBefore(time, leg, position - 1)) position--;
    const entry = entryAt(position);
    bytes.copyWithin(entry + ENTRY_BYTES, entry, entryAt(count));
    view.setUint32(entry + ENTRY.time, time);
    writeCall(view, entry, leg.call);
    writeToken(bytes, entry + ENTRY.counterpart, leg.counterpart);
    view.setUint16(entry + ENTRY.duration, heldDuration(leg) ?? DURATION_UNKNOWN);
    view.setUint8(entry + ENTRY.flags, entryFlags(leg));
    view.setUint16(entry + ENTRY.handset, leg.originating ? leg.handset : 0);
    view.setUint16(entry + ENTRY.district, leg.originating ? leg.district & 0xffff : 0);
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
    const before = view.getUint32(OFFSET.newest) - this.policy.scoring.settleSeconds;
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
    let isNew = false;
    if (attempt && (flags & ENTRY_FLAG.service) === 0) {
      const fingerprint = view.getUint16(entry + ENTRY.counterpart + 1);
      isNew = touchContact(this.profile, fingerprint, originating) && originating;
    }
    if (attempt && originating) {
      if ((flags & ENTRY_FLAG.international) !== 0) {
        view.setUint8(OFFSET.flags, view.getUint8(OFFSET.flags) | PROFILE_FLAG.international);
      }
      addDistinct(
        this.profile,
        OFFSET.handsetCount,
        OFFSET.handsets,
        HANDSETS_KEPT,
        view.getUint16(entry + ENTRY.handset),
      );
      addDistinct(
        this.profile,
        OFFSET.districtCount,
        OFFSET.districts,
        DISTRICTS_KEPT,
        view.getUint16(entry + ENTRY.district),
      );
    }
    const answered =
      originating && (flags & ENTRY_FLAG.answered) !== 0 && duration !== DURATION_UNKNOWN;
    addToWindows(this.profile, start, {
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
    const call = readCall(view, over);
    for (let i = 0; i < this.profile.entryCount(); i++) {
      const entry = entryAt(i);
      const phase = view.getUint8(entry + ENTRY.flags) & ENTRY_FLAG.phase;
      if (phase === PHASE.started && readCall(view, entry) === call) return true;
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
    const { view } = this.profile;
    const { scoring, kinds, version } = this.policy;
    const until = view.getUint32(OFFSET.findingUntil);
    const inForce = time <= until;
    if (!inForce && callsMadeInDay(this.profile) < scoring.minimumCallsMade) return;
    const features = computeFeatures(this.profile, this.features);
    const points = score(this.scorecard, features);
    if (inForce) {
      // Calls within the tolerance may have been exposed already, and must be in any order of arrival.
      const end = time + scoring.settleSeconds;
      if (points < scoring.withdrawBelow && end < until) view.setUint32(OFFSET.findingUntil, end);
      return;
    }
    if (points < scoring.riskyAt) return;
    const finding: Finding = {
      at: time,
      until: time + scoring.riskyHours * 3600,
      points,
      kind: fraudKindOf(kinds, features),
      reasons: strongestReasons(scoreTerms(this.scorecard, features), REASONS_KEPT),
      policyVersion: version,
    };
    const former = this.profile.finding(this.scorecard);
    if (former !== undefined) this.replaced.push(former);
    this.profile.setFinding(finding, this.scorecard);
    this.remembered.set(time, this.callsMadeSince(time - scoring.lookbackHours * 3600));
  }

  /** The people whom the number called of late, as far as the profile remembers them; by call. */
  private callsMadeSince(since: number): Map<number, RememberedCall> {
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
      });
    }
    return calls;
  }
}

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

function exposureOf(leg: Leg, finding: Finding): Exposure {
  return {
    subject: leg.counterpart,
    caller: leg.number,
    call: leg.call,
    start: leg.start,
    duration: heldDuration(leg),
    answered: leg.answered,
    finding,
    arrivedAt: leg.arrivedAt,
  };
}
