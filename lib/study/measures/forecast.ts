import { dayAfter } from '../../archive/archived-call.ts';
import { Z_95 } from './intervals.ts';

/** A figure of one day. */
export interface DailyFigure {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly value: number;
}

/** What the next day may bring. */
export interface Forecast {
  /** The day that is forecast, `YYYY-MM-DD`. */
  readonly day: string;
  readonly expected: number;
  readonly low: number;
  readonly high: number;
  readonly method: 'same-weekday' | 'last-days';
  /** Days of the past that were forecast from the days before them, to learn how far off the method is. */
  readonly tried: number;
  /** How far off it was on those, in the mean, as a share of what came; null where nothing came. */
  readonly typicalError: number | null;
}

/** Weight of the newest value against all before. */
const SMOOTHING = 0.4;
const WEEK = 7;
/** Of each weekday, before a weekday is forecast from its own past. */
const WEEKS_FOR_WEEKDAYS = 2;
/** Fewer tried days tell nothing of how far off a forecast is. */
const LEAST_TRIED = 5;

/**
 * Forecasts the day after the last: from the same weekday of the weeks before by exponential smoothing, moved by how
 * the last week differed from its own forecasts; from the last days alone where there are not two weeks. The interval
 * is what the same method would have missed by on the days given, and never narrower than counting by chance allows.
 *
 * @param given oldest first; days before a gap are left out, for what came in the gap is not known
 * @returns undefined of too few days
 */
export function forecastNextDay(given: readonly DailyFigure[]): Forecast | undefined {
  const days = afterLastGap(given);
  const last = days.at(-1);
  const values = days.map(({ value }) => value);
  const next = predict(values);
  if (last === undefined || next === undefined) return undefined;
  const errors: number[] = [];
  const shares: number[] = [];
  for (let at = 1; at < values.length; at++) {
    const tried = predict(values.slice(0, at));
    const actual = values[at] ?? 0;
    // What the other method would have missed by says nothing of this one.
    if (tried?.method !== next.method) continue;
    errors.push(actual - tried.expected);
    if (actual > 0) shares.push(Math.abs(actual - tried.expected) / actual);
  }
  if (errors.length < LEAST_TRIED) return undefined;
  const mean = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
  // Few errors are known to be too small by chance.
  const spread = mean * Math.sqrt(1 + 2 / errors.length);
  const half = Z_95 * Math.max(spread, Math.sqrt(Math.max(next.expected, 1)));
  return {
    day: dayAfter(last.day, 1),
    expected: next.expected,
    low: Math.max(0, next.expected - half),
    high: next.expected + half,
    method: next.method,
    tried: errors.length,
    typicalError:
      shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length,
  };
}

function afterLastGap(days: readonly DailyFigure[]): readonly DailyFigure[] {
  const first = days.findLastIndex(
    ({ day }, i) => i > 0 && day !== dayAfter(days[i - 1]?.day ?? '', 1),
  );
  return days.slice(Math.max(0, first));
}

function predict(
  values: readonly number[],
): { readonly expected: number; readonly method: Forecast['method'] } | undefined {
  if (values.length === 0) return undefined;
  if (values.length < WEEK * WEEKS_FOR_WEEKDAYS) {
    return { expected: smoothed(values), method: 'last-days' };
  }
  return {
    expected: ofWeekday(values, values.length) * lastWeekAgainstForecast(values),
    method: 'same-weekday',
  };
}

/** The smoothed value of the weekday of a place in the row, from the places before it. */
function ofWeekday(values: readonly number[], place: number): number {
  return smoothed(values.filter((_, i) => i < place && (place - i) % WEEK === 0));
}

/** How busier the last week was than its weekdays had been before: half of it is believed. */
function lastWeekAgainstForecast(values: readonly number[]): number {
  let actual = 0;
  let expected = 0;
  for (let place = values.length - WEEK; place < values.length; place++) {
    actual += values[place] ?? 0;
    expected += ofWeekday(values, place);
  }
  return expected === 0 ? 1 : Math.sqrt(actual / expected);
}

function smoothed(values: readonly number[]): number {
  return values.reduce(
    (held, value, i) => (i === 0 ? value : held + SMOOTHING * (value - held)),
    0,
  );
}
