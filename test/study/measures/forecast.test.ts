import { describe, expect, test } from 'vitest';
import { archiveDay, dayAfter } from '../../../lib/archive/archived-call.ts';
import { parseScenario } from '../../../lib/simulation/scenario.ts';
import { SeededRandom } from '../../../lib/simulation/seeded-random.ts';
import { simulateCity } from '../../../lib/simulation/simulate-city.ts';
import { type DailyFigure, forecastNextDay } from '../../../lib/study/measures/forecast.ts';

const FIRST = '2026-10-05';

const row = (values: readonly number[]): DailyFigure[] =>
  values.map((value, i) => ({ day: dayAfter(FIRST, i), value }));

/** Of the days from `from` on, each forecast from those before it: the share that fell into the interval. */
function walkForward(days: readonly DailyFigure[], from: number) {
  const tried = days.slice(from).map(({ value }, i) => {
    const forecast = forecastNextDay(days.slice(0, from + i));
    return {
      value,
      low: forecast?.low ?? 0,
      high: forecast?.high ?? -1,
      expected: forecast?.expected ?? 0,
    };
  });
  const within = tried.filter(({ value, low, high }) => value >= low && value <= high).length;
  const error =
    tried.reduce((sum, { value, expected }) => sum + Math.abs(value - expected) / value, 0) /
    tried.length;
  return { share: within / tried.length, error };
}

describe('forecastNextDay', () => {
  test('says nothing from too few days', () => {
    expect(forecastNextDay([])).toBeUndefined();
    expect(forecastNextDay(row([5, 5, 5, 5, 5]))).toBeUndefined();
  });

  test('names the day after the last, over the end of a month too', () => {
    const days = row(Array.from({ length: 27 }, () => 100));
    expect(days.at(-1)?.day).toBe('2026-10-31');
    expect(forecastNextDay(days)).toMatchObject({
      day: '2026-11-01',
      expected: 100,
      method: 'same-weekday',
    });
  });

  test('knows weekdays once there are two weeks', () => {
    const week = [100, 100, 100, 100, 100, 40, 40];
    const days = row(Array.from({ length: 33 }, (_, i) => week[i % 7] ?? 0));
    // The 34th day is a Saturday.
    const forecast = forecastNextDay(days);
    expect(forecast?.expected).toBeCloseTo(40);
    expect(forecastNextDay(days.slice(0, 12))).toMatchObject({ method: 'last-days' });
  });

  test('learns only from the days since the last gap', () => {
    const days = row(Array.from({ length: 20 }, (_, i) => (i < 10 ? 1000 : 100)));
    const forecast = forecastNextDay(days.toSpliced(9, 1));
    expect(forecast).toMatchObject({ day: '2026-10-25', expected: 100, tried: 9 });
    expect(forecastNextDay(days.toSpliced(17, 1))).toBeUndefined();
  });

  test('never claims to know a count better than chance allows', () => {
    const { expected, high, low } = forecastNextDay(row(Array.from({ length: 40 }, () => 9))) ?? {};
    expect(expected).toBeCloseTo(9);
    expect((high ?? 0) - (low ?? 0)).toBeGreaterThan(11);
  });

  test('mostly holds the next day within its interval, for counts that grow and jitter', () => {
    const random = new SeededRandom(4);
    const week = [1, 1.02, 0.98, 1, 1.1, 0.7, 0.6];
    const values = Array.from({ length: 90 }, (_, i) =>
      Math.round(400 * 1.003 ** i * (week[i % 7] ?? 1) * random.logNormal(1, 0.08)),
    );
    const { error, share } = walkForward(row(values), 28);
    expect(share).toBeGreaterThan(0.85);
    expect(error).toBeLessThan(0.12);
  });

  test('mostly holds the next day of a simulated town', () => {
    const scenario = parseScenario(
      JSON.stringify({ people: 200, days: 35, warmUpDays: 0 }),
      'a town',
    );
    const lines = Buffer.concat([...simulateCity(scenario, 5).chunks()])
      .toString()
      .trim()
      .split('\n');
    const counts = new Map<string, number>();
    for (const line of lines) {
      const { event, start } = JSON.parse(line);
      if (event === 'call.started') continue;
      const day = archiveDay(new Date(start).getTime() / 1000, 480);
      counts.set(day, (counts.get(day) ?? 0) + 1);
    }
    const days = [...counts]
      .map(([day, value]) => ({ day, value }))
      .toSorted((a, b) => (a.day < b.day ? -1 : 1))
      .slice(0, 35);
    const { error, share } = walkForward(days, 21);
    expect(share).toBeGreaterThan(0.8);
    expect(error).toBeLessThan(0.15);
  });
});
