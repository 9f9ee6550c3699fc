import type { Station } from './register-rows.ts';

const MINUTE = 60_000;
const DAY = 1_440;

function minuteOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/**
 * Whether a station is open. One that opens and closes at the same time never closes.
 *
 * @param now epoch ms
 * @param utcOffsetMinutes local time of the deployment
 */
export function isStationOpen(
  { closes, opens }: Pick<Station, 'opens' | 'closes'>,
  now: number,
  utcOffsetMinutes: number,
): boolean {
  const minute = (((Math.floor(now / MINUTE) + utcOffsetMinutes) % DAY) + DAY) % DAY;
  const from = minuteOf(opens);
  const to = minuteOf(closes);
  if (from === to) return true;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** The queue of a station. */
export function queueOfStation(id: string): string {
  return `station-${id}`;
}

/** Whether a queue is a police station's. */
export function isStationQueue(queue: string): boolean {
  return queue.startsWith(queueOfStation(''));
}
