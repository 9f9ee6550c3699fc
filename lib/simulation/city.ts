import { parseIsoTimestamp } from '../domain/timestamp.ts';
import { Circles } from './circles.ts';
import { HOUR_MS, localHour, localWeekday } from './day-rhythm.ts';
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
import type { Feed, FraudHabit, Scenario, Trade } from './scenario-schema.ts';
import { mix32, SeededRandom } from './seeded-random.ts';

export interface Tradesperson {
  readonly id: PartyId;
  readonly trade: Trade;
  readonly callsPerHour: number;
  /** Of the first day; a day later on the next. */
  readonly shiftStart: number;
  readonly shiftEnd: number;
  /** First and last moment at which the number is in use. */
  readonly from: number;
  readonly until: number;
  /** Where in town a round begins. */
  readonly place: PartyId;
}

export interface FraudCaller {
  readonly id: PartyId;
  readonly habit: FraudHabit;
  /** Its number among those of its gang, and how many these are. */
  readonly position: number;
  readonly gangSize: number;
  /** Infinity when the number is used after another one. */
  readonly start: number;
  /** When the honest holder was seen last; `start` when there was none. */
  readonly honestUntil: number;
  /** When the first fraudulent call can be. */
  readonly fraudFrom: number;
  readonly callsPerHour: number;
  readonly calls: number;
  readonly handsets: number;
}

// What lasts about a party, side by side, so that the processor fetches it at once: traits of a byte each, and behind
// them measures of eight bytes each, of residents only.
const PARTY_BYTES = 32;
const FEED = 0;
const LANDLINE = 1;
const HANDSETS = 2;
const HOME = 3;
const WORK = 4;
const MEASURES = PARTY_BYTES / 8;
const LEAVES = 1;
const CALLS_PER_DAY = 2;
const TALK_PACE = 3;

const DAY_MS = 24 * HOUR_MS;
const NOWHERE = -1;
/** Elsewhere in China, for callers from other cities. */
const OTHER_DISTRICTS = ['500112', '310115', '440106', '510703', '511302', '330106', '610113'];
/** Whoever drives about is in another part of town after so long. [assumption] */
const ROAMING_MS = 0.6 * HOUR_MS;
/** The numbers of a gang that are in use at once begin within so long of each other. [assumption] */
const GANG_STAGGER_MS = 0.5 * HOUR_MS;
/** What a recycled number did before takes at most so much of the time that is left. */
const HISTORY_SHARE = 0.75;

/** Everybody there is, and what lasts about them. Nothing in it changes while time goes on. */
export class City {
  readonly seed: number;
  readonly scenario: Scenario;
  /** Epoch ms of the first call, and of the end of the warm-up. */
  readonly start: number;
  readonly from: number;
  readonly end: number;
  /** Local midnight before the start. */
  readonly midnight: number;
  readonly residents: number;
  readonly shops: number;
  readonly trades: readonly Tradesperson[];
  readonly fraud: readonly FraudCaller[];
  readonly households: Circles;
  readonly workplaces: Circles;
  readonly friends: Circles;
  /** Codes of the city's own districts and of those elsewhere. */
  readonly districts: readonly string[];
  readonly #firstTrade: PartyId;
  readonly #firstFraud: PartyId;
  /** Where the districts elsewhere begin. */
  readonly #firstElsewhere: number;
  readonly #elsewhereTrait: number;
  // Worked out once for each local party, because it takes time and every call asks for it.
  readonly #numbers: (NumberParts | undefined)[];
  readonly #imeis: (string | undefined)[];
  // Two views of one memory.
  readonly #traits: Uint8Array;
  readonly #measures: Float64Array;

