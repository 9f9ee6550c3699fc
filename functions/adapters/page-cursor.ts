import { CursorError } from './errors.ts';

/** Packs where a listing goes on into text that a reader hands back as it is. */
export function encodeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** @throws {CursorError} for text that is no cursor */
export function decodeCursor<T>(cursor: string | undefined): T | undefined {
  if (cursor === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as T;
  } catch (error) {
    throw new CursorError({ cause: error });
  }
}
