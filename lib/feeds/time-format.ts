import { parseOffset, type WallClock, wallMilliseconds } from './zoned-time.ts';

/** Reads a cell; epoch milliseconds, or undefined when the text does not fit the format. */
export type TimeReader = (text: string) => number | undefined;

export interface TimeFormatOptions {
  /** For times without an offset of their own; undefined: such times are refused. */
  readonly wallClock: WallClock | undefined;
  /** Epoch milliseconds that a counted time starts from. */
  readonly epochMs: number;
}

const UNITS_PER_MILLISECOND: ReadonlyMap<string, number> = new Map([
  ['seconds', 0.001],
  ['milliseconds', 1],
  ['microseconds', 1000],
]);

const ISO =
  /^(?<yyyy>\d{4})-?(?<MM>\d\d)-?(?<dd>\d\d)[T ](?<HH>\d\d):?(?<mm>\d\d)(?::?(?<ss>\d\d)(?:[.,](?<S>\d+))?)?\s?(?<X>Z|[+-]\d\d(?::?\d\d)?)?$/i;

/** The pattern letters that are understood, each with the expression of what it stands for. */
const LETTERS: Readonly<Record<string, string>> = {
  yyyy: '(?<yyyy>\\d{4})',
  yy: '(?<yy>\\d\\d)',
  MM: '(?<MM>\\d\\d)',
  M: '(?<MM>\\d{1,2})',
  dd: '(?<dd>\\d\\d)',
  d: '(?<dd>\\d{1,2})',
  HH: '(?<HH>\\d\\d)',
  H: '(?<HH>\\d{1,2})',
  hh: '(?<hh>\\d\\d)',
  h: '(?<hh>\\d{1,2})',
  mm: '(?<mm>\\d\\d)',
  m: '(?<mm>\\d{1,2})',
  ss: '(?<ss>\\d\\d)',
  s: '(?<ss>\\d{1,2})',
  a: '(?<a>AM|PM|上午|下午)',
  S: '(?<S>\\d+)',
  X: '(?<X>Z|[+-]\\d\\d(?::?\\d\\d)?)',
};

/** A pattern that cannot be used; the message says what is wrong with it. */
export class TimePatternError extends Error {
  readonly code = 'bad-time-pattern';
  override readonly name = 'TimePatternError';
}

/**
 * Compiles the `format` of a mapping's start.
 *
 * @param format `iso`, `seconds`, `milliseconds`, `microseconds`, `record` (ISO or epoch milliseconds,
 *   as in a call record), or a pattern
 * @throws {TimePatternError} when the pattern has unknown letters, or lacks year, month or day
 */
export function compileTimeFormat(format: string, options: TimeFormatOptions): TimeReader {
  if (format === 'record') {
    const readIso = compileTimeFormat('iso', options);
    return (text) => (/^\d+$/.test(text) ? Number(text) : readIso(text));
  }
  const perMillisecond = UNITS_PER_MILLISECOND.get(format);
  if (perMillisecond !== undefined) return countedTime(perMillisecond, options.epochMs);
  const expression = format === 'iso' ? ISO : compilePattern(format);
  return (text) => {
    const groups = expression.exec(text)?.groups;
    return groups === undefined ? undefined : momentOf(groups, options.wallClock);
  };
}

/** Whether times of this format can carry their own offset, so that no zone is needed. */
export function carriesOffset(format: string): boolean {
  if (format === 'iso' || format === 'record') return true;
  return (
    UNITS_PER_MILLISECOND.has(format) || tokensOf(format).some(({ letters }) => letters === 'X')
  );
}

function countedTime(perMillisecond: number, epochMs: number): TimeReader {
  return (text) => {
    if (!/^-?\d+(\.\d+)?$/.test(text)) return undefined;
    return Math.floor(epochMs + Number(text) / perMillisecond);
  };
}

function compilePattern(pattern: string): RegExp {
  const tokens = tokensOf(pattern);
  for (const [name, ...spellings] of REQUIRED_PARTS) {
    const count = tokens.filter((token) => spellings.includes(token.letters)).length;
    if (count !== 1) throw new TimePatternError(`it needs the ${name} exactly once`);
  }
  const twelveHours = tokens.some(({ letters }) => letters === 'hh' || letters === 'h');
  if (twelveHours !== tokens.some(({ letters }) => letters === 'a')) {
    throw new TimePatternError('hh (1 to 12) and a (AM or PM) belong together');
  }
  const source = tokens.map(expressionOf).join('');
  try {
    return new RegExp(`^${source}$`, 'i');
  } catch (cause) {
    throw new TimePatternError('a part of the time stands in it twice', { cause });
  }
}

const REQUIRED_PARTS: readonly (readonly string[])[] = [
  ['year (yyyy)', 'yyyy', 'yy'],
  ['month (MM)', 'MM', 'M'],
  ['day (dd)', 'dd', 'd'],
  ['hour (HH)', 'HH', 'H', 'hh', 'h'],
  ['minute (mm)', 'mm', 'm'],
];

/** A run of one pattern letter, or literal text; the other one is empty. */
interface PatternToken {
  readonly letters: string;
  readonly literal: string;
}

/** Quoted text is literal, as in java.time; so is a bare T, as in ISO 8601. */
function tokensOf(pattern: string): PatternToken[] {
  return [...pattern.matchAll(/'([^']*)'|([A-Za-z])\2*|[^A-Za-z]/g)].map((match) => {
    const isLiteral = match[2] === undefined || match[0] === 'T';
    if (isLiteral) return { letters: '', literal: match[1] ?? match[0] };
    return { letters: match[0].replace(/^(X|x|Z)+$/, 'X').replace(/^S+$/, 'S'), literal: '' };
  });
}

function expressionOf({ letters, literal }: PatternToken): string {
  if (letters === '') return literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const known = LETTERS[letters];
  if (known !== undefined) return known;
  throw new TimePatternError(
    `"${letters}" is no pattern letter; known are yyyy yy MM M dd d HH H hh h mm m ss s SSS a XXX`,
  );
}

function momentOf(
  groups: Record<string, string | undefined>,
  wallClock: WallClock | undefined,
): number | undefined {
  const wallMs = wallMilliseconds({
    year: groups.yyyy === undefined ? 2000 + Number(groups.yy) : Number(groups.yyyy),
    month: Number(groups.MM),
    day: Number(groups.dd),
    hour: hourOf(groups),
    minute: Number(groups.mm),
    second: Number(groups.ss ?? 0),
    millisecond: Number((groups.S ?? '').padEnd(3, '0').slice(0, 3)),
  });
  if (wallMs === undefined) return undefined;
  if (groups.X === undefined) return wallClock?.(wallMs);
  const offset = parseOffset(groups.X);
  return offset === undefined ? undefined : wallMs - offset * 60_000;
}

function hourOf(groups: Record<string, string | undefined>): number {
  if (groups.hh === undefined) return Number(groups.HH);
  const hour = Number(groups.hh);
  if (hour < 1 || hour > 12) return Number.NaN;
  return (hour % 12) + (/^(PM|下午)$/i.test(groups.a ?? '') ? 12 : 0);
}