  constructor(scenario: Scenario, seed: number) {
    this.seed = seed;
    this.scenario = scenario;
    this.from = startOf(scenario);
    this.start = this.from - Math.round((scenario.warmUpDays ?? 0) * DAY_MS);
    this.end = this.from + Math.round(scenario.days * DAY_MS);
    this.midnight = this.start - localHour(this.start) * HOUR_MS;
    const random = new SeededRandom(seed, 'city');
    const { residents } = scenario;
    this.residents = scenario.people;
    this.shops = Math.ceil(this.residents / residents.residentsPerShop);
    this.#firstTrade = this.residents + this.shops;
    this.trades = scenario.trades
      .flatMap((trade) => Array.from({ length: trade.count }, () => trade))
      .map((trade, index) => this.#employ(trade, this.#firstTrade + index, random));
    this.#firstFraud = this.#firstTrade + this.trades.length;
    this.fraud = this.#plantAll(random);
    this.households = new Circles(this.residents, residents.householdSize, false, random);
    this.workplaces = new Circles(this.residents, residents.workplaceSize, true, random);
    this.friends = new Circles(this.residents, residents.friendsSize, true, random);
    const lasting = new ArrayBuffer(this.localParties * PARTY_BYTES);
    this.#traits = new Uint8Array(lasting);
    this.#measures = new Float64Array(lasting);
    this.#measure(CALLS_PER_DAY, () =>
      Math.min(
        residents.callsPerDayMost,
        random.logNormal(residents.callsPerDayMedian, residents.callsPerDaySpread),
      ),
    );
    this.districts = [...scenario.districts.map(({ code }) => code), ...OTHER_DISTRICTS];
    this.#firstElsewhere = scenario.districts.length;
    this.#elsewhereTrait = mix32(seed);
    this.#numbers = new Array(this.localParties).fill(undefined);
    this.#imeis = new Array(this.localParties).fill(undefined);
    for (let party = 0; party < this.localParties; party++) {
      const at = party * PARTY_BYTES;
      this.#traits[at + FEED] = this.#drawFeed(party);
      this.#traits[at + LANDLINE] = this.#lineOf(party) === 'landline' ? 1 : 0;
      this.#traits[at + HANDSETS] = this.#drawHandsets(party);
      this.#traits[at + HOME] = this.#drawHome(party);
      this.#traits[at + WORK] = this.#drawWork(party);
    }
    const { leavesHome } = residents;
    for (let party = 0; party < this.residents; party++) {
      this.#measures[party * MEASURES + LEAVES] =
        leavesHome[0] + this.#trait(party, 7) * (leavesHome[1] - leavesHome[0]);
    }
    this.#measure(TALK_PACE, () => random.logNormal(1, residents.talkPaceSpread));
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

  /** The next number of a fraud caller's gang, in a ring; itself when it is alone. */
  nextOfGang({ id, position, gangSize }: FraudCaller): PartyId {
    return id - position + ((position + 1) % gangSize);
  }

  numberOf(party: PartyId): NumberParts {
    if (party >= this.localParties) return numberParts(party, this.#lineOf(party), this.seed);
    this.#numbers[party] ??= numberParts(party, this.#lineOf(party), this.seed);
    return this.#numbers[party];
  }

  /** The serial number of one of a party's handsets; a gang shares its handsets. */
  imeiOf(party: PartyId, handset: number): string {
    const owner = party - (this.fraudAt(party)?.position ?? 0);
    if (handset > 0) return imeiOf(owner, handset, this.seed);
    this.#imeis[owner] ??= imeiOf(owner, 0, this.seed);
    return this.#imeis[owner];
  }

  normalNumberOf(party: PartyId): string {
    return normalNumber(this.numberOf(party));
  }

  /** Whether calls with the party cross the border, whatever number is shown. */
  isForeign(party: PartyId): boolean {
    if (isAbroad(party)) return true;
    const line = this.fraudAt(party)?.habit.line;
    return line === 'abroad' || line === 'forged';
  }

  /** The place of the party's operator in the scenario's feeds. */
  feedOf(party: PartyId): number {
    return party >= this.localParties ? this.#drawFeed(party) : this.#known(party, FEED);
  }

  feedAt(index: number): Feed {
    return this.scenario.feeds[index] as Feed;
  }

  /** How many handsets a party calls from; 0 where none is known. */
  handsetsOf(party: PartyId): number {
    return party >= this.localParties ? 0 : this.#known(party, HANDSETS);
  }

  /** Where a party is, as a network would know it: a place in `districts`, -1 where it knows none. */
  districtOf(party: PartyId, time: number, random: SeededRandom): number {
    if (isService(party) || isAbroad(party)) return NOWHERE;
    if (isElsewhere(party)) return this.#elsewhere(party);
    if (!this.isResident(party)) return this.#districtOfBusiness(party, time);
    if (this.#known(party, LANDLINE) === 1) return this.#known(party, HOME);
    const { elsewhereShare, awayShare, returnsHome } = this.scenario.residents;
    if (awayShare !== undefined && this.#dayTrait(party, time, 17) < awayShare) {
      return this.#elsewhere(party);
    }
    if (random.chance(elsewhereShare)) return this.#anyDistrict(random);
    const hour = localHour(time);
    const out =
      hour >= this.#measured(party, LEAVES) &&
      (returnsHome === undefined ||
        hour < returnsHome[0] + this.#trait(party, 23) * (returnsHome[1] - returnsHome[0]));
    return this.#known(party, out ? WORK : HOME);
  }

  /** Whether a trader works on the day of `time`. */
  worksAt(party: PartyId, week: readonly number[] | undefined, time: number): boolean {
    if (week === undefined) return true;
    return this.#dayTrait(party, time, 19) < (week[localWeekday(time)] ?? 1);
  }

  /** Calls that a resident has on a day, made and received. */
  callsPerDayOf(resident: PartyId): number {
    return this.#measured(resident, CALLS_PER_DAY);
  }

  /** How much longer than others a resident talks; 1 for everybody else. */
  talkPaceOf(party: PartyId): number {
    return this.isResident(party) ? this.#measured(party, TALK_PACE) : 1;
  }

  /** Draws a measure of each resident, to 32 bits: changing that would change every city. */
  #measure(which: number, draw: () => number): void {
    for (let party = 0; party < this.residents; party++) {
      this.#measures[party * MEASURES + which] = Math.fround(draw());
    }
  }

  #measured(party: PartyId, which: number): number {
    return this.#measures[party * MEASURES + which] as number;
  }

  #known(party: PartyId, trait: number): number {
    return this.#traits[party * PARTY_BYTES + trait] as number;
  }

  #elsewhere(party: PartyId): number {
    return this.#firstElsewhere + (mix32(party ^ this.#elsewhereTrait) % OTHER_DISTRICTS.length);
  }

