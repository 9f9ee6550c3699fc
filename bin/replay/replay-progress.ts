import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../lib/local/kept/replace-file.ts';
import { UsageError } from '../exit-codes.ts';

const FILE = 'replay.json';

interface Written {
  /** Minutes of the ladder in a real one. */
  ladderSpeed?: number;
  /** By source: all lines up to this one have arrived. */
  arrived: Record<string, number>;
}

/** How far replays into a data folder have come. */
export interface ReplayProgress {
  /** The speed at which the folder's cases climb; undefined for a new folder. */
  readonly ladderSpeed: number | undefined;
  keepLadderSpeed(speed: number): void;
  /** The last line of a source up to which all have arrived. */
  arrived(source: string): number;
  keepArrived(source: string, line: number): void;
}

async function read(file: string): Promise<Written> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { arrived: {} };
    throw error;
  }
  try {
    return JSON.parse(text) as Written;
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: give another folder`, { cause });
  }
}

/** @param folder undefined for a run that leaves nothing */
export async function openReplayProgress(folder: string | undefined): Promise<ReplayProgress> {
  const file = folder === undefined ? undefined : join(folder, FILE);
  const written: Written = file === undefined ? { arrived: {} } : await read(file);
  const save = (): void => {
    if (file !== undefined) replaceFile(file, JSON.stringify(written));
  };
  return {
    ladderSpeed: written.ladderSpeed,
    keepLadderSpeed(speed) {
      written.ladderSpeed = speed;
      save();
    },
    arrived: (source) => written.arrived[source] ?? 0,
    keepArrived(source, line) {
      written.arrived[source] = line;
      save();
    },
  };
}
