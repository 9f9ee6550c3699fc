import type { TextLanguage } from '../../domain/policy.ts';
import type { Interval } from '../measures/intervals.ts';

/** Writes figures as readers of a language do. */
export interface Figures {
  /** With separators, rounded to what it can be known to. */
  count(value: number): string;
  /** With so many decimals at the most. */
  number(value: number, decimals: number): string;
  /** With its sign. */
  signed(value: number, decimals: number): string;
  /** In percent; `–` where there is none. */
  percent(share: number | null | undefined): string;
  percentRange(interval: Interval): string;
  range(interval: Interval, decimals?: number): string;
  /** A day with its weekday. @param day `YYYY-MM-DD` */
  day(day: string): string;
  /** Day and month. */
  shortDay(day: string): string;
  /** Local hour and minute. @param seconds epoch seconds */
  time(seconds: number, utcOffsetMinutes: number): string;
  /** An hour of the day, as `14:00–15:00`. */
  hour(hour: number): string;
}

const NONE = '–';
/** That no line is broken at. */
const SPACE = '\u00a0';
const FEW = 100;

/** The figures of a language. */
export function figuresOf(language: TextLanguage): Figures {
  const number = (value: number, decimals: number) =>
    // Without the sum, what rounds to nothing from below would be written as -0.
    (roundTo(value, decimals) + 0).toLocaleString(language, { maximumFractionDigits: decimals });
  const count = (value: number) => number(value, Math.abs(value) < FEW ? 1 : 0);
  const percent = (share: number | null | undefined) =>
    share === null || share === undefined ? NONE : `${number(share * 100, 1)}${SPACE}%`;
  const dateOf = (day: string, options: Intl.DateTimeFormatOptions) =>
    new Date(`${day}T00:00:00Z`).toLocaleDateString(language, { timeZone: 'UTC', ...options });
  return {
    count,
    number,
    signed: (value, decimals) =>
      `${roundTo(value, decimals) > 0 ? '+' : ''}${number(value, decimals)}`.replace('-', '−'),
    percent,
    percentRange: ({ low, high }) => `${number(low * 100, 0)}–${number(high * 100, 0)}${SPACE}%`,
    range: ({ low, high }, decimals) => {
      const each = (value: number) =>
        (decimals === undefined ? count(value) : number(value, decimals)).replace('-', '−');
      // A dash between two signs would be read as a third.
      return low < 0 ? `${each(low)}${SPACE}…${SPACE}${each(high)}` : `${each(low)}–${each(high)}`;
    },
    day: (day) => dateOf(day, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
    shortDay: (day) => dateOf(day, { day: 'numeric', month: 'numeric' }),
    time: (seconds, utcOffsetMinutes) =>
      new Date((seconds + utcOffsetMinutes * 60) * 1000).toISOString().slice(11, 16),
    hour: (hour) => `${padded(hour)}:00–${padded(hour + 1)}:00`,
  };
}

function roundTo(value: number, decimals: number): number {
  return Math.round(value * 10 ** decimals) / 10 ** decimals;
}

function padded(hour: number): string {
  return String(hour).padStart(2, '0');
}
