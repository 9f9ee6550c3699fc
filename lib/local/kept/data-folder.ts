import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LocalCloudError } from '../errors.ts';
import { replaceFile } from './replace-file.ts';

/** Of what the files in a data folder look like: to be raised with each change that an older reader would not understand. */
const FORMAT = 1;
const MANIFEST = 'data.json';
const LOCK = 'lock.db';

/** Whose data a folder holds. */
export interface DataOwner {
  readonly stackName: string;
  /** Of the program that writes it. */
  readonly version: string;
}

/** The folder in which a local cloud keeps its data for the next start. */
export interface DataFolder {
  file(name: string): string;
  /** Lets another local cloud have it. */
  release(): void;
}

interface Manifest extends DataOwner {
  readonly format: number;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && /database is locked/.test(error.message);
}

function foreign(folder: string, why: string): LocalCloudError {
  return new LocalCloudError('data-folder-foreign', `${folder} ${why}`);
}

function readManifest(folder: string): Manifest | undefined {
  const file = join(folder, MANIFEST);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch (cause) {
    throw new LocalCloudError(
      'data-folder-foreign',
      `${file} cannot be read: give another folder`,
      {
        cause,
      },
    );
  }
}

/**
 * @returns whether the folder is a new one
 * @throws LocalCloudError `data-folder-foreign` for what somebody else wrote
 */
function checkManifest(folder: string, owner: DataOwner): boolean {
  const manifest = readManifest(folder);
  if (manifest === undefined) {
    const strange = readdirSync(folder).find((name) => !name.startsWith(LOCK));
    if (strange !== undefined) {
      throw foreign(
        folder,
        `holds ${strange}, and nothing that a local cloud kept: give an empty folder`,
      );
    }
    return true;
  }
  const { format, stackName, version } = manifest;
  if (stackName !== owner.stackName) {
    throw foreign(folder, `holds the data of ${stackName}, not of ${owner.stackName}`);
  }
  if (format !== FORMAT || version !== owner.version) {
    throw foreign(
      folder,
      `was written by version ${version} (format ${format}), and this is ${owner.version} (format ${FORMAT}): ` +
        'start that version with it, or give another folder',
    );
  }
  return false;
}

function inUse(folder: string, pid: unknown, cause: unknown): LocalCloudError {
  const by = pid === undefined ? 'another process' : `process ${String(pid)}`;
  return new LocalCloudError(
    'data-folder-in-use',
    `${folder} is in use by ${by}: end that first, or give another folder`,
    { cause },
  );
}

/**
 * Holds the folder as long as this process lives: the lock is the operating system's, which takes it back from whoever
 * is killed. Who holds it can be read by others.
 */
function takeLock(folder: string): DatabaseSync {
  const lock = new DatabaseSync(join(folder, LOCK), { timeout: 0 });
  try {
    lock.exec('CREATE TABLE IF NOT EXISTS owner (pid INTEGER NOT NULL)');
    lock.exec('BEGIN IMMEDIATE');
    lock.exec('DELETE FROM owner');
    lock.prepare('INSERT INTO owner VALUES (?)').run(process.pid);
    lock.exec('COMMIT; BEGIN IMMEDIATE');
    return lock;
  } catch (cause) {
    const pid = isBusy(cause) ? ownerOf(lock) : undefined;
    lock.close();
    if (isBusy(cause)) throw inUse(folder, pid, cause);
    throw new LocalCloudError('data-folder-foreign', `${join(folder, LOCK)} is no lock of ours`, {
      cause,
    });
  }
}

function ownerOf(lock: DatabaseSync): unknown {
  try {
    return lock.prepare('SELECT pid FROM owner').get()?.pid;
  } catch {
    // The other is just writing it.
    return undefined;
  }
}

/**
 * Opens the folder for this process alone, and makes it where there is none.
 *
 * @throws LocalCloudError `data-folder-in-use` while another process has it, `data-folder-foreign` for one that holds
 * something else, or was written by another version or for another stack
 */
export function openDataFolder(folder: string, owner: DataOwner): DataFolder {
  // Sealing keys, texts and records with clear numbers are in it.
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  checkManifest(folder, owner);
  const lock = takeLock(folder);
  try {
    if (checkManifest(folder, owner)) {
      replaceFile(join(folder, MANIFEST), `${JSON.stringify({ format: FORMAT, ...owner })}\n`);
    }
  } catch (error) {
    lock.close();
    throw error;
  }
  return { file: (name) => join(folder, name), release: () => lock.close() };
}
