import { Circles } from './circles.ts';
import { HOUR_MS, localHour, shareOfDay } from './day-rhythm.ts';
import type { Feed, FraudHabit, Scenario, Trade } from './morning-scenario.ts';
import {
  imeiOf,
  isAbroad,
  isElsewhere,
  isService,
  type Line,
  type NumberParts,
  normalNumber,
  numberParts,
  type PartyId,
  SERVICE_NUMBERS,
  serviceParty,
} from './parties.ts';
import { mix32, SeededRandom } from './seeded-random.ts';

export interface Tradesperson {
  readonly id: PartyId;
  readonly trade: Trade;
  readonly callsPerHour: number;
  readonly shiftStart: number;
  readonly shiftEnd: number;
  /** Where in town a round begins. */
  readonly place: PartyId;
}

export interface FraudCaller {
  readonly id: PartyId;
  readonly habit: FraudHabit;
  readonly start: number;
  readonly callsPerHour: number;
  readonly calls: number;
  readonly handsets: number;
}

/** Elsewhere in China, for callers from other cities. */
const OTHER_DISTRICTS = ['500112', '310115', '440106', '510703', '511302', '330106', '610113'];
/** Whoever drives about is in another part of town after so long. [assumption] */
const ROAMING_MS = 0.6 * HOUR_MS;
/** Follow-ups, callbacks and inquiries raise a trade's calls to about this much of those it plans. */
const TRADE_FOLLOW_UP = 1.5;

/** Everybody there is, and what lasts about them. Nothing in it changes while the morning goes on. */
export class City {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly start: number;
  readonly end: number;
  readonly residents: number;
  readonly shops: number;
  readonly trades: readonly Tradesperson[];
  readonly fraud: readonly FraudCaller[];
  readonly households: Circles;
  readonly workplaces: Circles;
  readonly friends: Circles;
  readonly callsPerDay: Float32Array;
  readonly talkPace: Float32Array;
  readonly #firstTrade: PartyId;
  readonly #firstFraud: PartyId;
  /** Worked out once for each local party: it takes time. */
  readonly #numbers: (NumberParts | undefined)[];
  readonly #imeis: (string | undefined)[];
  /** The operator of each local party, by index. */
  readonly #feeds: Uint8Array;

