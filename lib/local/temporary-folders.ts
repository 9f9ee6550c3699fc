import { existsSync, readdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'forewarn-local-';

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes what runs that were killed could not remove. */
function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    rmSync(join(parent, name), { recursive: true, force: true });
  }
}

export interface TemporaryFolders {
  /** On disk. */
  disk: string;
  /** In memory where the platform has such a file system, else on disk. */
  memory: string;
  remove(): void;
}

/** Folders of one run; they go with `remove()` or with the process, whichever is first. */
export async function createTemporaryFolders(): Promise<TemporaryFolders> {
  const parents = [tmpdir(), existsSync('/dev/shm') ? '/dev/shm' : tmpdir()];
  const folders: string[] = [];
  for (const parent of parents) {
    removeLeftovers(parent);
    folders.push(await mkdtemp(join(parent, `${prefix}${process.pid}-`)));
  }
  const remove = (): void => {
    process.off('exit', remove);
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  const [disk = '', memory = disk] = folders;
  return { disk, memory, remove };
}
