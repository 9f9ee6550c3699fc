export const HOUR_MS = 3_600_000;
/** China keeps one time zone and no summer time. */
export const CHINA_OFFSET_MS = 8 * HOUR_MS;

/** Hour of the day in China, with its fraction. */
export function localHour(timeMs: number): number {
  return (((timeMs + CHINA_OFFSET_MS) / HOUR_MS) % 24) + (timeMs + CHINA_OFFSET_MS < 0 ? 24 : 0);
}

/** The hour of the day in China, without its fraction. */
export function localWholeHour(timeMs: number): number {
  return remainder(Math.floor((timeMs + CHINA_OFFSET_MS) / HOUR_MS), 24);
}

/** Day of the week in China, Monday is 0. */
export function localWeekday(timeMs: number): number {
  // 1 January 1970 was a Thursday.
  return remainder(Math.floor((timeMs + CHINA_OFFSET_MS) / (24 * HOUR_MS)) + 3, 7);
}

/** From 0 to `divisor` - 1, of whole numbers of 32 bits: the processor takes its time with fractions. */
function remainder(value: number, divisor: number): number {
  const left = (value | 0) % divisor;
  return left < 0 ? left + divisor : left;
}

/** Share of a day's calls that fall into the hours from `startMs` on, by 24 hourly weights. */
export function shareOfDay(weights: readonly number[], startMs: number, hours: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const step = 0.05;
  let share = 0;
  for (let passed = step / 2; passed < hours; passed += step) {
    share += ((weights[localWholeHour(startMs + passed * HOUR_MS)] ?? 0) / total) * step;
  }
  return share;
}
