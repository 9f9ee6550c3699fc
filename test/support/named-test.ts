import { existsSync, readFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);

/** A test that a document or a list names. */
export interface NamedTest {
  /** From the root: `test/…`. */
  readonly file: string;
  readonly name: string;
}

/** Whether there is a test, or a group of tests, of this very name. */
export function isTest({ file, name }: NamedTest): boolean {
  const path = new URL(file, ROOT);
  if (!existsSync(path)) return false;
  const literal = name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`\\(\\s*(['"\`])${literal}\\1`).test(readFileSync(path, 'utf8'));
}
