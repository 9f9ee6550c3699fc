import { readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalCloudError } from '../errors.ts';

/** The processes that work on files of a data folder: they outlive a killed local cloud for a moment. */
export interface KeptProcesses {
  add(pid: number | undefined): void;
  /**
   * Resolves when none of an earlier run works on the file any more.
   *
   * @throws LocalCloudError `data-folder-in-use` when one does not end
   */
  ended(file: string): Promise<void>;
}

const POLL_MS = 20;
/** More than the guard of a process gives it to end. */
const MOST_MS = 15_000;

/** By its command line, for the number may be another's by now. */
function worksOn(pid: number, file: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(file);
  } catch {
    return false;
  }
}

export function createKeptProcesses(database: DatabaseSync): KeptProcesses {
  database.exec('CREATE TABLE IF NOT EXISTS processes (pid INTEGER PRIMARY KEY)');
  const left = database
    .prepare('SELECT pid FROM processes')
    .all()
    .map(({ pid }) => Number(pid));
  return {
    add(pid) {
      if (pid === undefined) return;
      database.prepare('INSERT OR IGNORE INTO processes VALUES (?)').run(pid);
    },
    async ended(file) {
      const until = Date.now() + MOST_MS;
      for (const pid of left) {
        while (worksOn(pid, file)) {
          if (Date.now() > until) {
            throw new LocalCloudError(
              'data-folder-in-use',
              `Process ${pid} of an earlier run still works on ${file}: end it first`,
            );
          }
          await delay(POLL_MS);
        }
        database.prepare('DELETE FROM processes WHERE pid = ?').run(pid);
      }
    },
  };
}
