import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where inputs are kept: those that broke something once, and those that stand for a kind of attack. */
export const CORPUS = join(import.meta.dirname, 'corpus');

export interface KeptInput {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The inputs that are kept of a decoder, in the order of their names. */
export function corpusOf(decoder: string): KeptInput[] {
  const folder = join(CORPUS, decoder);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names.sort().map((name) => ({ name, bytes: readFileSync(join(folder, name)) }));
}

/** Keeps an input by a name that is the same for the same bytes. @returns the file */
export function keepInput(decoder: string, why: string, bytes: Uint8Array): string {
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 10);
  const folder = join(CORPUS, decoder);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${why}-${digest}`);
  writeFileSync(file, bytes);
  return file;
}