  /** @param calls how many calls the morning should have, within some percent */
  constructor(scenario: Scenario, seed: number, calls: number) {
    this.seed = seed;
    this.scenario = scenario;
    this.start = scenario.start;
    this.end = scenario.start + scenario.hours * HOUR_MS;
    const random = new SeededRandom(seed, 'city');
    const scale = calls / scenario.calls;
    const { residents } = scenario;
    const trades = scenario.trades.flatMap((trade) =>
      Array.from({ length: Math.round(trade.count * scale) }, () => trade),
    );
    const fraud = castFraud(scenario, scale);
    const share = shareOfDay(residents.rhythm, scenario.start, scenario.hours);
    const others = sum(trades, (trade) => tradeCalls(trade, scenario)) + sum(fraud, fraudCalls);
    this.residents = Math.max(
      200,
      Math.round((calls - others) / (residents.callsMadePerDay * share)),
    );
    this.shops = Math.ceil(this.residents / residents.residentsPerShop);
    this.#firstTrade = this.residents + this.shops;
    this.#firstFraud = this.#firstTrade + trades.length;
    this.trades = trades.map((trade, index) =>
      this.#employ(trade, this.#firstTrade + index, random),
    );
    this.fraud = fraud.map((habit, index) => this.#plant(habit, this.#firstFraud + index, random));
    this.households = new Circles(this.residents, residents.householdSize, false, random);
    this.workplaces = new Circles(this.residents, residents.workplaceSize, true, random);
    this.friends = new Circles(this.residents, residents.friendsSize, true, random);
    this.callsPerDay = Float32Array.from({ length: this.residents }, () =>
      Math.min(
        residents.callsPerDayMost,
        random.logNormal(residents.callsPerDayMedian, residents.callsPerDaySpread),
      ),
    );
    this.#numbers = new Array(this.localParties).fill(undefined);
    this.#imeis = new Array(this.localParties).fill(undefined);
    this.#feeds = Uint8Array.from({ length: this.localParties }, (_, party) =>
      scenario.feeds.indexOf(this.#drawFeed(party)),
    );
    this.talkPace = Float32Array.from({ length: this.residents }, () =>
      random.logNormal(1, residents.talkPaceSpread),
    );
  }

  /** Residents, shops, trades and fraud callers are numbered from 0 to this, less one. */
  get localParties(): number {
    return this.#firstFraud + this.fraud.length;
  }

  isResident(party: PartyId): boolean {
    return party < this.residents;
  }

  shopNear(resident: PartyId, index: number): PartyId {
    return (
      this.residents +
      ((Math.floor(resident / this.scenario.residents.residentsPerShop) + index * 17) % this.shops)
    );
  }

  traderAt(party: PartyId): Tradesperson | undefined {
    // Reading an array out of its bounds is slow, and this is asked of every party.
    const index = party - this.#firstTrade;
    return index >= 0 && index < this.trades.length ? this.trades[index] : undefined;
  }

  fraudAt(party: PartyId): FraudCaller | undefined {
    const index = party - this.#firstFraud;
    return index >= 0 && index < this.fraud.length ? this.fraud[index] : undefined;
  }

  numberOf(party: PartyId): NumberParts {
    if (party >= this.localParties) return numberParts(party, this.#lineOf(party), this.seed);
    this.#numbers[party] ??= numberParts(party, this.#lineOf(party), this.seed);
    return this.#numbers[party];
  }

  /** The serial number of one of a party's handsets. */
  imeiOf(party: PartyId, handset: number): string {
    if (handset > 0) return imeiOf(party, handset, this.seed);
    this.#imeis[party] ??= imeiOf(party, 0, this.seed);
    return this.#imeis[party];
  }

  normalNumberOf(party: PartyId): string {
    return normalNumber(this.numberOf(party));
  }

  feedOf(party: PartyId): Feed {
    const { feeds } = this.scenario;
    if (party >= this.localParties) return this.#drawFeed(party);
    return feeds[this.#feeds[party] as number] ?? feeds[0];
  }

  #drawFeed(party: PartyId): Feed {
    const { feeds } = this.scenario;
    if (this.fraudAt(party)?.habit.announced === true) {
      return feeds.find((feed) => feed.announcesStart) ?? feeds[0];
    }
    return byShare(feeds, (feed) => feed.share, this.#trait(party, 3)) ?? feeds[0];
  }

  /** How many handsets a party calls from; 0 where none is known. */
  handsetsOf(party: PartyId): number {
    if (isElsewhere(party) || this.#lineOf(party) !== 'mobile') return 0;
    const fraud = this.fraudAt(party);
    if (fraud !== undefined) return fraud.handsets;
    if (!this.isResident(party)) return 1;
    return this.#trait(party, 5) < this.scenario.residents.secondHandsetShare ? 2 : 1;
  }

  /** Where a party is, as a network would know it. */
  districtOf(party: PartyId, time: number, random: SeededRandom): string | undefined {
    if (isService(party) || isAbroad(party)) return undefined;
    if (isElsewhere(party)) {
      return OTHER_DISTRICTS[mix32(party ^ mix32(this.seed)) % OTHER_DISTRICTS.length];
    }
    const trader = this.traderAt(party);
    const fraud = this.fraudAt(party);
    if (trader !== undefined) {
      return trader.trade.roams
        ? this.#homeOf(mix32(party * 64 + Math.floor(time / ROAMING_MS)) % this.residents)
        : this.#homeOf(trader.place);
    }
    if (fraud !== undefined) {
      return fraud.habit.line === 'abroad' ? undefined : this.#workOf(party);
    }
    if (!this.isResident(party))
      return this.#homeOf((party - this.residents) * this.scenario.residents.residentsPerShop);
    if (this.#lineOf(party) === 'landline') return this.#homeOf(party);
    const { leavesHome, elsewhereShare } = this.scenario.residents;
    const leaves = leavesHome[0] + this.#trait(party, 7) * (leavesHome[1] - leavesHome[0]);
    if (random.chance(elsewhereShare)) return this.#anyDistrict(random);
    return localHour(time) < leaves ? this.#homeOf(party) : this.#workOf(party);
  }

  #lineOf(party: PartyId): Line {
    if (isService(party)) return { service: SERVICE_NUMBERS[party - serviceParty(0)] ?? '114' };
    if (isAbroad(party)) return 'abroad';
    if (isElsewhere(party)) return 'mobile';
    const trader = this.traderAt(party);
    if (trader !== undefined) return trader.trade.line;
    const fraud = this.fraudAt(party);
    if (fraud !== undefined) return fraud.habit.line;
    const landlines = this.isResident(party) ? this.scenario.residents.landlineShare : 0.5;
    return this.#trait(party, 11) < landlines ? 'landline' : 'mobile';
  }

  /** A lasting trait of a party in [0, 1). */
  #trait(party: PartyId, which: number): number {
    return mix32(party ^ mix32(this.seed + which)) / 2 ** 32;
  }

  /** Streets are numbered through: neighbours have neighbouring numbers and mostly one district. */
  #homeOf(party: PartyId): string | undefined {
    const position = (party % this.residents) / this.residents;
    return byShare(this.scenario.districts, (district) => district.homeShare, position)?.code;
  }

  #workOf(party: PartyId): string | undefined {
    return byShare(
      this.scenario.districts,
      (district) => district.workShare,
      this.#trait(party, 13),
    )?.code;
  }

  #anyDistrict(random: SeededRandom): string | undefined {
    return byShare(this.scenario.districts, (district) => district.homeShare, random.next())?.code;
  }

