import type { NumberToken } from '../domain/leg.ts';
import type { Suspect } from './suspect.ts';

/** A handset that a suspect called from; fingerprint 0 stands for all that are unknown. */
export interface HandsetUse {
  readonly number: NumberToken;
  readonly handset: number;
  readonly district: number;
  readonly made: number;
  /** Epoch seconds. */
  readonly firstCall: number;
  readonly lastCall: number;
}

/** People whom two suspects dialled both. */
export interface SharedContacts {
  readonly number: NumberToken;
  readonly also: NumberToken;
  readonly shared: number;
  /** Of these, kept on the line by both. */
  readonly sharedLong: number;
}

/** What binds two numbers, and how strongly: the log-odds that it is no chance. */
export interface NumberLink {
  readonly from: NumberToken;
  readonly to: NumberToken;
  readonly handsets: number;
  readonly people: number;
  /** `to` was first heard of when `from` had been heard of last. */
  readonly succession: boolean;
  readonly weight: number;
}

export interface LinkOptions {
  /** People whom anybody might call. */
  readonly people: number;
  /** Points from which two numbers count as linked. */
  readonly linkedAt: number;
}

/** Values of a handset's fingerprint. */
const FINGERPRINTS = 65_535;
/** More shared things than these prove nothing further. */
const MOST_COUNTED = 3;
/** What is shared by more numbers than these is no handset but a fingerprint that means "unknown". */
const MOST_ON_A_HANDSET = 60;
const POINTS = { sameDistrict: 1, takingTurns: 1.5, keptByBoth: 1.5, mostForCrowd: 6 };
/** Whoever has to do with fewer people than these may have all of them in common with a relative. */
const SMALL_CIRCLE = 6;
/** A number that follows another does so within these seconds. */
const LONGEST_PAUSE = 3 * 86_400;

interface Pair {
  readonly a: Suspect;
  readonly b: Suspect;
  handsets: number;
  crowd: number;
  turns: boolean;
  people: number;
  peopleLong: number;
}

/**
 * Links numbers that share handsets and people. A fingerprint of 16 bits is shared by many, so each thing shared
 * weighs by how rare it is among these numbers, and all of it must outweigh that a number has so many chances.
 */
export function linkNumbers(
  suspects: readonly Suspect[],
  uses: readonly HandsetUse[],
  shared: readonly SharedContacts[],
  { people, linkedAt }: LinkOptions,
): NumberLink[] {
  const byNumber = new Map(suspects.map((suspect) => [suspect.number, suspect]));
  const own = Map.groupBy(
    uses.filter(({ number, handset }) => handset !== 0 && byNumber.has(number)),
    ({ number }) => number,
  );
  const pairs = pairsOf(byNumber);
  addHandsets(pairs, [...own.values()].flat());
  for (const { number, also, shared: count, sharedLong } of shared) {
    const pair = pairs.of(number, also);
    if (pair === undefined) continue;
    pair.people = count;
    pair.peopleLong = sharedLong;
  }
  const districts = districtsOf(uses);
  const links = pairs.all().map((pair) => {
    const { a, b } = pair;
    const chances = Math.log(Math.max(2, suspects.length));
    const weight =
      handsetPoints(pair, own.get(a.number)?.length ?? 1, own.get(b.number)?.length ?? 1) +
      peoplePoints(pair, people) +
      (sameDistrict(districts, a, b) ? POINTS.sameDistrict : 0) -
      chances;
    return linkOf(pair, weight);
  });
  return links
    .filter(({ weight }) => weight >= linkedAt)
    .toSorted((x, y) => compare(x.from, y.from) || compare(x.to, y.to));
}

function compare(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0;
}

function linkOf({ a, b, handsets, people }: Pair, weight: number): NumberLink {
  const [first, second] = a.firstCall <= b.firstCall ? [a, b] : [b, a];
  return {
    from: first.number,
    to: second.number,
    handsets,
    people,
    succession: follows(first, second),
    weight: Math.round(weight * 100) / 100,
  };
}

