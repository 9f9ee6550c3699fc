import type { Campaign } from './campaign.ts';

const MINUTE = 60_000;
const DAY_MINUTES = 1_440;

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** Minutes from one time of the day to the next time that it is another. */
function minutesUntil(from: number, to: number): number {
  return (((to - from) % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
}

/**
 * Until when nobody may be texted.
 *
 * @param now epoch ms
 * @param utcOffsetMinutes local time of the deployment
 * @returns epoch ms at which the quiet ends; undefined when it is not quiet
 */
export function quietUntil(
  { from, to }: Campaign['quietHours'],
  now: number,
  utcOffsetMinutes: number,
): number | undefined {
  const minutes = Math.floor(now / MINUTE);
  const minute = minutesUntil(0, minutes + utcOffsetMinutes);
  const length = minutesUntil(minuteOf(from), minuteOf(to));
  if (minutesUntil(minuteOf(from), minute) >= length) return undefined;
  return (minutes + minutesUntil(minute, minuteOf(to))) * MINUTE;
}

/** Minutes of a day in which people may be texted. */
export function wakingMinutes({ from, to }: Campaign['quietHours']): number {
  return minutesUntil(minuteOf(to), minuteOf(from));
}

/**
 * When texting may go on after a local day is used up: at the next one's first minute that is not quiet.
 *
 * @param now epoch ms
 */
export function nextDayAt(
  quiet: Campaign['quietHours'],
  now: number,
  utcOffsetMinutes: number,
): number {
  const minutes = Math.floor(now / MINUTE);
  const midnight = (minutes + DAY_MINUTES - minutesUntil(0, minutes + utcOffsetMinutes)) * MINUTE;
  return quietUntil(quiet, midnight, utcOffsetMinutes) ?? midnight;
}
