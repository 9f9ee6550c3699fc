import type { City, FraudCaller, Tradesperson } from './city.ts';
import { HOUR_MS, localWeekday, localWholeHour } from './day-rhythm.ts';
import {
  type DeceptionStory,
  Exchange,
  firstAttempt,
  PLAN,
  type PlanKind,
  planKind,
  planned,
  type SimulatedCall,
} from './exchange.ts';
import { MOMENT, type Moment } from './happening.ts';
import {
  abroadContactOf,
  outsiderOf,
  type PartyId,
  SERVICE_NUMBERS,
  serviceParty,
  strangerAt,
} from './parties.ts';
import { RELATIONS, type Relation } from './scenario-schema.ts';
import { mix32, SeededRandom } from './seeded-random.ts';

const DAY_MS = 24 * HOUR_MS;
/** Of the strangers that trades and fraud callers dial, so many live elsewhere. [assumption] */
const STRANGERS_ELSEWHERE_SHARE = 0.15;
/** So many of those who talked to a courier or shop last are known to whoever sells orders. [assumption] */
const BUYERS_KNOWN = 2048;
/** Parties abroad with whom a trader has to do, at most. [assumption] */
const CONTACTS_ABROAD = 4;
const DAYS_OF_WEEK = 7;
/** Neighbours on a round that a courier passes between two calls, at most. [assumption] */
const STREET_STEP = 3;

/** One run of a city's time. The same city gives the same happenings every time. */
export class CityLife {
  readonly #city: City;
  readonly #random: SeededRandom;
  readonly #exchange: Exchange;
  readonly #rhythm: readonly number[];
  readonly #week: readonly number[];
  readonly #busiest: number;
  readonly #rhythmMean: number;
  /** Per trade: how far the round has come. */
  readonly #streetPosition: Int32Array;
  // Per fraud caller: cold calls, those of the day `coldDay`, answers until the next victim.
  readonly #coldCalls: Int32Array;
  readonly #coldCallsOfDay: Int32Array;
  readonly #coldDay: Int32Array;
  readonly #mostOfDay: Int32Array;
  readonly #untilVictim: Int32Array;
  readonly #buyers = new Int32Array(BUYERS_KNOWN);
  #buyersSeen = 0;
  #moment: Moment = MOMENT.complete;

  constructor(city: City) {
    this.#city = city;
    this.#random = new SeededRandom(city.seed, 'morning');
    this.#exchange = new Exchange(city, this.#random);
    const { rhythm, week } = city.scenario.residents;
    this.#rhythm = rhythm;
    this.#week = week ?? new Array(DAYS_OF_WEEK).fill(1);
    this.#busiest = Math.max(...rhythm) * Math.max(...this.#week);
    this.#rhythmMean = rhythm.reduce((sum, weight) => sum + weight, 0) / rhythm.length;
    this.#streetPosition = Int32Array.from(city.trades, (trader) => trader.place);
    this.#coldCalls = new Int32Array(city.fraud.length);
    this.#coldCallsOfDay = new Int32Array(city.fraud.length);
    this.#coldDay = new Int32Array(city.fraud.length).fill(-1);
    this.#mostOfDay = new Int32Array(city.fraud.length);
    this.#untilVictim = Int32Array.from(city.fraud, (fraud) => this.#drawVictim(fraud));
    this.#wakeEverybody();
  }

  /** What of the call that `next` gave last has happened. */
  get moment(): Moment {
    return this.#moment;
  }

  /**
   * The call of which something happens next; undefined when all is over. Calls that are up at the end are seen to their own end.
   */
  next(): SimulatedCall | undefined {
    for (;;) {
      const plan = this.#exchange.nextPlan();
      if (plan === undefined) return undefined;
      const kind = planKind(plan);
      if (kind === PLAN.hangUp) {
        const call = this.#exchange.hangUp(planned(plan));
        this.#moment = this.#isAnnounced(call) ? MOMENT.ended : MOMENT.complete;
        return call;
      }
      const call = this.#act(kind, planned(plan), this.#exchange.time);
      if (call === undefined) continue;
      if (call.answered && !this.#isAnnounced(call)) continue;
      this.#moment = call.answered ? MOMENT.started : MOMENT.complete;
      return call;
    }
  }

  #isAnnounced(call: SimulatedCall): boolean {
    return this.#city.feedAt(call.feed).announcesStart;
  }