  #employ(trade: Trade, id: PartyId, random: SeededRandom): Tradesperson {
    const midnight = this.start - localHour(this.start) * HOUR_MS;
    const [from, to] = trade.shift;
    return {
      id,
      trade,
      callsPerHour: random.between(trade.callsPerHour),
      shiftStart: midnight + (from + random.next() * trade.shiftJitterHours) * HOUR_MS,
      shiftEnd: midnight + (to + random.next() * trade.shiftJitterHours) * HOUR_MS,
      place: random.below(this.residents),
    };
  }

  #plant(habit: FraudHabit, id: PartyId, random: SeededRandom): FraudCaller {
    return {
      id,
      habit,
      start: Math.round(this.start + random.between(habit.startsAt) * (this.end - this.start)),
      callsPerHour: random.between(habit.callsPerHour),
      calls: random.wholeBetween(habit.calls),
      handsets: random.wholeBetween(habit.handsets),
    };
  }
}

function castFraud(scenario: Scenario, scale: number): FraudHabit[] {
  const { fraud } = scenario;
  const length = Math.max(scenario.fewestFraudCallers, Math.round(fraud.length * scale));
  return Array.from({ length }, (_, index) => fraud[index % fraud.length]).filter(
    (habit) => habit !== undefined,
  );
}

function tradeCalls(trade: Trade, scenario: Scenario): number {
  const begin = localHour(scenario.start);
  const hours = Math.max(
    0,
    Math.min(trade.shift[1], begin + scenario.hours) - Math.max(trade.shift[0], begin),
  );
  const planned = (trade.callsPerHour[0] + trade.callsPerHour[1]) / 2 + trade.incomingPerHour;
  return hours * planned * TRADE_FOLLOW_UP;
}

function fraudCalls(habit: FraudHabit): number {
  return (habit.calls[0] + habit.calls[1]) / 2;
}

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((total, item) => total + of(item), 0);
}

/** The item into whose part of the whole `unit` falls, unit in [0, 1). */
function byShare<T>(list: readonly T[], share: (item: T) => number, unit: number): T | undefined {
  let left = unit;
  for (const item of list) {
    left -= share(item);
    if (left < 0) return item;
  }
  return list.at(-1);
}
