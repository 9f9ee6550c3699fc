import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { UsageError } from '../exit-codes.ts';

const FILE = 'archive.json';

const DescriptionSchema = Type.Object({
  schema: Type.Literal('forewarn-archive/1'),
  /** Local time, by which days begin. */
  utcOffsetMinutes: Type.Integer({ minimum: -840, maximum: 840 }),
  /** The token of no number, by which a key is known again, and nothing else. */
  sealedNothing: Type.String({ minLength: 23, maxLength: 23 }),
});

/** What must be the same for all days of an archive. */
export type ArchiveDescription = Type.Static<typeof DescriptionSchema>;

const validator = Compile(DescriptionSchema);

/**
 * @returns undefined for a folder that is not there, or is no archive yet
 * @throws {UsageError} when the description cannot be read
 */
export async function readDescription(archive: string): Promise<ArchiveDescription | undefined> {
  let text: string;
  try {
    text = await readFile(join(archive, FILE), 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageError(`${archive}: ${message}`, { cause: error });
  }
  return parseDescription(text, join(archive, FILE));
}

/**
 * @param source how messages call the file
 * @throws {UsageError} when the text describes no archive
 */
export function parseDescription(text: string, source: string): ArchiveDescription {
  try {
    const value: unknown = JSON.parse(text);
    if (validator.Check(value)) return value;
  } catch {
    // Not JSON: the same as not a description.
  }
  throw new UsageError(`${source} describes no archive: import into another folder.`);
}

/** Writes it whole or not at all. */
export async function writeDescription(
  archive: string,
  description: ArchiveDescription,
): Promise<void> {
  const path = join(archive, FILE);
  await mkdir(archive, { recursive: true });
  await writeFile(`${path}.${process.pid}`, `${JSON.stringify(description)}\n`);
  await rename(`${path}.${process.pid}`, path);
}
