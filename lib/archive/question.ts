import { ArchiveError } from './errors.ts';

/** What a question may be given: whole and broken numbers, days, and number tokens; or some of them, for `IN`. */
export type QuestionValue = number | string | readonly (number | string)[];
export type QuestionValues = Readonly<Record<string, QuestionValue>>;

const PLACE = /\$\{([a-z][a-zA-Z]*)\}/g;
/** A day or a token: nothing that could end a literal. */
const SAFE_TEXT = /^[A-Za-z0-9_-]{1,40}$/;

/** @throws {ArchiveError} `bad-value` for a value that is no number, day or token, nor some of them */
export function literal(name: string, value: QuestionValue | undefined): string {
  if (value === undefined) throw new ArchiveError('bad-value', `The question needs a ${name}`);
  // In brackets, for a minus before a minus begins a comment.
  if (typeof value === 'number' && Number.isFinite(value))
    return value < 0 ? `(${value})` : `${value}`;
  if (typeof value === 'string' && SAFE_TEXT.test(value)) return `'${value}'`;
  if (Array.isArray(value) && value.length > 0) {
    return value.map((one: number | string) => literal(name, one)).join(', ');
  }
  throw new ArchiveError('bad-value', `The question's ${name} cannot be ${JSON.stringify(value)}`);
}

/**
 * The SQL of a question, its `${places}` filled. Athena takes parameters by position only and for values only, and
 * a question is easier read with their names.
 *
 * @throws {ArchiveError} `bad-value` for a value that is no number, day or token, or that is missing
 */
export function fillQuestion(sql: string, values: QuestionValues): string {
  return sql.replace(PLACE, (_, name: string) =>
    literal(name, Object.hasOwn(values, name) ? values[name] : undefined),
  );
}

/** The places of a question, each once. */
export function placesOf(sql: string): string[] {
  return [...new Set([...sql.matchAll(PLACE)].map(([, name]) => name ?? ''))];
}
