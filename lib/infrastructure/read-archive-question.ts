import { readFileSync } from 'node:fs';

/** The SQL of a question to the archive, for a workflow that asks it. */
export function readArchiveQuestion(name: string): string {
  return readFileSync(new URL(`../archive/questions/${name}.sql`, import.meta.url), 'utf8');
}
