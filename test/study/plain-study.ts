import type { NumberToken } from '../../lib/domain/leg.ts';

/** A call of the archive, as far as the study asks. */
export interface PlainCall {
  readonly caller: NumberToken;
  readonly callee: NumberToken;
  /** Epoch seconds. */
  readonly start: number;
  readonly duration: number | null;
  readonly answered: boolean | null;
  readonly international: boolean;
  readonly callerIsService: boolean;
  readonly calleeIsService: boolean;
  readonly district: number;
  readonly handset: number;
  readonly day: string;
}

/** Two numbers on one day, or over a window. */
export interface PlainPair {
  readonly a: NumberToken;
  readonly b: NumberToken;
  readonly day: string;
  madeA: number;
  madeB: number;
  talks: number;
  talk: number;
  longest: number;
  firstTalk: number;
  firstA: number;
  firstB: number;
  lastCall: number;
  international: boolean;
}

export interface PlainContact {
  readonly number: NumberToken;
  readonly other: NumberToken;
  made: number;
  received: number;
  talks: number;
  talk: number;
  longest: number;
  firstTalk: number;
  opened: boolean;
  firstCall: number;
  lastCall: number;
  firstDay: string;
  lastDay: string;
  days: number;
}

const NEVER = Number.POSITIVE_INFINITY;

function talkOf({ answered, duration }: PlainCall): number {
  return (answered ?? true) ? (duration ?? 0) : 0;
}

/** The question `pairs-of-day` for every day of some calls, in plain loops: by the key `day a b`. */
export function pairsOf(calls: Iterable<PlainCall>): Map<string, PlainPair> {
  const pairs = new Map<string, PlainPair>();
  addCalls(pairs, calls);
  return pairs;
}

/** Takes up further calls. */
export function addCalls(pairs: Map<string, PlainPair>, calls: Iterable<PlainCall>): void {
  for (const call of calls) {
    const { caller, callee, start, day } = call;
    if (call.callerIsService || call.calleeIsService || caller === callee) continue;
    const madeByA = caller < callee;
    const a = madeByA ? caller : callee;
    const b = madeByA ? callee : caller;
    const key = `${day} ${a} ${b}`;
    let pair = pairs.get(key);
    if (pair === undefined) {
      pair = {
        ...{ a, b, day, madeA: 0, madeB: 0, talks: 0, talk: 0, longest: 0, firstTalk: 0 },
        ...{ firstA: NEVER, firstB: NEVER, lastCall: 0, international: false },
      };
      pairs.set(key, pair);
    }
    const talk = talkOf(call);
    if (start < Math.min(pair.firstA, pair.firstB)) pair.firstTalk = talk;
    if (madeByA) {
      pair.madeA++;
      pair.firstA = Math.min(pair.firstA, start);
    } else {
      pair.madeB++;
      pair.firstB = Math.min(pair.firstB, start);
    }
    if (talk > 0) pair.talks++;
    pair.talk += talk;
    pair.longest = Math.max(pair.longest, talk);
    pair.lastCall = Math.max(pair.lastCall, start);
    pair.international ||= call.international;
  }
}

/** What a number did on a day. */
export interface PlainNumber {
  readonly number: NumberToken;
  readonly day: string;
  made: number;
  received: number;
  opened: number;
  approached: number;
}

/** The question `numbers-of-day`, by the key `day number`. */
export function numbersOf(pairs: Iterable<PlainPair>): Map<string, PlainNumber> {
  const numbers = new Map<string, PlainNumber>();
  const add = (
    day: string,
    number: NumberToken,
    made: number,
    received: number,
    opened: boolean,
  ) => {
    const key = `${day} ${number}`;
    let own = numbers.get(key);
    if (own === undefined) {
      own = { number, day, made: 0, received: 0, opened: 0, approached: 0 };
      numbers.set(key, own);
    }
    own.made += made;
    own.received += received;
    if (opened) own.opened++;
    else own.approached++;
  };
  for (const { a, b, day, madeA, madeB, firstA, firstB } of pairs) {
    add(day, a, madeA, madeB, firstA !== NEVER && firstA <= firstB);
    add(day, b, madeB, madeA, firstB !== NEVER && firstB < firstA);
  }
  return numbers;
}

/** The question `contacts`: those of numbers that seek out people, by number. */
export function contactsOf(
  pairs: Iterable<PlainPair>,
  numbers: Iterable<PlainNumber>,
): Map<NumberToken, Map<NumberToken, PlainContact>> {
  const sums = new Map<NumberToken, { made: number; opened: number; approached: number }>();
  for (const { number, made, opened, approached } of numbers) {
    const sum = sums.get(number) ?? { made: 0, opened: 0, approached: 0 };
    sum.made += made;
    sum.opened += opened;
    sum.approached += approached;
    sums.set(number, sum);
  }
  const contacts = new Map<NumberToken, Map<NumberToken, PlainContact>>();
  const seeks = (number: NumberToken) => {
    const sum = sums.get(number);
    return sum !== undefined && sum.made >= 2 && sum.opened >= 1.3 * sum.approached;
  };
  for (const pair of pairs) {
    if (seeks(pair.a)) addContact(contacts, pair, true);
    if (seeks(pair.b)) addContact(contacts, pair, false);
  }
  for (const own of contacts.values()) {
    for (const contact of own.values()) settleContact(contact);
  }
  return contacts;
}

