import type { City } from './city.ts';
import { EventQueue } from './event-queue.ts';
import { isService, type PartyId } from './parties.ts';
import { Pool } from './pool.ts';
import type { CallHabit, Deception, Range } from './scenario-schema.ts';
import type { SeededRandom } from './seeded-random.ts';

const MINUTE_MS = 60_000;
const SLOT_MS = 10_000;
const STATE_FIELDS = 2;
const BUSY_UNTIL = 0;
const CALLS_MADE = 1;
/** A returned call is expected. [assumption] */
const RETURN_ANSWERED_SHARE = 0.88;
/** A person being deceived waits for the next call. [assumption] */
const DECEIVED_ANSWERED_SHARE = 0.96;
const MOST_TRIES = 6;
const SOONEST_FOLLOW_UP_MINUTES = 0.25;
const LONGEST_TALK_SECONDS = 4 * 3600;
/** Between two calls a caller needs this long, at least and at most. [assumption] */
const PAUSE_SECONDS = [3, 25] as const;

/** How calls end. A call tells the place in this list. */
export const END_REASONS = [
  'busy',
  'caller-hung-up',
  'callee-hung-up',
  'no-answer',
  'declined',
] as const;
const [BUSY, CALLER_HUNG_UP, CALLEE_HUNG_UP, NO_ANSWER, DECLINED] = [0, 1, 2, 3, 4] as const;

/** The story of one person falling for one fraud caller. */
export interface DeceptionStory {
  readonly habit: Deception;
  /** Whoever began it. */
  readonly swindler: PartyId;
  readonly victim: PartyId;
  /** The number of the gang that calls at present. */
  speaker: PartyId;
  moreCalls: number;
}

/** A call that somebody means to make. All of one shape, which the engine reads faster. */
export interface Attempt {
  readonly caller: PartyId;
  readonly callee: PartyId;
  readonly habit: CallHabit;
  readonly tries: number;
  /** The caller returns a call. */
  readonly returning: boolean;
  readonly story: DeceptionStory | undefined;
  /** Asked when a fraud caller's cold call is answered: does this person fall for it? */
  readonly beginStory: ((callee: PartyId) => DeceptionStory | undefined) | undefined;
}

/** A first attempt. */
export function firstAttempt(
  caller: PartyId,
  callee: PartyId,
  habit: CallHabit,
  beginStory?: Attempt['beginStory'],
): Attempt {
  return {
    caller,
    callee,
    habit,
    tries: 0,
    returning: false,
    story: undefined,
    beginStory,
  };
}

export interface SimulatedCall {
  /** Counts from 0 in the order of placing. */
  readonly index: number;
  readonly caller: PartyId;
  readonly callee: PartyId;
  /** Epoch ms of the answer, or of giving up. */
  readonly start: number;
  /** Whole seconds of talk. */
  readonly seconds: number;
  readonly answered: boolean;
  /** Its place in `END_REASONS`. */
  readonly endReason: number;
  /** The caller's operator: its place in the scenario's feeds. */
  readonly feed: number;
  /** Which of the caller's handsets; -1 where none is known. */
  readonly handset: number;
  // Places in the city's `districts`; -1 where none is known.
  readonly callerDistrict: number;
  readonly calleeDistrict: number;
  readonly story: DeceptionStory | undefined;
}

/** What can be planned; for whom or what a whole number says. */
export const PLAN = {
  /** A resident's next call of his or her own accord. */
  resident: 0,
  /** The next call of a trade, or to it. */
  trade: 1,
  inquiry: 2,
  fraud: 3,
  honestHolder: 4,
  /** An attempt, by its place in the exchange. */
  dial: 5,
  /** The end of a call, by its place in the exchange. */
  hangUp: 6,
} as const;
export type PlanKind = (typeof PLAN)[keyof typeof PLAN];
const PLAN_BITS = 3;
const PLAN_MASK = (1 << PLAN_BITS) - 1;

/** Connects calls, keeps lines busy, and plans what follows from a call. */
export class Exchange {
  readonly #queue = new EventQueue(SLOT_MS);
  readonly #attempts = new Pool<Attempt>();
  readonly #calls = new Pool<SimulatedCall>();
  readonly #city: City;
  readonly #random: SeededRandom;
  /** Of each local party, side by side: until when its line is busy, and how many calls it has made. */
  readonly #states: Float64Array;
  readonly #localParties: number;
  readonly #deskLines = new Map<PartyId, Float64Array>();
  /** Until when those who live elsewhere talk; only while they do. */
  readonly #busyElsewhere = new Map<PartyId, number>();
  #placed = 0;

