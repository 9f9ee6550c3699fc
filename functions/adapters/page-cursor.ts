import { CursorError } from './errors.ts';

/** Packs where a listing goes on into text that a reader hands back as it is. */
export function encodeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/**
 * Unpacks what {@link encodeCursor} packed. It was in a stranger's hands since.
 *
 * @param isCursor whether it has the form that was packed
 * @throws {CursorError} for text that is no cursor
 */
export function decodeCursor<T>(
  cursor: string | undefined,
  isCursor: (value: unknown) => boolean,
): T | undefined {
  if (cursor === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (error) {
    throw new CursorError({ cause: error });
  }
  if (!isCursor(value)) throw new CursorError();
  return value as T;
}

/** Whether a value is an object whose fields have the forms that are named. */
export function hasForm(
  value: unknown,
  form: Readonly<Record<string, (field: unknown) => boolean>>,
): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(form).every(([name, fits]) => fits(Reflect.get(value, name)));
}

/** DynamoDB takes no longer key, and no empty one. */
const LONGEST_KEY = 1_024;

/** Whether a value is text that may be a key. */
export const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= LONGEST_KEY;
