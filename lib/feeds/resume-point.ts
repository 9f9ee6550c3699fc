import { createHash } from 'node:crypto';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import Type from 'typebox';
import { Compile } from 'typebox/compile';

const ResumePointSchema = Type.Object({
  version: Type.Literal(1),
  /** Input files that have been pushed in full. */
  done: Type.Array(Type.String()),
  /** The file under way. */
  file: Type.String(),
  /** Tells whether the file is still the same one. */
  identity: Type.String(),
  /** All lines up to this one have arrived in the stream. */
  line: Type.Integer({ minimum: 0 }),
});

/** How far a push has come. */
export type ResumePoint = Type.Static<typeof ResumePointSchema>;

const validator = Compile(ResumePointSchema);
const IDENTITY_BYTES = 4 * 1024;

/** A resume file that cannot be used; the message says what to do. */
export class ResumeError extends Error {
  readonly code = 'bad-resume-file';
  override readonly name = 'ResumeError';
}

/**
 * Checks the text of a resume file.
 *
 * @param path how messages call the file
 * @throws {ResumeError}
 */
export function parseResumePoint(text: string, path: string): ResumePoint {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ResumeError(`${path} is no resume file: remove it to start afresh`, { cause });
  }
  if (validator.Check(value)) return value;
  throw new ResumeError(`${path} is no resume file: remove it to start afresh`);
}

/**
 * @returns undefined when there is no such file
 * @throws {ResumeError} when there is one, but not one of ours
 */
export async function readResumePoint(path: string): Promise<ResumePoint | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return parseResumePoint(text, path);
}

/** Writes it whole or not at all: a push may be killed at any moment. */
export async function writeResumePoint(path: string, point: ResumePoint): Promise<void> {
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(point, undefined, 2)}\n`);
  await rename(unfinished, path);
}

export async function removeResumePoint(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Identity of a file by its beginning and, as a log may grow in the meantime, not by its size. */
export async function fileIdentity(path: string): Promise<string> {
  const { size } = await stat(path);
  const bytes = Buffer.alloc(Math.min(IDENTITY_BYTES, size));
  const file = await open(path);
  try {
    await file.read(bytes, 0, bytes.length, 0);
  } finally {
    await file.close();
  }
  return createHash('sha256').update(bytes).digest('hex');
}