function follows(first: Suspect, second: Suspect): boolean {
  const pause = second.firstCall - first.lastCall;
  return pause >= 0 && pause <= LONGEST_PAUSE;
}

function pairsOf(byNumber: ReadonlyMap<NumberToken, Suspect>) {
  const pairs = new Map<string, Pair>();
  return {
    all: () => [...pairs.values()],
    of(x: NumberToken, y: NumberToken): Pair | undefined {
      const [first, second] = x < y ? [x, y] : [y, x];
      const key = `${first} ${second}`;
      const known = pairs.get(key);
      if (known !== undefined) return known;
      const a = byNumber.get(first);
      const b = byNumber.get(second);
      if (a === undefined || b === undefined || a === b) return undefined;
      const pair = { a, b, handsets: 0, crowd: 0, turns: false, people: 0, peopleLong: 0 };
      pairs.set(key, pair);
      return pair;
    },
  };
}

function addHandsets(pairs: ReturnType<typeof pairsOf>, uses: readonly HandsetUse[]): void {
  const expected = uses.length / FINGERPRINTS;
  for (const users of Map.groupBy(uses, ({ handset }) => handset).values()) {
    if (users.length < 2 || users.length > MOST_ON_A_HANDSET) continue;
    const crowd = crowdPoints(users.length, expected);
    for (const [i, x] of users.entries()) {
      for (const y of users.slice(i + 1)) {
        const pair = pairs.of(x.number, y.number);
        if (pair === undefined) continue;
        pair.handsets++;
        pair.crowd = Math.max(pair.crowd, crowd);
        pair.turns ||= x.lastCall <= y.firstCall || y.lastCall <= x.firstCall;
      }
    }
  }
}

/** More than two numbers on one handset, where chance would have put so few. */
function crowdPoints(users: number, expected: number): number {
  const surprise = Math.log(users / (Math.max(expected, 1e-6) * Math.E));
  return Math.min(POINTS.mostForCrowd, (users - 2) * Math.max(0, surprise));
}

function handsetPoints(pair: Pair, ofA: number, ofB: number): number {
  if (pair.handsets === 0) return 0;
  const each = Math.max(0, Math.log(FINGERPRINTS / (ofA * ofB)));
  const turns = pair.turns ? POINTS.takingTurns : 0;
  return Math.min(pair.handsets, MOST_COUNTED) * each + pair.crowd + turns;
}

function peoplePoints({ a, b, people, peopleLong }: Pair, of: number): number {
  if (people === 0 || isOneCircle(a, b, people)) return 0;
  const each = Math.max(0, Math.log(of / (a.opened * b.opened)));
  return (
    Math.min(people, MOST_COUNTED) * each + Math.min(peopleLong, MOST_COUNTED) * POINTS.keptByBoth
  );
}

/** Two relatives call the same few people: that is their circle, not a list of victims. */
function isOneCircle(a: Suspect, b: Suspect, shared: number): boolean {
  const fewer = Math.min(a.contacts, b.contacts);
  return fewer < SMALL_CIRCLE && shared * 2 >= fewer;
}

function districtsOf(uses: readonly HandsetUse[]): ReadonlyMap<NumberToken, ReadonlySet<number>> {
  const districts = new Map<NumberToken, Set<number>>();
  for (const { number, district } of uses) {
    if (district === 0) continue;
    const known = districts.get(number);
    if (known === undefined) districts.set(number, new Set([district]));
    else known.add(district);
  }
  return districts;
}

function sameDistrict(
  districts: ReadonlyMap<NumberToken, ReadonlySet<number>>,
  a: Suspect,
  b: Suspect,
): boolean {
  const others = districts.get(b.number);
  return [...(districts.get(a.number) ?? [])].some((district) => others?.has(district));
}
