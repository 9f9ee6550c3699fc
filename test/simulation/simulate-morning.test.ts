import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { simulateMorning } from '../../lib/simulation/simulate-morning.ts';
import { finishedCalls, observeMorning } from './observed-morning.ts';

function digest(seed: number, calls: number): string {
  const hash = createHash('sha256');
  for (const record of simulateMorning({ seed, calls }).records()) {
    hash.update(typeof record === 'string' ? record : JSON.stringify(record));
  }
  return hash.digest('hex');
}

describe.each([1, 20261123, 987_654_321_987])('a default morning of seed %i', (seed) => {
  const observed = observeMorning({ seed });
  const { morning, records, rejections } = observed;
  const { truth } = morning;
  const finished = finishedCalls(observed);
  const fraudNumbers = new Set(truth.fraudCallers.map(({ number }) => number));

  test('has at least 40,000 calls among thousands of people, and as many records as it says', () => {
    expect(finished.length).toBe(truth.calls);
    expect(truth.calls).toBeGreaterThanOrEqual(40_000);
    expect(truth.residents).toBeGreaterThan(5000);
    expect(observed.items).toBe(morning.expectedRecords);
    expect(records.length + rejections.length).toBe(truth.records);
  });

  test('every record that is an object is a good one', () => {
    expect(observed.rejectedObjects).toBe(0);
    const starts = records.map(({ call }) => call.startMs);
    const { start, hours } = { start: Date.UTC(2026, 10, 22, 23), hours: 5 };
    expect(starts.every((time) => time >= start && time < start + hours * 3_600_000)).toBe(true);
  });

  test('broken lines are found broken for the reasons that the truth gives', () => {
    const counted: Record<string, number> = {};
    for (const { reason } of rejections) counted[reason] = (counted[reason] ?? 0) + 1;
    expect(counted).toEqual(truth.badRecords);
    expect(Object.keys(counted).length).toBeGreaterThanOrEqual(12);
    expect(rejections.length / truth.records).toBeGreaterThan(0.002);
    expect(rejections.length / truth.records).toBeLessThan(0.004);
  });

  test('repeated records are as many as the truth says', () => {
    const repeated = records.filter((record) => record.repeated).length;
    expect(repeated).toBe(truth.repeatedRecords);
    expect(repeated / truth.records).toBeGreaterThan(0.001);
    expect(repeated / truth.records).toBeLessThan(0.003);
  });

  test('records come by the time of what they tell', () => {
    const times = records
      .filter(({ repeated }) => !repeated)
      .map(({ call }) => call.startMs + (call.durationSeconds ?? 0) * 1000);
    expect(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0))).toBe(true);
  });

  test('every started call is ended once, later, as the same call', () => {
    const open = new Map<string, string>();
    const unlike: string[] = [];
    let ended = 0;
    for (const { call, repeated } of records) {
      if (repeated || call.callId === undefined || call.phase === 'complete') continue;
      const { caller, callee, startMs, imei, calleeDistrict, answered } = call;
      const same = JSON.stringify([caller, callee, startMs, imei, calleeDistrict, answered]);
      if (call.phase === 'started') {
        open.set(call.callId, same);
      } else {
        if (answered !== true || open.get(call.callId) !== same) unlike.push(call.callId);
        open.delete(call.callId);
        ended++;
      }
    }
    expect(unlike).toEqual([]);
    expect(open.size).toBe(0);
    expect(ended / truth.calls).toBeGreaterThan(0.2);
  });

  test('call ids are unique, and some operator sends none', () => {
    const ids = finished.map(({ callId }) => callId).filter((id) => id !== undefined);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeLessThan(finished.length);
    const withoutId = finished
      .filter(({ callId }) => callId === undefined)
      .map(({ caller, callee, startMs }) => `${caller.number} ${callee.number} ${startMs}`);
    expect(new Set(withoutId).size).toBe(withoutId.length);
  });

  test('nobody with one line makes two calls at a time', () => {
    const desks = new Set(truth.hardNegatives.map(({ number }) => number));
    const free = new Map<string, number>();
    const overlapping = [...finished]
      .sort((one, other) => one.startMs - other.startMs)
      .filter(({ caller, startMs, durationSeconds }) => {
        const overlaps = startMs < (free.get(caller.number) ?? 0);
        free.set(caller.number, startMs + (durationSeconds ?? 0) * 1000);
        return overlaps && !desks.has(caller.number);
      });
    expect(overlapping).toEqual([]);
  });

  test('the truth about fraud is what the records show', () => {
    const called = finished.filter(({ caller }) => fraudNumbers.has(caller.number));
    expect(new Set(called.map(({ callee }) => callee.number))).toEqual(truth.calledByFraud);
    expect(truth.fraudTargets).toBe(truth.calledByFraud.size);
    for (const { number, start, callsMade } of truth.fraudCallers) {
      const made = called.filter(({ caller }) => caller.number === number);
      expect(made).toHaveLength(callsMade);
      expect(Math.min(...made.map(({ startMs }) => startMs))).toBe(start);
    }
    const talks = finished
      .filter(({ answered }) => answered)
      .flatMap(({ caller, callee }) => {
        if (fraudNumbers.has(caller.number)) return [callee.number];
        return fraudNumbers.has(callee.number) ? [caller.number] : [];
      });
    expect(new Set(talks)).toEqual(truth.talkedWithFraud);
  });

  test('a handful of fraud callers of many kinds begin at various times and make 8 to 140 calls', () => {
    expect(truth.fraudCallers.length).toBeGreaterThanOrEqual(10);
    expect(truth.fraudCallers.length).toBeLessThanOrEqual(12);
    expect(new Set(truth.fraudCallers.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(8);
    for (const { callsMade } of truth.fraudCallers) {
      expect(callsMade).toBeGreaterThanOrEqual(8);
      expect(callsMade).toBeLessThanOrEqual(140);
    }
    const starts = truth.fraudCallers.map(({ start }) => start);
    expect(Math.max(...starts) - Math.min(...starts)).toBeGreaterThan(1.5 * 3_600_000);
  });

  test('people fall for it, stay on the line, and are called again', () => {
    expect(truth.deceived.length).toBeGreaterThanOrEqual(10);
    for (const { number, caller, calls } of truth.deceived) {
      expect(fraudNumbers).toContain(caller);
      expect(calls.length).toBeGreaterThan(0);
      for (const { callId, start, seconds, madeByVictim } of calls) {
        const [from, to] = madeByVictim ? [number, caller] : [caller, number];
        const found = finished.filter(
          (call) =>
            call.startMs === start && call.caller.number === from && call.callee.number === to,
        );
        expect(found).toMatchObject([{ durationSeconds: seconds, answered: true }]);
        expect(found[0]?.callId).toBe(callId);
      }
    }
    const calls = truth.deceived.flatMap((deceived) => deceived.calls);
    expect(Math.max(...calls.map(({ seconds }) => seconds))).toBeGreaterThan(30 * 60);
    expect(calls.length).toBeGreaterThan(truth.deceived.length * 1.5);
  });
});

