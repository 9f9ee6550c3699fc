import { describe, expect, test } from 'vitest';
import type { Call } from '../../lib/domain/call-record.ts';
import { finishedCalls, observeMorning } from './observed-morning.ts';

/** The features of shared/data's table, of one number over the morning. */
interface Habits {
  made: number;
  received: number;
  answered: number;
  readonly contacts: Set<string>;
  readonly seconds: number[];
  readonly handsets: Set<string>;
  readonly districts: Set<string>;
}

function habitsOf(calls: Call[]): Map<string, Habits> {
  const all = new Map<string, Habits>();
  const of = (number: string): Habits => {
    const known = all.get(number) ?? {
      made: 0,
      received: 0,
      answered: 0,
      contacts: new Set<string>(),
      seconds: [],
      handsets: new Set<string>(),
      districts: new Set<string>(),
    };
    all.set(number, known);
    return known;
  };
  for (const call of calls) {
    const [from, to] = [of(call.caller.number), of(call.callee.number)];
    from.made++;
    to.received++;
    from.contacts.add(call.callee.number);
    to.contacts.add(call.caller.number);
    if (call.imei !== undefined) from.handsets.add(call.imei);
    if (call.callerDistrict !== undefined) from.districts.add(call.callerDistrict);
    if (call.answered !== true) continue;
    from.answered++;
    for (const habits of [from, to]) habits.seconds.push(call.durationSeconds ?? 0);
  }
  return all;
}

function quantile(values: number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

const median = (values: number[]) => quantile(values, 0.5);
const share = ({ made, received }: Habits) => made / (made + received);
const perContact = ({ made, received, contacts }: Habits) => (made + received) / contacts.size;

function expectWithin(value: number, [from, to]: readonly [number, number]): void {
  expect(value).toBeGreaterThanOrEqual(from);
  expect(value).toBeLessThanOrEqual(to);
}

describe.each([2, 31, 4_000_000_007])('the people of seed %i', (seed) => {
  const observed = observeMorning({ seed });
  const { truth } = observed.morning;
  const habits = habitsOf(finishedCalls(observed));
  const fraudNumbers = new Set(truth.fraudCallers.map(({ number }) => number));
  const trades = new Map(truth.hardNegatives.map(({ number, role }) => [number, role]));
  const of = (numbers: Iterable<string>) =>
    [...numbers].flatMap((number) => habits.get(number) ?? []);
  const ofRole = (role: string) =>
    of([...trades].filter(([, known]) => known === role).map(([number]) => number));
  const ordinary = [...habits]
    .filter(([number]) => !fraudNumbers.has(number) && !trades.has(number))
    .filter(([number, { made, received }]) => !number.startsWith('CN:') && made + received >= 5)
    .map(([, known]) => known);
  const fraud = of(fraudNumbers);

  test('ordinary people telephone as the normal subscribers of the table', () => {
    expect(ordinary.length).toBeGreaterThan(3000);
    expectWithin(median(ordinary.map(share)), [0.42, 0.6]);
    expectWithin(median(ordinary.map(({ seconds }) => median(seconds))), [24, 65]);
    expectWithin(median(ordinary.map(({ handsets }) => handsets.size)), [1, 1]);
    expectWithin(
      quantile(
        ordinary.map(({ handsets }) => handsets.size),
        0.99,
      ),
      [1, 3],
    );
    expectWithin(
      quantile(
        ordinary.map(({ districts }) => districts.size),
        0.9,
      ),
      [1, 15],
    );
    // The table's 2.2, 6.7 and 15.1 calls per counterpart took months; a morning has seen less.
    expectWithin(median(ordinary.map(perContact)), [1.5, 6.7]);
    expectWithin(quantile(ordinary.map(perContact), 0.9), [2.2, 15.1]);
  });

  test('fraud callers telephone as the fraud subscribers of the table', () => {
    for (const caller of fraud) {
      expectWithin(perContact(caller), [1, 6]);
      expectWithin(share(caller), [0.38, 1]);
      expectWithin(caller.handsets.size, [0, 8]);
      expectWithin(caller.districts.size, [0, 8]);
    }
    expectWithin(median(fraud.map(perContact)), [1, 1.5]);
    expectWithin(median(fraud.map(share)), [0.85, 1]);
    expectWithin(median(fraud.flatMap(({ seconds }) => seconds)), [16, 79]);
    expect(Math.max(...fraud.map(({ handsets }) => handsets.size))).toBeGreaterThanOrEqual(4);
  });

  test("couriers call many strangers at a courier's pace, and are called back", () => {
    const couriers = ofRole('courier');
    expect(couriers.length).toBeGreaterThanOrEqual(10);
    expectWithin(median(couriers.map(({ made }) => made)), [60, 160]);
    expectWithin(median(couriers.map(({ contacts }) => contacts.size)), [35, 110]);
    expectWithin(median(couriers.map(share)), [0.6, 0.85]);
    expectWithin(median(couriers.flatMap(({ seconds }) => seconds)), [12, 26]);
    expect(median(couriers.map(({ made, answered }) => answered / made))).toBeGreaterThan(0.6);
  });

  test('the call centre is hard to tell from fraud: mostly outgoing, half unanswered, short', () => {
    const [centre] = ofRole('call-centre');
    if (centre === undefined) throw new Error('The default city has a call centre');
    expect(centre.made).toBeGreaterThan(200);
    expectWithin(share(centre), [0.75, 0.98]);
    expectWithin(centre.answered / centre.made, [0.35, 0.6]);
    expectWithin(perContact(centre), [1.1, 2]);
  });

  test('desks of hospital, bank and school are called as much as they call', () => {
    for (const role of ['hospital-desk', 'bank-hotline', 'school-desk'] as const) {
      const desks = ofRole(role);
      expect(desks.length).toBeGreaterThanOrEqual(1);
      for (const desk of desks) expectWithin(share(desk), [0.2, 0.65]);
    }
    expect(trades.get('CN:95588')).toBe('bank-hotline');
  });

  test('drivers and agents work all over town', () => {
    for (const role of ['ride-driver', 'estate-agent'] as const) {
      const people = ofRole(role);
      expectWithin(median(people.map(({ districts }) => districts.size)), [0, 6]);
      expect(Math.max(...people.map(({ districts }) => districts.size))).toBeGreaterThan(1);
      expectWithin(median(people.map(share)), [0.5, 0.9]);
      expect(median(people.map(({ made }) => made))).toBeGreaterThan(20);
    }
  });

  test('calls are missed, and go to service numbers and abroad', () => {
    const calls = finishedCalls(observed);
    const missed = calls.filter(({ answered }) => answered === false).length / calls.length;
    expectWithin(missed, [0.08, 0.3]);
    expect(calls.filter(({ callee }) => callee.kind === 'service').length).toBeGreaterThan(200);
    const abroad = calls.filter(({ international }) => international);
    expect(abroad.some(({ caller }) => !fraudNumbers.has(caller.number))).toBe(true);
  });
});
