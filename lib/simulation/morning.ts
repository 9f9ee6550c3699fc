import type { City, FraudCaller, Tradesperson } from './city.ts';
import { HOUR_MS, localHour } from './day-rhythm.ts';
import { type DeceptionStory, Exchange, type Plan, type SimulatedCall } from './exchange.ts';
import { RELATIONS, type Relation } from './morning-scenario.ts';
import {
  abroadContactOf,
  outsiderOf,
  type PartyId,
  SERVICE_NUMBERS,
  serviceParty,
  strangerAt,
} from './parties.ts';
import { mix32, SeededRandom } from './seeded-random.ts';

/** What an operator's network notices. */
export interface Happening {
  /** `complete`: a call that is over, in one piece. */
  readonly moment: 'started' | 'ended' | 'complete';
  readonly call: SimulatedCall;
}

/** Of the strangers that trades and fraud callers dial, so many live elsewhere. [assumption] */
const STRANGERS_ELSEWHERE_SHARE = 0.15;
/** Neighbours on a round that a courier passes between two calls, at most. [assumption] */
const STREET_STEP = 3;

/** One run of a morning. The same city gives the same happenings every time. */
export class Morning {
  readonly #city: City;
  readonly #random: SeededRandom;
  readonly #exchange: Exchange;
  readonly #busiest: number;
  readonly #rhythmMean: number;
  /** Per trade: how far the round has come. Per fraud caller: cold calls, answers, answers until the next victim. */
  readonly #streetPosition: Int32Array;
  readonly #coldCalls: Int32Array;
  readonly #untilVictim: Int32Array;

  constructor(city: City) {
    this.#city = city;
    this.#random = new SeededRandom(city.seed, 'morning');
    this.#exchange = new Exchange(city, this.#random);
    const { rhythm } = city.scenario.residents;
    this.#busiest = Math.max(...rhythm);
    this.#rhythmMean = rhythm.reduce((sum, weight) => sum + weight, 0) / rhythm.length;
    this.#streetPosition = Int32Array.from(city.trades, (trader) => trader.place);
    this.#coldCalls = new Int32Array(city.fraud.length);
    this.#untilVictim = Int32Array.from(city.fraud, (fraud) => this.#drawVictim(fraud));
  }

  /** Everything in the order in which it happens; calls that are up at the end are seen to their own end. */
  *happenings(): Generator<Happening> {
    this.#wakeEverybody();
    const { queue } = this.#exchange;
    for (;;) {
      const next = queue.pop();
      if (next === undefined) return;
      const { time: now, item: plan } = next;
      if (plan.kind === 'hang-up') {
        this.#exchange.hangUp(plan.call);
        const announced = this.#city.feedOf(plan.call.caller).announcesStart;
        yield { moment: announced ? 'ended' : 'complete', call: plan.call };
      } else if (now < this.#city.end) {
        const call = this.#act(plan, now);
        if (call === undefined) continue;
        if (!call.answered) yield { moment: 'complete', call };
        else if (this.#city.feedOf(call.caller).announcesStart) yield { moment: 'started', call };
      }
    }
  }

  #wakeEverybody(): void {
    const { queue } = this.#exchange;
    for (let id = 0; id < this.#city.residents; id++) {
      queue.push(this.#residentWakes(id, this.#city.start), { kind: 'resident', id });
    }
    this.#city.trades.forEach((trader, index) => {
      const from = Math.max(trader.shiftStart, this.#city.start);
      const { incomingPerHour } = trader.trade;
      queue.push(this.#poisson(from, trader.callsPerHour), { kind: 'trade', index });
      if (incomingPerHour > 0) {
        queue.push(this.#poisson(from, incomingPerHour), { kind: 'inquiry', index });
      }
    });
    this.#city.fraud.forEach((fraud, index) => {
      queue.push(fraud.start, { kind: 'fraud', index });
    });
  }

