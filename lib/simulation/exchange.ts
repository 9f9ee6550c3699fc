import type { City } from './city.ts';
import { EventQueue } from './event-queue.ts';
import type { CallHabit, Deception, Range } from './morning-scenario.ts';
import { isService, type PartyId } from './parties.ts';
import type { SeededRandom } from './seeded-random.ts';

const MINUTE_MS = 60_000;
/** A returned call is expected. [assumption] */
const RETURN_ANSWERED_SHARE = 0.88;
/** A person being deceived waits for the next call. [assumption] */
const DECEIVED_ANSWERED_SHARE = 0.96;
const MOST_TRIES = 6;
const SOONEST_FOLLOW_UP_MINUTES = 0.25;
const LONGEST_TALK_SECONDS = 4 * 3600;
/** Between two calls a caller needs this long, at least and at most. [assumption] */
const PAUSE_SECONDS = [3, 25] as const;

/** The story of one person falling for one fraud caller. */
export interface DeceptionStory {
  readonly habit: Deception;
  readonly swindler: PartyId;
  readonly victim: PartyId;
  moreCalls: number;
}

/** A call that somebody means to make. */
export interface Attempt {
  readonly caller: PartyId;
  readonly callee: PartyId;
  readonly habit: CallHabit;
  readonly tries: number;
  /** The caller returns a call. */
  readonly returning?: true;
  readonly story?: DeceptionStory;
  /** Asked when a fraud caller's cold call is answered: does this person fall for it? */
  readonly beginStory?: (callee: PartyId) => DeceptionStory | undefined;
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
  readonly endReason: string;
  /** Which of the caller's handsets; -1 where none is known. */
  readonly handset: number;
  readonly callerDistrict: string | undefined;
  readonly calleeDistrict: string | undefined;
  readonly story: DeceptionStory | undefined;
}

export type Plan =
  | { readonly kind: 'resident'; readonly id: PartyId }
  | { readonly kind: 'trade' | 'inquiry'; readonly index: number }
  | { readonly kind: 'fraud'; readonly index: number }
  | { readonly kind: 'dial'; readonly attempt: Attempt }
  | { readonly kind: 'hang-up'; readonly call: SimulatedCall };

/** Connects calls, keeps lines busy, and plans what follows from a call. */
export class Exchange {
  readonly queue = new EventQueue<Plan>(MINUTE_MS);
  readonly #city: City;
  readonly #random: SeededRandom;
  readonly #busyUntil: Float64Array;
  readonly #deskLines = new Map<PartyId, Float64Array>();
  /** Until when those who live elsewhere talk; only while they do. */
  readonly #busyElsewhere = new Map<PartyId, number>();
  readonly #callsMade: Int32Array;
  #placed = 0;

  constructor(city: City, random: SeededRandom) {
    this.#city = city;
    this.#random = random;
    this.#busyUntil = new Float64Array(city.localParties);
    this.#callsMade = new Int32Array(city.localParties);
    for (const { id, trade } of city.trades) {
      if (trade.lines > 1) this.#deskLines.set(id, new Float64Array(trade.lines));
    }
  }

  /** When a party has a free line: now, or later. */
  freeAt(party: PartyId, now: number): number {
    if (party >= this.#busyUntil.length) return Math.max(now, this.#busyElsewhere.get(party) ?? 0);
    const lines = this.#deskLines.get(party);
    const until = lines === undefined ? (this.#busyUntil[party] as number) : Math.min(...lines);
    return Math.max(now, until);
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
      this.queue.push(this.soonAfter(free), { kind: 'dial', attempt });
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
      handset: this.#handset(caller),
      callerDistrict: this.#city.districtOf(caller, now, this.#random),
      calleeDistrict: this.#city.districtOf(callee, now, this.#random),
      story,
    };
    const end = now + seconds * 1000;
    if (answered) {
      this.#occupy(caller, now, end);
      this.#occupy(callee, now, end);
      this.queue.push(end, { kind: 'hang-up', call });
    }
    if (story !== undefined) this.#continueStory(story, attempt, call, end);
    else this.#planFollowUps(attempt, answered, end);
    return call;
  }

  #talkSeconds(attempt: Attempt, story: DeceptionStory | undefined): number {
    const habit = story?.habit ?? attempt.habit;
    const pace = story === undefined ? (this.#city.talkPace[attempt.caller] ?? 1) : 1;
    const seconds = this.#random.logNormal(habit.talkMedianSeconds * pace, habit.talkSpread);
    return Math.min(LONGEST_TALK_SECONDS, Math.max(1, Math.round(seconds)));
  }

  #endReason(answered: boolean, busy: boolean): string {
    if (busy) return 'busy';
    const first = this.#random.chance(0.5);
    if (answered) return first ? 'caller-hung-up' : 'callee-hung-up';
    return first || this.#random.chance(0.5) ? 'no-answer' : 'declined';
  }

  #handset(caller: PartyId): number {
    const handsets = this.#city.handsetsOf(caller);
    const made = this.#callsMade[caller];
    if (handsets === 0 || made === undefined) return -1;
    this.#callsMade[caller] = made + 1;
    if (handsets === 1) return 0;
    const fraud = this.#city.fraudAt(caller);
    if (fraud !== undefined) return Math.floor(made / fraud.habit.callsPerHandset) % handsets;
    return this.#random.chance(0.8) ? 0 : 1;
  }

  /** To be called when a call is over. */
  hangUp({ caller, callee }: SimulatedCall): void {
    this.#busyElsewhere.delete(caller);
    this.#busyElsewhere.delete(callee);
  }

  #occupy(party: PartyId, now: number, until: number): void {
    if (party >= this.#busyUntil.length) {
      // A service number has lines for everybody.
      if (!isService(party)) this.#busyElsewhere.set(party, until);
      return;
    }
    const lines = this.#deskLines.get(party);
    if (lines === undefined) this.#busyUntil[party] = until;
    else lines[lines.findIndex((line) => line <= now)] = until;
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
      const returned: Attempt = { caller: callee, callee: caller, habit, tries, returning: true };
      this.#dialLater(returned, end, [SOONEST_FOLLOW_UP_MINUTES, back.withinMinutes]);
    }
  }

  #dialLater(attempt: Attempt, end: number, minutes: Range): void {
    const wait = this.#random.between(minutes) * MINUTE_MS;
    this.queue.push(Math.round(end + wait), { kind: 'dial', attempt });
  }

  #continueStory(story: DeceptionStory, attempt: Attempt, call: SimulatedCall, end: number): void {
    if (call.answered && story.moreCalls === 0) return;
    if (!call.answered && attempt.tries >= MOST_TRIES) return;
    if (call.answered) story.moreCalls--;
    const byVictim = this.#random.chance(story.habit.calledByVictimShare);
    const next: Attempt = {
      caller: byVictim ? story.victim : story.swindler,
      callee: byVictim ? story.swindler : story.victim,
      habit: attempt.habit,
      tries: call.answered ? 0 : attempt.tries + 1,
      story,
    };
    this.#dialLater(next, end, story.habit.gapMinutes);
  }
}

function answeredShare(attempt: Attempt): number {
  if (attempt.story !== undefined) return DECEIVED_ANSWERED_SHARE;
  return attempt.returning === true ? RETURN_ANSWERED_SHARE : attempt.habit.answeredShare;
}
