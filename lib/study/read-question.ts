import { readFile } from 'node:fs/promises';

/** The SQL of one of the study's questions, one file each. */
export function readStudyQuestion(name: string): Promise<string> {
  return readFile(new URL(`./questions/${name}.sql`, import.meta.url), 'utf8');
}