  #act(plan: Exclude<Plan, { kind: 'hang-up' }>, now: number): SimulatedCall | undefined {
    switch (plan.kind) {
      case 'dial':
        return this.#exchange.place(plan.attempt, now);
      case 'resident':
        return this.#residentActs(plan, now);
      case 'fraud':
        return this.#fraudActs(plan, now);
      default:
        return this.#tradeActs(plan, now);
    }
  }

  #poisson(now: number, perHour: number): number {
    return Math.round(now + this.#random.exponential(HOUR_MS / perHour));
  }

  /** The next call of one's own accord: a Poisson process thinned by the hour of day. */
  #residentWakes(id: PartyId, now: number): number {
    const { rhythm, ownAccordShare } = this.#city.scenario.residents;
    const perDay = (this.#city.callsPerDay[id] as number) * ownAccordShare;
    const gap = (24 * HOUR_MS * this.#rhythmMean) / (perDay * this.#busiest);
    let time = now;
    do time += this.#random.exponential(gap);
    while (
      time < this.#city.end &&
      this.#random.next() * this.#busiest > (rhythm[Math.floor(localHour(time))] ?? 0)
    );
    return Math.round(time);
  }

  #residentActs(plan: Extract<Plan, { kind: 'resident' }>, now: number): SimulatedCall | undefined {
    const { id } = plan;
    const wakes = this.#residentWakes(id, now);
    if (wakes < this.#city.end) this.#exchange.queue.push(wakes, plan);
    const [relation, other] = this.#chooseContact(id);
    const { habit } = this.#city.scenario.residents.relations[relation];
    // Those who live elsewhere have no process of their own: half of these calls come from them.
    const incoming = (relation === 'outside' || relation === 'abroad') && this.#random.chance(0.5);
    return this.#exchange.place(
      { caller: incoming ? other : id, callee: incoming ? id : other, habit, tries: 0 },
      now,
    );
  }

  #chooseContact(id: PartyId): [Relation, PartyId] {
    const { relations, outsideContacts, abroadShare } = this.#city.scenario.residents;
    let left = this.#random.next();
    const drawn = RELATIONS.find((relation) => {
      left -= relations[relation].share;
      return left < 0;
    });
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
    plan: Extract<Plan, { kind: 'trade' | 'inquiry' }>,
    now: number,
  ): SimulatedCall | undefined {
    const trader = this.#city.trades[plan.index] as Tradesperson;
    const { id, trade, callsPerHour } = trader;
    if (now > trader.shiftEnd) return undefined;
    const inquiry = plan.kind === 'inquiry';
    const perHour = inquiry ? trade.incomingPerHour : callsPerHour;
    this.#exchange.queue.push(this.#poisson(now, perHour), plan);
    const other = this.#customerOf(trader, plan.index);
    return this.#exchange.place(
      inquiry
        ? { caller: other, callee: id, habit: trade.incoming, tries: 0 }
        : { caller: id, callee: other, habit: trade.outgoing, tries: 0 },
      now,
    );
  }

  #customerOf({ id, trade }: Tradesperson, index: number): PartyId {
    if (this.#random.chance(trade.regularShare)) {
      return mix32(id * 1000 + this.#skewed(trade.regulars, 1.6)) % this.#city.residents;
    }
    if (trade.strangers === 'town') return this.#anybody();
    const position = (this.#streetPosition[index] as number) + this.#random.below(STREET_STEP + 1);
    this.#streetPosition[index] = position;
    return position % this.#city.residents;
  }

  #fraudActs(plan: Extract<Plan, { kind: 'fraud' }>, now: number): SimulatedCall | undefined {
    const { index } = plan;
    const fraud = this.#city.fraud[index] as FraudCaller;
    const free = this.#exchange.freeAt(fraud.id, now);
    if (free > now) {
      this.#exchange.queue.push(this.#exchange.soonAfter(free), plan);
      return undefined;
    }
    const made = (this.#coldCalls[index] as number) + 1;
    this.#coldCalls[index] = made;
    const call = this.#exchange.place(
      {
        caller: fraud.id,
        callee: this.#anybody(),
        habit: fraud.habit.outgoing,
        tries: 0,
        beginStory: (callee) => this.#beginStory(fraud, index, callee),
      },
      now,
    );
    if (made < fraud.calls) {
      this.#exchange.queue.push(this.#poisson(now, fraud.callsPerHour), plan);
    }
    return call;
  }

  #beginStory(fraud: FraudCaller, index: number, callee: PartyId): DeceptionStory | undefined {
    const left = (this.#untilVictim[index] as number) - 1;
    this.#untilVictim[index] = left;
    if (left > 0 || !this.#city.isResident(callee)) return undefined;
    this.#untilVictim[index] = this.#drawVictim(fraud);
    const habit = fraud.habit.deception;
    const moreCalls = this.#random.wholeBetween(habit.moreCalls);
    return { habit, swindler: fraud.id, victim: callee, moreCalls };
  }

  #drawVictim(fraud: FraudCaller): number {
    return this.#random.wholeBetween(fraud.habit.deception.oneAmongAnswered);
  }

  #anybody(): PartyId {
    return this.#random.chance(STRANGERS_ELSEWHERE_SHARE)
      ? strangerAt(this.#random.next())
      : this.#random.below(this.#city.residents);
  }

  /** A whole number below `limit`, the lower the likelier. */
  #skewed(limit: number, skew: number): number {
    return Math.floor(limit * this.#random.next() ** skew);
  }
}