  constructor(city: City, random: SeededRandom) {
    this.#city = city;
    this.#random = random;
    this.#localParties = city.localParties;
    this.#states = new Float64Array(this.#localParties * STATE_FIELDS);
    for (const { id, trade } of city.trades) {
      if (trade.lines > 1) this.#deskLines.set(id, new Float64Array(trade.lines));
    }
  }

  /** Epoch ms of the plan taken last. */
  get time(): number {
    return this.#queue.time;
  }

  /** After the end of the time nothing is begun. */
  plan(time: number, kind: Exclude<PlanKind, typeof PLAN.hangUp>, index: number): void {
    if (time < this.#city.end) this.#queue.push(time, (index << PLAN_BITS) | kind);
  }

  /** Takes the next plan, for `planKind` and `planned`; undefined when there is none. */
  nextPlan(): number | undefined {
    return this.#queue.pop();
  }

  attemptAt(place: number): Attempt {
    return this.#attempts.take(place);
  }

  #dialAt(time: number, attempt: Attempt): void {
    if (time < this.#city.end) this.plan(time, PLAN.dial, this.#attempts.put(attempt));
  }

  /** When a party has a free line: now, or later. */
  freeAt(party: PartyId, now: number): number {
    if (party >= this.#localParties) return Math.max(now, this.#busyElsewhere.get(party) ?? 0);
    // A desk is busy until the first of its lines is free.
    return Math.max(now, this.#states[party * STATE_FIELDS + BUSY_UNTIL] as number);
  }

  /** Epoch ms of the moment a little after a line becomes free. */
  soonAfter(freeAt: number): number {
    return Math.round(freeAt + this.#random.between(PAUSE_SECONDS) * 1000);
  }

  /** Places a call; undefined when the caller's line is busy, and then it is planned for later. */
  place(attempt: Attempt, now: number): SimulatedCall | undefined {
    const { caller, callee } = attempt;
    const free = this.freeAt(caller, now);
    if (free > now) {
      this.#dialAt(this.soonAfter(free), attempt);
      return undefined;
    }
    const busy = this.freeAt(callee, now) > now;
    const answered = !busy && this.#random.chance(answeredShare(attempt));
    const story = attempt.story ?? (answered ? attempt.beginStory?.(callee) : undefined);
    const seconds = answered ? this.#talkSeconds(attempt, story) : 0;
    const call: SimulatedCall = {
      index: this.#placed++,
      caller,
      callee,
      start: now,
      seconds,
      answered,
      endReason: this.#endReason(answered, busy),
      feed: this.#city.feedOf(caller),
      handset: this.#handset(caller),
      callerDistrict: this.#city.districtOf(caller, now, this.#random),
      calleeDistrict: this.#city.districtOf(callee, now, this.#random),
      story,
    };
    const end = now + seconds * 1000;
    if (answered) {
      this.#occupy(caller, now, end);
      this.#occupy(callee, now, end);
      this.#queue.push(end, (this.#calls.put(call) << PLAN_BITS) | PLAN.hangUp);
    }
    if (story !== undefined) this.#continueStory(story, attempt, call, end);
    else this.#planFollowUps(attempt, answered, end);
    return call;
  }

  #talkSeconds(attempt: Attempt, story: DeceptionStory | undefined): number {
    const habit = story?.habit ?? attempt.habit;
    const hangUp = story === undefined ? attempt.habit.hangUp : undefined;
    const median =
      hangUp !== undefined && this.#random.chance(hangUp.share)
        ? hangUp.talkMedianSeconds
        : habit.talkMedianSeconds;
    const { caller } = attempt;
    const pace = story === undefined ? this.#city.talkPaceOf(caller) : 1;
    const seconds = this.#random.logNormal(median * pace, habit.talkSpread);
    return Math.min(LONGEST_TALK_SECONDS, Math.max(1, Math.round(seconds)));
  }

  #endReason(answered: boolean, busy: boolean): number {
    if (busy) return BUSY;
    const first = this.#random.chance(0.5);
    if (answered) return first ? CALLER_HUNG_UP : CALLEE_HUNG_UP;
    return first || this.#random.chance(0.5) ? NO_ANSWER : DECLINED;
  }

  #handset(caller: PartyId): number {
    const handsets = this.#city.handsetsOf(caller);
    if (handsets === 0) return -1;
    const at = caller * STATE_FIELDS + CALLS_MADE;
    const made = this.#states[at] as number;
    this.#states[at] = made + 1;
    if (handsets === 1) return 0;
    const fraud = this.#city.fraudAt(caller);
    if (fraud !== undefined) {
      // Whoever uses the gang's next number begins with its next handset.
      return (fraud.position + Math.floor(made / fraud.habit.callsPerHandset)) % handsets;
    }
    return this.#random.chance(0.8) ? 0 : 1;
  }

  /** To be called when a call is over. */
  hangUp(place: number): SimulatedCall {
    const call = this.#calls.take(place);
    const { caller, callee } = call;
    const local = this.#localParties;
    if (caller >= local) this.#busyElsewhere.delete(caller);
    if (callee >= local) this.#busyElsewhere.delete(callee);
    return call;
  }

  #occupy(party: PartyId, now: number, until: number): void {
    if (party >= this.#localParties) {
      // A service number has lines for everybody.
      if (!isService(party)) this.#busyElsewhere.set(party, until);
      return;
    }
    const lines = this.#city.isResident(party) ? undefined : this.#deskLines.get(party);
    if (lines === undefined) {
      this.#states[party * STATE_FIELDS + BUSY_UNTIL] = until;
      return;
    }
    lines[lines.findIndex((line) => line <= now)] = until;
    this.#states[party * STATE_FIELDS + BUSY_UNTIL] = Math.min(...lines);
  }

