import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Call, parseCallRecord } from '../../lib/domain/call-record.ts';
import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';
import { parseScenario } from '../../lib/simulation/scenario.ts';
import { simulateCity } from '../../lib/simulation/simulate-city.ts';
import { parseTruthFile, type TruthFile, TruthFileError } from '../../lib/simulation/truth-file.ts';

const ANY_TIME = {
  normaliseNumber: createNumberNormaliser('CN'),
  nowMs: 0,
  retentionMs: Number.POSITIVE_INFINITY,
  maxFutureMs: Number.POSITIVE_INFINITY,
};
const HOUR_MS = 3_600_000;
const CHINA_OFFSET_MS = 8 * HOUR_MS;

const town = (changes: object = {}) =>
  parseScenario(JSON.stringify({ people: 1500, days: 1, warmUpDays: 0, ...changes }), 'town');

function textOf(scenario: ReturnType<typeof town>, seed: number): string {
  const chunks = [...simulateCity(scenario, seed).chunks()];
  return Buffer.concat(chunks).toString();
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** Every call once, from the record that knows its end; and the truth. */
function simulated(scenario: ReturnType<typeof town>, seed: number) {
  const simulation = simulateCity(scenario, seed);
  const lines = Buffer.concat([...simulation.chunks()])
    .toString()
    .split('\n')
    .slice(0, -1);
  const records = lines.map((line) => {
    const parsed = parseCallRecord(JSON.parse(line), ANY_TIME);
    if (!parsed.ok) throw new Error(`${parsed.reason}: ${line}`);
    return parsed.call;
  });
  const calls = records.filter(({ phase }) => phase !== 'started');
  return { records, calls, truth: simulation.truth() };
}

const hourOf = ({ startMs }: Call) => ((startMs + CHINA_OFFSET_MS) / HOUR_MS) % 24;
const dayOf = ({ startMs }: Call) => Math.floor((startMs + CHINA_OFFSET_MS) / (24 * HOUR_MS));

describe('a town of 3,000 people over three days', () => {
  let records: Call[];
  let calls: Call[];
  let truth: TruthFile;
  let byCaller: Map<string, Call[]>;
  const numbersOf = (habit: string) =>
    truth.fraudCallers.filter((caller) => caller.habit === habit).map(({ number }) => number);
  const callsOf = (numbers: readonly string[]) =>
    numbers.flatMap((number) => byCaller.get(number) ?? []);

  beforeAll(() => {
    ({ records, calls, truth } = simulated(town({ people: 3000, days: 3 }), 11));
    byCaller = Map.groupBy(calls, ({ caller }) => caller.number);
  });

  it('makes as many calls a person and day as the operator’s subscribers', () => {
    const perPerson = (2 * calls.length) / truth.people / 3;
    expect(perPerson).toBeGreaterThan(18);
    expect(perPerson).toBeLessThan(34);
    expect(truth.calls).toBe(calls.length);
  });

  it('sleeps at night', () => {
    const night = calls.filter((call) => hourOf(call) < 6).length / calls.length;
    expect(night).toBeLessThan(0.05);
    expect(calls.filter((call) => hourOf(call) >= 9 && hourOf(call) < 12).length).toBeGreaterThan(
      calls.length * 0.15,
    );
  });

  it('tells of calls in the order in which they become news', () => {
    const news = records.map(
      ({ startMs, durationSeconds }) => startMs + (durationSeconds ?? 0) * 1000,
    );
    expect(news.every((time, index) => index === 0 || time >= (news[index - 1] ?? 0))).toBe(true);
  });

  it('has every fraud habit and hard negative of the default city', () => {
    const scenario = town({ people: 3000 });
    expect(new Set(truth.fraudCallers.map(({ habit }) => habit))).toEqual(
      new Set(scenario.fraud.map(({ name }) => name)),
    );
    expect(new Set(truth.hardNegatives.map(({ role }) => role))).toEqual(
      new Set(scenario.trades.map(({ role }) => role)),
    );
  });

  it('counts fraud callers’ calls from the first fraudulent one', () => {
    for (const { number, start, callsMade } of truth.fraudCallers) {
      const made = (byCaller.get(number) ?? []).filter(({ startMs }) => startMs >= start);
      expect(made).toHaveLength(callsMade);
      expect(Math.min(...made.map(({ startMs }) => startMs))).toBe(start);
    }
  });

  it('has each deceiving call among the records', () => {
    const fraud = new Set(truth.fraudCallers.map(({ number }) => number));
    expect(truth.deceived.length).toBeGreaterThan(20);
    for (const { number, caller, calls: deceiving } of truth.deceived) {
      expect(fraud).toContain(caller);
      for (const { start, seconds, madeByVictim, caller: speaker, callId } of deceiving) {
        expect(fraud).toContain(speaker);
        const [from, to] = madeByVictim ? [number, speaker] : [speaker, number];
        const found = (byCaller.get(from) ?? []).filter(
          (call) => call.startMs === start && call.callee.number === to,
        );
        expect(found).toMatchObject([{ durationSeconds: seconds, answered: true }]);
        expect(found[0]?.callId).toBe(callId);
      }
    }
  });

  it('lets most people who answer a fraud caller hang up', () => {
    const fraud = truth.fraudCallers.map(({ number }) => number);
    const answered = callsOf(fraud).filter((call) => call.answered);
    const short = answered.filter(({ durationSeconds = 0 }) => durationSeconds < 120);
    expect(short.length / answered.length).toBeGreaterThan(0.55);
    expect(answered.length / callsOf(fraud).length).toBeLessThan(0.65);
  });

  it('has police impersonators who keep people on the line and hand them on', () => {
    const stories = truth.deceived.filter(({ caller }) =>
      numbersOf('police-hold-the-line').includes(caller),
    );
    const longest = stories.map(({ calls: told }) =>
      Math.max(...told.map(({ seconds }) => seconds)),
    );
    expect(Math.max(...longest)).toBeGreaterThan(3600);
    expect(
      stories.some(({ calls: told }) => new Set(told.map(({ caller }) => caller)).size > 1),
    ).toBe(true);
  });

  it('has SIM boxes whose numbers make 12 to 40 calls one after the other from several handsets', () => {
    const farm = truth.fraudCallers.filter(({ habit }) => habit === 'membership-sim-box');
    expect(farm.length).toBeGreaterThanOrEqual(4);
    for (const { callsMade } of farm) expect(callsMade).toBeLessThanOrEqual(40);
    const handsets = new Set(callsOf(numbersOf('membership-sim-box')).map(({ imei }) => imei));
    expect(handsets.size).toBeGreaterThanOrEqual(3);
    expect(new Set(farm.map(({ start }) => start)).size).toBe(farm.length);
  });

  it('shows forged numbers as domestic ones that come in from abroad', () => {
    const forged = callsOf(numbersOf('forged-numbers'));
    expect(forged.length).toBeGreaterThan(20);
    expect(
      forged.every(({ international, caller }) => international && caller.number.startsWith('+86')),
    ).toBe(true);
    const abroad = callsOf(numbersOf('prosecutor-from-abroad'));
    expect(abroad.every(({ caller }) => !caller.number.startsWith('+86'))).toBe(true);
  });

  it('gives recycled numbers an honest history and a silence before the fraud', () => {
    for (const { number, start } of truth.fraudCallers.filter(
      ({ habit }) => habit === 'recycled-number',
    )) {
      const before = (byCaller.get(number) ?? []).filter(({ startMs }) => startMs < start);
      expect(before.length).toBeGreaterThan(0);
      expect(start - Math.max(...before.map(({ startMs }) => startMs))).toBeGreaterThan(
        4 * HOUR_MS,
      );
    }
  });

  it('has slow callers who make at most a dozen cold calls a day', () => {
    const slow = callsOf(numbersOf('slow-and-careful'));
    const perDay = Map.groupBy(slow, (call) => `${call.caller.number} ${dayOf(call)}`);
    expect(Math.max(...[...perDay.values()].map((day) => day.length))).toBeLessThan(40);
    const numbers = new Set(numbersOf('slow-and-careful'));
    const cover = Map.groupBy(
      calls.filter(
        ({ caller, callee }) => numbers.has(caller.number) || numbers.has(callee.number),
      ),
      ({ caller, callee }) => (numbers.has(caller.number) ? callee.number : caller.number),
    );
    // The accomplices.
    expect(Math.max(...[...cover.values()].map((talks) => talks.length))).toBeGreaterThan(3);
  });

  it('keeps romance frauds talking over hours and days', () => {
    const stories = truth.deceived.filter(({ kind }) => kind === 'romance-investment');
    const spans = stories.map(
      ({ calls: told }) => (told.at(-1)?.start ?? 0) - (told[0]?.start ?? 0),
    );
    expect(Math.max(...spans)).toBeGreaterThan(6 * HOUR_MS);
  });

  it('has teenagers and immigrants who are unheard of before they appear', () => {
    const first = (role: string) =>
      truth.hardNegatives
        .filter((one) => one.role === role)
        .map(({ number }) =>
          Math.min(...(byCaller.get(number) ?? []).map(({ startMs }) => startMs)),
        );
    for (const role of ['new-teenager', 'new-immigrant']) {
      expect(Math.max(...first(role))).toBeGreaterThan(truth.from + 10 * HOUR_MS);
    }
  });

  it('closes offices at the weekend', () => {
    const saturday = simulated(town({ start: '2026-11-28T00:00:00+08:00' }), 3);
    const desks = new Set(
      saturday.truth.hardNegatives
        .filter(({ role }) => role === 'call-centre')
        .map(({ number }) => number),
    );
    const monday = simulated(town(), 3);
    const made = ({ calls: of }: typeof monday) =>
      of.filter(({ caller }) => desks.has(caller.number)).length;
    expect(made(saturday)).toBeLessThan(made(monday));
    expect(saturday.truth.calls).toBeLessThan(monday.truth.calls);
  });

  it('writes a truth file that its reader takes', () => {
    expect(parseTruthFile(JSON.stringify(truth), 'truth.json')).toEqual(truth);
    expect(() => parseTruthFile('{"schema":"forewarn-truth/1"}', 'truth.json')).toThrow(
      TruthFileError,
    );
  });
});

it('the same seed gives the same bytes, another one gives others', () => {
  const scenario = town({ people: 600 });
  expect(digest(textOf(scenario, 5))).toBe(digest(textOf(scenario, 5)));
  expect(digest(textOf(scenario, 6))).not.toBe(digest(textOf(scenario, 5)));
});

it('sends broken and repeated lines when the scenario says so', () => {
  const clean = textOf(town({ people: 600 }), 5).split('\n');
  const noisy = textOf(
    town({ people: 600, faults: { badShare: 0.02, repeatedShare: 0.02 } }),
    5,
  ).split('\n');
  const sent = new Set(noisy);
  expect(clean.filter((line) => !sent.has(line))).toEqual([]);
  expect(noisy.length - clean.length).toBeGreaterThan(clean.length * 0.02);
  expect(noisy.length - clean.length).toBeLessThan(clean.length * 0.06);
});

it('a city is read while it is being made up', () => {
  const [first] = simulateCity(town({ people: 5000, days: 300 }), 1).chunks();
  expect(first?.length).toBeGreaterThan(100_000);
});