type Draft = PlainContact & { firstMade: number; firstReceived: number };

function addContact(
  contacts: Map<NumberToken, Map<NumberToken, PlainContact>>,
  pair: PlainPair,
  ofA: boolean,
): void {
  const number = ofA ? pair.a : pair.b;
  const other = ofA ? pair.b : pair.a;
  let own = contacts.get(number);
  if (own === undefined) {
    own = new Map();
    contacts.set(number, own);
  }
  let contact = own.get(other) as Draft | undefined;
  if (contact === undefined) {
    contact = {
      ...{
        number,
        other,
        made: 0,
        received: 0,
        talks: 0,
        talk: 0,
        longest: 0,
        firstTalk: 0,
        days: 0,
      },
      ...{ opened: false, firstCall: NEVER, lastCall: 0, firstDay: '9999', lastDay: '' },
      ...{ firstMade: NEVER, firstReceived: NEVER },
    };
    own.set(other, contact);
  }
  contact.made += ofA ? pair.madeA : pair.madeB;
  contact.received += ofA ? pair.madeB : pair.madeA;
  contact.talks += pair.talks;
  contact.talk += pair.talk;
  contact.longest = Math.max(contact.longest, pair.longest);
  if (pair.day < contact.firstDay) {
    contact.firstDay = pair.day;
    contact.firstTalk = pair.firstTalk;
  }
  if (pair.day > contact.lastDay) contact.lastDay = pair.day;
  contact.firstMade = Math.min(contact.firstMade, ofA ? pair.firstA : pair.firstB);
  contact.firstReceived = Math.min(contact.firstReceived, ofA ? pair.firstB : pair.firstA);
  contact.lastCall = Math.max(contact.lastCall, pair.lastCall);
  contact.days++;
}

function settleContact(contact: PlainContact): void {
  const { firstMade, firstReceived } = contact as Draft;
  contact.opened = firstMade <= firstReceived;
  contact.firstCall = Math.min(firstMade, firstReceived);
}

/** What is asked of a suspect that its contacts can tell. */
export interface PlainSuspect {
  readonly contacts: number;
  readonly opened: number;
  readonly cameBack: number;
  readonly keptLong: number;
  readonly held: number;
}

/** The question `suspects`, as far as contacts are counted. */
export function suspectsOf(
  contacts: ReadonlyMap<NumberToken, ReadonlyMap<NumberToken, PlainContact>>,
): Map<NumberToken, PlainSuspect> {
  const suspects = new Map<NumberToken, PlainSuspect>();
  for (const [number, own] of contacts) {
    let opened = 0;
    let cameBack = 0;
    let keptLong = 0;
    let held = 0;
    for (const { opened: first, received, longest, talks, talk } of own.values()) {
      if (!first) continue;
      opened++;
      if (received > 0) cameBack++;
      if (longest >= 300) keptLong++;
      if (talks >= 2 && talk >= 600 && talk >= 200 * talks) held++;
    }
    if (opened < 2 || opened < 0.55 * own.size || cameBack > 0.45 * opened + 1) continue;
    suspects.set(number, { contacts: own.size, opened, cameBack, keptLong, held });
  }
  return suspects;
}

/** The question `closed-contacts`: how many contacts of each suspect have to do with another of its contacts. */
export function closedOf(
  suspects: ReadonlyMap<NumberToken, PlainSuspect>,
  contacts: ReadonlyMap<NumberToken, ReadonlyMap<NumberToken, PlainContact>>,
  pairs: Iterable<PlainPair>,
  mostContacts: number,
): Map<NumberToken, number> {
  const neighbours = new Map<NumberToken, Set<NumberToken>>();
  const tie = (x: NumberToken, y: NumberToken) => {
    const own = neighbours.get(x);
    if (own === undefined) neighbours.set(x, new Set([y]));
    else own.add(y);
  };
  for (const { a, b } of pairs) {
    tie(a, b);
    tie(b, a);
  }
  const closed = new Map<NumberToken, number>();
  for (const [number, { contacts: size }] of suspects) {
    if (size < 2 || size > mostContacts) continue;
    const own = contacts.get(number);
    if (own === undefined) continue;
    let count = 0;
    for (const other of own.keys()) {
      const known = neighbours.get(other);
      if (known !== undefined && [...own.keys()].some((one) => known.has(one))) count++;
    }
    if (count > 0) closed.set(number, count);
  }
  return closed;
}