  #planFollowUps(attempt: Attempt, answered: boolean, end: number): void {
    const { habit, caller, callee } = attempt;
    const tries = attempt.tries + 1;
    if (tries > MOST_TRIES) return;
    const again = answered ? habit.again : habit.redial;
    if (again !== undefined && this.#random.chance(again.share)) {
      this.#dialLater({ ...attempt, tries }, end, [SOONEST_FOLLOW_UP_MINUTES, again.withinMinutes]);
    }
    const back = answered ? habit.reply : habit.callBack;
    if (back !== undefined && this.#random.chance(back.share)) {
      const returned = { ...attempt, caller: callee, callee: caller, tries, returning: true };
      this.#dialLater({ ...returned, beginStory: undefined }, end, [
        SOONEST_FOLLOW_UP_MINUTES,
        back.withinMinutes,
      ]);
    }
  }

  #dialLater(attempt: Attempt, end: number, minutes: Range): void {
    const wait = this.#random.between(minutes) * MINUTE_MS;
    this.#dialAt(Math.round(end + wait), attempt);
  }

  #continueStory(story: DeceptionStory, attempt: Attempt, call: SimulatedCall, end: number): void {
    if (call.answered && story.moreCalls === 0) return;
    if (!call.answered && attempt.tries >= MOST_TRIES) return;
    if (call.answered) story.moreCalls--;
    const { transferShare } = story.habit;
    const byVictim = this.#random.chance(story.habit.calledByVictimShare);
    if (!byVictim && transferShare !== undefined && this.#random.chance(transferShare)) {
      const speaker = this.#city.fraudAt(story.speaker);
      if (speaker !== undefined) story.speaker = this.#city.nextOfGang(speaker);
    }
    const next: Attempt = {
      ...attempt,
      caller: byVictim ? story.victim : story.speaker,
      callee: byVictim ? story.speaker : story.victim,
      tries: call.answered ? 0 : attempt.tries + 1,
      returning: false,
      story,
    };
    this.#dialLater(next, end, story.habit.gapMinutes);
  }
}

export function planKind(plan: number): PlanKind {
  return (plan & PLAN_MASK) as PlanKind;
}

/** Whom or what a plan is about. */
export function planned(plan: number): number {
  return plan >> PLAN_BITS;
}

function answeredShare(attempt: Attempt): number {
  if (attempt.story !== undefined) return DECEIVED_ANSWERED_SHARE;
  return attempt.returning ? RETURN_ANSWERED_SHARE : attempt.habit.answeredShare;
}
