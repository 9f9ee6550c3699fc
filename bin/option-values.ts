import { InvalidArgumentError } from 'commander';

/** A list of rising whole numbers above 0, such as `5,10,20`. */
export function positiveIntegers(text: string): number[] {
  const values = text.split(',').map(Number);
  const rising = values.every(
    (value, i) => Number.isInteger(value) && value > (i === 0 ? 0 : (values[i - 1] ?? 0)),
  );
  if (!rising) throw new InvalidArgumentError('It must be rising whole numbers, such as 5,10,20.');
  return values;
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

export function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('It must be a number, 0 or more.');
}

export function positiveInteger(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

/** A seed, among others: what a generator of 31 bits takes. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= 0 && value < 2 ** 31) return value;
  throw new InvalidArgumentError('It must be a whole number, 0 or more, and below 2147483648.');
}

export function share(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('It must be above 0 and below 1, as 0.002.');
}

export function day(text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a day such as 2026-11-23.');
}

/** A time with its zone, as the API takes it. */
export function dateTime(text: string): string {
  const time = /T.*(?:Z|[+-]\d\d:\d\d)$/i.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new InvalidArgumentError('It must be a time such as 2026-11-23T09:30:00+08:00.');
}

/** An entry of the audit and its hash, as `audit verify` prints them. */
export function chainLink(text: string): { sequence: number; hash: string } {
  const [, sequence, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (hash !== undefined) return { sequence: Number(sequence), hash };
  throw new InvalidArgumentError(
    'It must be an entry and its hash, such as 118:9f2c…, as printed.',
  );
}

/** For an option that may be given more than once. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** An offset from UTC, such as `+08:00`, in minutes. */
export function offsetMinutes(text: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):([0-5]\d)$/.exec(text) ?? [];
  const offset = Number(hours) * 60 + Number(minutes);
  if (sign !== undefined && offset <= 14 * 60) return sign === '-' ? -offset : offset;
  throw new InvalidArgumentError('It must be an offset from UTC such as +08:00.');
}