  #districtOfBusiness(party: PartyId, time: number): number {
    const trader = this.traderAt(party);
    if (trader === undefined) {
      const fraud = this.fraudAt(party);
      if (fraud === undefined) return this.#known(party, HOME);
      return this.isForeign(party) ? NOWHERE : this.#known(party, WORK);
    }
    const place = trader.trade.roams
      ? mix32(party * 64 + Math.floor(time / ROAMING_MS)) % this.residents
      : trader.place;
    return this.#known(place, HOME);
  }

  #drawFeed(party: PartyId): number {
    const { feeds } = this.scenario;
    if (this.fraudAt(party)?.habit.announced === true) {
      return Math.max(
        0,
        feeds.findIndex((feed) => feed.announcesStart),
      );
    }
    let left = this.#trait(party, 3);
    for (let index = 0; index < feeds.length; index++) {
      left -= feeds[index]?.share ?? 0;
      if (left < 0) return index;
    }
    return feeds.length - 1;
  }

  #drawHandsets(party: PartyId): number {
    if (this.#lineOf(party) !== 'mobile') return 0;
    const fraud = this.fraudAt(party);
    if (fraud !== undefined) return fraud.habit.line === 'forged' ? 0 : fraud.handsets;
    if (!this.isResident(party)) return 1;
    return this.#trait(party, 5) < this.scenario.residents.secondHandsetShare ? 2 : 1;
  }

  /** Streets are numbered through: neighbours have neighbouring numbers and mostly one district. */
  #drawHome(party: PartyId): number {
    const shop = party >= this.residents && party < this.#firstTrade;
    const { residentsPerShop } = this.scenario.residents;
    const resident = shop ? (party - this.residents) * residentsPerShop : party;
    const { districts } = this.scenario;
    return placeByShare(
      districts,
      (district) => district.homeShare,
      (resident % this.residents) / this.residents,
    );
  }

  #drawWork(party: PartyId): number {
    const { districts } = this.scenario;
    return placeByShare(districts, (district) => district.workShare, this.#trait(party, 13));
  }

  #lineOf(party: PartyId): Line {
    if (isService(party)) return { service: SERVICE_NUMBERS[party - serviceParty(0)] ?? '114' };
    if (isAbroad(party)) return 'abroad';
    if (isElsewhere(party)) return 'mobile';
    const trader = this.traderAt(party);
    if (trader !== undefined) return trader.trade.line;
    const fraud = this.fraudAt(party);
    if (fraud !== undefined) return this.#shownLineOf(fraud);
    const landlines = this.isResident(party) ? this.scenario.residents.landlineShare : 0.5;
    return this.#trait(party, 11) < landlines ? 'landline' : 'mobile';
  }

  #shownLineOf({ id, habit }: FraudCaller): Line {
    if (habit.line !== 'forged') return habit.line;
    return this.#trait(id, 29) < 0.5 ? 'landline' : 'mobile';
  }

  /** A lasting trait of a party in [0, 1). */
  #trait(party: PartyId, which: number): number {
    return mix32(party ^ mix32(this.seed + which)) / 2 ** 32;
  }

  /** A trait of a party on the day of `time`, in [0, 1). */
  #dayTrait(party: PartyId, time: number, which: number): number {
    return this.#trait(party, which + 31 * Math.floor((time - this.midnight) / DAY_MS));
  }

  #anyDistrict(random: SeededRandom): number {
    const { districts } = this.scenario;
    return placeByShare(districts, (district) => district.homeShare, random.next());
  }

  #employ(trade: Trade, id: PartyId, random: SeededRandom): Tradesperson {
    const [opens, closes] = trade.shift;
    const callsPerHour = random.between(trade.callsPerHour);
    const shiftStart = this.midnight + (opens + random.next() * trade.shiftJitterHours) * HOUR_MS;
    const shiftEnd = this.midnight + (closes + random.next() * trade.shiftJitterHours) * HOUR_MS;
    const place = random.below(this.residents);
    const from =
      trade.appearsAt === undefined
        ? this.start
        : this.from + random.between(trade.appearsAt) * (this.end - this.from);
    const until =
      trade.activeDays === undefined
        ? this.end
        : Math.min(this.end, from + trade.activeDays * DAY_MS);
    return { id, trade, callsPerHour, shiftStart, shiftEnd, from, until, place };
  }

  #plantAll(random: SeededRandom): FraudCaller[] {
    const planted: FraudCaller[] = [];
    for (const habit of this.scenario.fraud) {
      for (let gang = 0; gang < habit.count; gang++) {
        const size = habit.numbers === undefined ? 1 : random.wholeBetween(habit.numbers);
        const first = this.#plant(habit, this.#firstFraud + planted.length, size, random);
        planted.push(first);
        for (let position = 1; position < size; position++) {
          planted.push(this.#enlist(first, position, random));
        }
      }
    }
    return planted;
  }

  #plant(habit: FraudHabit, id: PartyId, gangSize: number, random: SeededRandom): FraudCaller {
    const span = this.end - this.from;
    const start = Math.round(this.from + random.between(habit.startsAt) * span);
    const callsPerHour = random.between(habit.callsPerHour);
    const calls = random.wholeBetween(habit.calls);
    const handsets = random.wholeBetween(habit.handsets);
    const planted = { id, habit, position: 0, gangSize, start, callsPerHour, calls, handsets };
    if (habit.history === undefined) return { ...planted, honestUntil: start, fraudFrom: start };
    const days = random.between(habit.history.days) * DAY_MS;
    const silence = random.between(habit.history.silenceHours) * HOUR_MS;
    const fit = Math.min(1, ((this.end - start) * HISTORY_SHARE) / (days + silence));
    const honestUntil = Math.round(start + days * fit);
    return { ...planted, honestUntil, fraudFrom: Math.round(honestUntil + silence * fit) };
  }

  /** A further number of a gang. */
  #enlist(first: FraudCaller, position: number, random: SeededRandom): FraudCaller {
    const { habit } = first;
    const atOnce = position < (habit.atOnce ?? 1);
    const start = atOnce
      ? Math.round(first.fraudFrom + random.next() * GANG_STAGGER_MS)
      : Number.POSITIVE_INFINITY;
    return {
      ...first,
      id: first.id + position,
      position,
      start,
      honestUntil: start,
      fraudFrom: atOnce ? start : first.fraudFrom,
      callsPerHour: random.between(habit.callsPerHour),
      calls: random.wholeBetween(habit.calls),
    };
  }
}

/** First moment of a scenario, epoch ms. */
export function startOf(scenario: Scenario): number {
  return parseIsoTimestamp(scenario.start) ?? Number.NaN;
}

/** The place of the item into whose part of the whole `unit` falls, unit in [0, 1). */
function placeByShare<T>(list: readonly T[], share: (item: T) => number, unit: number): number {
  let left = unit;
  for (let index = 0; index < list.length; index++) {
    left -= share(list[index] as T);
    if (left < 0) return index;
  }
  return list.length - 1;
}