  #wakeEverybody(): void {
    const exchange = this.#exchange;
    for (let id = 0; id < this.#city.residents; id++) {
      exchange.plan(this.#residentWakes(id, this.#city.start), PLAN.resident, id);
    }
    this.#city.trades.forEach((trader, index) => {
      const from = Math.max(trader.shiftStart, this.#city.start);
      const { incomingPerHour } = trader.trade;
      exchange.plan(this.#poisson(from, trader.callsPerHour), PLAN.trade, index);
      if (incomingPerHour > 0) {
        exchange.plan(this.#poisson(from, incomingPerHour), PLAN.inquiry, index);
      }
    });
    this.#city.fraud.forEach((fraud, index) => {
      if (fraud.honestUntil > fraud.start) exchange.plan(fraud.start, PLAN.honestHolder, index);
      if (Number.isFinite(fraud.start)) exchange.plan(fraud.fraudFrom, PLAN.fraud, index);
    });
  }

  #act(
    kind: Exclude<PlanKind, typeof PLAN.hangUp>,
    index: number,
    now: number,
  ): SimulatedCall | undefined {
    switch (kind) {
      case PLAN.dial:
        return this.#exchange.place(this.#exchange.attemptAt(index), now);
      case PLAN.resident:
        return this.#residentActs(index, now);
      case PLAN.fraud:
        return this.#fraudActs(index, now);
      case PLAN.honestHolder:
        return this.#honestHolderActs(index, now);
      default:
        return this.#tradeActs(kind, index, now);
    }
  }

  #poisson(now: number, perHour: number): number {
    return Math.round(now + this.#random.exponential(HOUR_MS / perHour));
  }

  /** The next call of one's own accord: a Poisson process thinned by the hour of day and the day of the week. */
  #residentWakes(id: PartyId, now: number): number {
    const perDay = this.#city.callsPerDayOf(id) * this.#city.scenario.residents.ownAccordShare;
    return this.#thinned(now, perDay);
  }

  #thinned(now: number, perDay: number): number {
    const gap = (24 * HOUR_MS * this.#rhythmMean) / (perDay * this.#busiest);
    let time = now;
    do time += this.#random.exponential(gap);
    while (time < this.#city.end && this.#random.next() * this.#busiest > this.#weightAt(time));
    return Math.round(time);
  }

  #weightAt(time: number): number {
    const hour = this.#rhythm[localWholeHour(time)] ?? 0;
    return hour * (this.#week[localWeekday(time)] ?? 1);
  }

  #residentActs(id: PartyId, now: number): SimulatedCall | undefined {
    this.#exchange.plan(this.#residentWakes(id, now), PLAN.resident, id);
    const [relation, other] = this.#chooseContact(id);
    const { habit } = this.#city.scenario.residents.relations[relation];
    // Those who live elsewhere have no process of their own: half of these calls come from them.
    const incoming = (relation === 'outside' || relation === 'abroad') && this.#random.chance(0.5);
    const call = this.#exchange.place(
      incoming ? firstAttempt(other, id, habit) : firstAttempt(id, other, habit),
      now,
    );
    if (relation === 'shop' && call?.answered === true) this.#noteBuyer(id);
    return call;
  }

  #noteBuyer(id: PartyId): void {
    this.#buyers[this.#buyersSeen++ % BUYERS_KNOWN] = id;
  }

  #chooseContact(id: PartyId): [Relation, PartyId] {
    const { relations, outsideContacts, abroadShare } = this.#city.scenario.residents;
    let left = this.#random.next();
    let drawn: Relation | undefined;
    for (const relation of RELATIONS) {
      left -= relations[relation].share;
      if (left >= 0) continue;
      drawn = relation;
      break;
    }
    const mate = this.#mate(drawn, id);
    if (drawn !== undefined && mate !== undefined) return [drawn, mate];
    if (drawn === 'shop') return [drawn, this.#city.shopNear(id, this.#skewed(4, 1.5))];
    if (drawn === 'service') {
      return [drawn, serviceParty(this.#skewed(SERVICE_NUMBERS.length, 1.3))];
    }
    if (drawn === 'abroad' && mix32(id ^ this.#city.seed) / 2 ** 32 < abroadShare) {
      return [drawn, abroadContactOf(id)];
    }
    return ['outside', outsiderOf(id, this.#skewed(outsideContacts, 2), outsideContacts)];
  }

  #mate(relation: Relation | undefined, id: PartyId): PartyId | undefined {
    if (relation === 'family') return this.#city.households.mateOf(id, this.#random);
    if (relation === 'work') return this.#city.workplaces.mateOf(id, this.#random);
    if (relation === 'friend') return this.#city.friends.mateOf(id, this.#random);
    return undefined;
  }

  #tradeActs(
    kind: typeof PLAN.trade | typeof PLAN.inquiry,
    index: number,
    now: number,
  ): SimulatedCall | undefined {
    const trader = this.#city.trades[index] as Tradesperson;
    const { id, trade, callsPerHour } = trader;
    const inquiry = kind === PLAN.inquiry;
    const perHour = inquiry ? trade.incomingPerHour : callsPerHour;
    const open = this.#opensAt(trader, now);
    if (open !== now) {
      if (open < trader.until) this.#exchange.plan(this.#poisson(open, perHour), kind, index);
      return undefined;
    }
    this.#exchange.plan(this.#poisson(now, perHour), kind, index);
    const { rhythm } = trade;
    if (rhythm !== undefined && !this.#random.chance(shareOfPeak(rhythm, now))) return undefined;
    const other = this.#customerOf(trader, index);
    const call = this.#exchange.place(
      inquiry ? firstAttempt(other, id, trade.incoming) : firstAttempt(id, other, trade.outgoing),
      now,
    );
    const buyer = trade.strangers === 'street' && this.#city.isResident(other);
    if (buyer && call?.answered === true) this.#noteBuyer(other);
    return call;
  }

  /** `now` when the trader is at work, or else when work begins next; Infinity when it never does. */
  #opensAt(trader: Tradesperson, now: number): number {
    const { midnight } = this.#city;
    const { shiftStart, shiftEnd, from, until, trade } = trader;
    let day = Math.floor((now - midnight) / DAY_MS);
    for (let ahead = 0; ahead <= DAYS_OF_WEEK; ahead++, day++) {
      const begin = Math.max(shiftStart + day * DAY_MS, from);
      const end = Math.min(shiftEnd + day * DAY_MS, until);
      if (now > end || begin >= end) continue;
      if (!this.#city.worksAt(trader.id, trade.week, shiftStart + day * DAY_MS)) continue;
      return Math.max(now, begin);
    }
    // Not yet in use, but later.
    return now < from ? Math.max(from, now + DAYS_OF_WEEK * DAY_MS) : Number.POSITIVE_INFINITY;
  }

  #customerOf({ id, trade }: Tradesperson, index: number): PartyId {
    if (trade.abroadShare !== undefined && this.#random.chance(trade.abroadShare)) {
      return abroadContactOf(id * CONTACTS_ABROAD + this.#random.below(CONTACTS_ABROAD));
    }
    if (this.#random.chance(trade.regularShare)) {
      return mix32(id * 1000 + this.#skewed(trade.regulars, 1.6)) % this.#city.residents;
    }
    if (trade.strangers === 'town') return this.#anybody(STRANGERS_ELSEWHERE_SHARE);
    const position = (this.#streetPosition[index] as number) + this.#random.below(STREET_STEP + 1);
    this.#streetPosition[index] = position;
    return position % this.#city.residents;
  }

  #fraudActs(index: number, now: number): SimulatedCall | undefined {
    const exchange = this.#exchange;
    const fraud = this.#city.fraud[index] as FraudCaller;
    const open = this.#dialsAt(fraud, index, now);
    if (open !== now) {
      if (open < this.#city.end) {
        exchange.plan(this.#poisson(open, fraud.callsPerHour), PLAN.fraud, index);
      }
      return undefined;
    }
    const free = exchange.freeAt(fraud.id, now);
    if (free > now) {
      exchange.plan(exchange.soonAfter(free), PLAN.fraud, index);
      return undefined;
    }
    const { cover } = fraud.habit;
    if (cover !== undefined && this.#random.chance(cover.share)) {
      exchange.plan(this.#poisson(now, fraud.callsPerHour), PLAN.fraud, index);
      return this.#callsAccomplice(fraud, cover.contacts, now);
    }
    return this.#dialsCold(index, fraud, now);
  }

  #dialsCold(index: number, fraud: FraudCaller, now: number): SimulatedCall | undefined {
    const made = (this.#coldCalls[index] as number) + 1;
    this.#coldCalls[index] = made;
    this.#coldCallsOfDay[index] = (this.#coldCallsOfDay[index] as number) + 1;
    const call = this.#exchange.place(
      firstAttempt(fraud.id, this.#target(fraud), fraud.habit.outgoing, (callee) =>
        this.#beginStory(fraud, index, callee),
      ),
      now,
    );
    if (made < fraud.calls) {
      this.#exchange.plan(this.#poisson(now, fraud.callsPerHour), PLAN.fraud, index);
    } else this.#rotate(fraud, index, now);
    return call;
  }

  /** The number has made its calls: the gang goes on with one that it has not used yet. */
  #rotate({ habit, position, gangSize }: FraudCaller, index: number, now: number): void {
    const next = position + (habit.atOnce ?? 1);
    if (next >= gangSize) return;
    const pause = this.#random.between(habit.rotationMinutes ?? [0, 0]) * 60_000;
    this.#exchange.plan(Math.round(now + pause), PLAN.fraud, index - position + next);
  }

  /** `now` when a fraud caller dials at this hour, or else when he does next. */
  #dialsAt({ id, habit }: FraudCaller, index: number, now: number): number {
    const { shift, week, callsPerDay } = habit;
    if (shift === undefined && week === undefined && callsPerDay === undefined) return now;
    const [from, to] = shift ?? [0, 24];
    const { midnight } = this.#city;
    let day = Math.floor((now - midnight) / DAY_MS);
    if (callsPerDay !== undefined && this.#coldDay[index] !== day) {
      this.#coldDay[index] = day;
      this.#coldCallsOfDay[index] = 0;
      this.#mostOfDay[index] = this.#random.wholeBetween(callsPerDay);
    }
    const enough =
      callsPerDay !== undefined &&
      (this.#coldCallsOfDay[index] as number) >= (this.#mostOfDay[index] as number);
    for (let ahead = 0; ahead <= DAYS_OF_WEEK; ahead++, day++) {
      const dayStart = midnight + day * DAY_MS;
      if ((ahead === 0 && enough) || now >= dayStart + to * HOUR_MS) continue;
      if (this.#city.worksAt(id, week, dayStart)) return Math.max(now, dayStart + from * HOUR_MS);
    }
    return Number.POSITIVE_INFINITY;
  }

  #target({ habit }: FraudCaller): PartyId {
    const known = Math.min(this.#buyersSeen, BUYERS_KNOWN);
    if (habit.targets === 'buyers' && known > 0) {
      return this.#buyers[this.#random.below(known)] as number;
    }
    return this.#anybody(habit.targetsElsewhereShare ?? STRANGERS_ELSEWHERE_SHARE);
  }

  /** Either side calls. */
  #callsAccomplice({ id }: FraudCaller, contacts: number, now: number): SimulatedCall | undefined {
    const { habit } = this.#city.scenario.residents.relations.friend;
    const other = outsiderOf(id, this.#random.below(contacts), contacts);
    const incoming = this.#random.chance(0.5);
    return this.#exchange.place(
      incoming ? firstAttempt(other, id, habit) : firstAttempt(id, other, habit),
      now,
    );
  }

  /** Whoever had a recycled number before: a person with a circle. */
  #honestHolderActs(index: number, now: number): SimulatedCall | undefined {
    const { id, habit, honestUntil } = this.#city.fraud[index] as FraudCaller;
    if (habit.history === undefined || now >= honestUntil) return undefined;
    const { callsPerDay, contacts } = habit.history;
    this.#exchange.plan(this.#thinned(now, callsPerDay), PLAN.honestHolder, index);
    const other = mix32(id * 1000 + this.#skewed(contacts, 2)) % this.#city.residents;
    const incoming = this.#random.chance(0.5);
    const { habit: friendly } = this.#city.scenario.residents.relations.friend;
    return this.#exchange.place(
      incoming ? firstAttempt(other, id, friendly) : firstAttempt(id, other, friendly),
      now,
    );
  }

  #beginStory(fraud: FraudCaller, index: number, callee: PartyId): DeceptionStory | undefined {
    const left = (this.#untilVictim[index] as number) - 1;
    this.#untilVictim[index] = left;
    if (left > 0 || !this.#city.isResident(callee)) return undefined;
    this.#untilVictim[index] = this.#drawVictim(fraud);
    const habit = fraud.habit.deception;
    const moreCalls = this.#random.wholeBetween(habit.moreCalls);
    return { habit, swindler: fraud.id, speaker: fraud.id, victim: callee, moreCalls };
  }

  #drawVictim(fraud: FraudCaller): number {
    return this.#random.wholeBetween(fraud.habit.deception.oneAmongAnswered);
  }

  #anybody(elsewhereShare: number): PartyId {
    return this.#random.chance(elsewhereShare)
      ? strangerAt(this.#random.next())
      : this.#random.below(this.#city.residents);
  }

  /** A whole number below `limit`, the lower the likelier. */
  #skewed(limit: number, skew: number): number {
    return Math.floor(limit * this.#random.next() ** skew);
  }
}

function shareOfPeak(rhythm: readonly number[], now: number): number {
  return (rhythm[localWholeHour(now)] ?? 0) / Math.max(...rhythm);
}
