/** A wall clock reading, without a zone. */
export interface WallTime {
  readonly year: number;
  /** 1 … 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

/** Turns milliseconds of a wall clock (as if it stood in UTC) into epoch milliseconds. */
export type WallClock = (wallMs: number) => number;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** All offset changes since 1900 fall on a quarter of an hour. */
const QUARTER_MS = 15 * MINUTE_MS;
const REMEMBERED_QUARTERS = 10_000;

/** The wall time as if its clock stood in UTC, or undefined when no calendar has it (31 April, 25:00). */
export function wallMilliseconds(time: WallTime): number | undefined {
  const ms = Date.UTC(
    time.year,
    time.month - 1,
    time.day,
    time.hour,
    time.minute,
    time.second,
    time.millisecond,
  );
  const date = new Date(ms);
  // Date.UTC rolls over what does not exist; only a real moment reads back unchanged.
  const exists =
    date.getUTCFullYear() === time.year &&
    date.getUTCMonth() === time.month - 1 &&
    date.getUTCDate() === time.day &&
    date.getUTCHours() === time.hour &&
    date.getUTCMinutes() === time.minute &&
    date.getUTCSeconds() === time.second;
  return exists ? ms : undefined;
}

/** Reads `Z`, `+08`, `+0800` or `+08:00`; minutes east of UTC. */
export function parseOffset(text: string): number | undefined {
  if (/^z$/i.test(text)) return 0;
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(text);
  if (match === null) return undefined;
  const hours = Number(match[2]);
  const minutes = Number(match[3] ?? 0);
  if (hours > 18 || minutes > 59) return undefined;
  return (match[1] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

/**
 * The wall clock of a zone.
 *
 * When clocks are put back, an hour comes twice: the first is meant. When they are put forward, an
 * hour is missing: it is read as if they had not been. (As Temporal's `compatible` and java.time do.)
 *
 * @param zone IANA name, or a fixed offset such as `+08:00`
 * @returns undefined when there is no such zone
 */
export function wallClockOf(zone: string): WallClock | undefined {
  const fixed = parseOffset(zone);
  if (fixed !== undefined) return (wallMs) => wallMs - fixed * MINUTE_MS;
  const offsetAt = offsetReader(zone);
  if (offsetAt === undefined) return undefined;
  const offsets = new Map<number, number>();
  return (wallMs) => {
    const quarter = Math.floor(wallMs / QUARTER_MS);
    let offset = offsets.get(quarter);
    if (offset === undefined) {
      offset = offsetOfWallTime(quarter * QUARTER_MS, offsetAt);
      // Intl takes microseconds an answer; exports are in time order, so few quarters are asked for.
      if (offsets.size >= REMEMBERED_QUARTERS) offsets.clear();
      offsets.set(quarter, offset);
    }
    return wallMs - offset;
  };
}

function offsetOfWallTime(wallMs: number, offsetAt: (epochMs: number) => number): number {
  const before = offsetAt(wallMs - DAY_MS);
  const after = offsetAt(wallMs + DAY_MS);
  if (before === after || offsetAt(wallMs - before) === before) return before;
  return offsetAt(wallMs - after) === after ? after : before;
}

function offsetReader(zone: string): ((epochMs: number) => number) | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return (epochMs) => {
    const parts = new Map(format.formatToParts(epochMs).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
    const wallMs = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return wallMs - Math.floor(epochMs / 1000) * 1000;
  };
}
