import { readFile } from 'node:fs/promises';

/** The SQL of a question, one file each. */
export function readQuestion(name: string): Promise<string> {
  return readFile(new URL(`./questions/${name}.sql`, import.meta.url), 'utf8');
}