test('the same seed gives the same bytes, another seed gives others', () => {
  expect(digest(5, 4000)).toBe(digest(5, 4000));
  expect(digest(6, 4000)).not.toBe(digest(5, 4000));
});

test('one morning can be read again and again', () => {
  const morning = simulateMorning({ seed: 3, calls: 3000 });
  expect([...morning.records()]).toEqual([...morning.records()]);
});

test('a morning is read while it is being written', () => {
  const first = simulateMorning({ seed: 3, calls: 100_000 }).records()[Symbol.iterator]().next();
  expect(first.done).toBe(false);
});

test.each([3000, 12_000, 120_000])('a city for %i calls makes about as many', (calls) => {
  const { truth } = simulateMorning({ seed: 9, calls });
  expect(Math.abs(truth.calls / calls - 1)).toBeLessThan(calls < 10_000 ? 0.2 : 0.1);
  expect(truth.fraudCallers.length).toBeGreaterThanOrEqual(3);
});

test('start and hours bound when calls are placed', () => {
  const start = Date.UTC(2026, 4, 4, 6);
  const morning = simulateMorning({ seed: 2, calls: 3000, start, hours: 2 });
  const starts = [...morning.records()].flatMap((record) =>
    typeof record === 'string' ? [] : [new Date(record.start).getTime()],
  );
  expect(Math.min(...starts)).toBeGreaterThanOrEqual(start);
  expect(Math.max(...starts)).toBeLessThan(start + 2 * 3_600_000);
});
