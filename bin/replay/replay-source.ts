import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { LONGEST_CALL_SECONDS } from '../../lib/domain/call-record.ts';
import { parseIsoTimestamp } from '../../lib/domain/timestamp.ts';
import { parseMapping } from '../../lib/feeds/mapping.ts';
import type { Mapping } from '../../lib/feeds/mapping-schema.ts';
import { readFeed } from '../../lib/feeds/read-feed.ts';
import { fileIdentity } from '../../lib/feeds/resume-point.ts';
import { simulateMorning } from '../../lib/simulation/simulate-morning.ts';
import type { Truth } from '../../lib/simulation/truth.ts';
import { UsageError } from '../exit-codes.ts';

/** One line on its way to the calls stream, with its own time where it can be told. */
export interface ReplayLine {
  readonly text: string;
  /** Epoch ms of what the record tells. */
  readonly time: number | undefined;
}

/** What is replayed. */
export interface ReplaySource {
  readonly name: string;
  /** Tells it from every other source, in other runs too. */
  readonly id: string;
  /** Lines to come, or bytes of the input, whatever `progress` counts; undefined when not known. */
  readonly total: number | undefined;
  /** How far reading has come, in the unit of `total`. */
  progress(): number;
  lines(): AsyncIterable<ReplayLine> | Iterable<ReplayLine>;
  /** Rows that could not be mapped to a record, by reason. They never reach the stream. */
  readonly unmapped: ReadonlyMap<string, number>;
  readonly truth?: Truth;
  /** Who lives with whom, of the people whom the simulated swindlers call; numbers are E.164. */
  households?(): ReadonlyMap<string, readonly string[]>;
}

function timeOf(record: unknown): number | undefined {
  const { start, duration, event } = (record ?? {}) as Record<string, unknown>;
  const startMs = typeof start === 'string' ? parseIsoTimestamp(start) : start;
  if (typeof startMs !== 'number') return undefined;
  const ends = event !== 'call.started' && typeof duration === 'number';
  return startMs + (ends ? Math.min(duration, LONGEST_CALL_SECONDS) * 1000 : 0);
}

/** The simulated morning of a city district. */
export function simulatedSource(seed: number): ReplaySource {
  const morning = simulateMorning({ seed });
  let read = 0;
  function* lines(): Generator<ReplayLine> {
    for (const record of morning.records()) {
      read++;
      if (typeof record === 'string') yield { text: record, time: undefined };
      else yield { text: JSON.stringify(record), time: timeOf(record) };
    }
  }
  return {
    name: `a simulated morning (seed ${seed})`,
    id: `morning ${seed}`,
    total: morning.expectedRecords,
    progress: () => read,
    lines,
    unmapped: new Map(),
    truth: morning.truth,
    households: () => morning.householdsOf(morning.truth.calledByFraud),
  };
}

async function readMapping(path: string | undefined): Promise<Mapping | undefined> {
  if (path === undefined) return undefined;
  try {
    return parseMapping(await readFile(path, 'utf8'), path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new UsageError(`${path}: there is no such file`, { cause });
  }
}

/** An operator's file, streamed. */
export async function fileSource(
  path: string,
  mappingPath: string | undefined,
): Promise<ReplaySource> {
  const mapping = await readMapping(mappingPath);
  const found = await stat(path).catch((cause: unknown) => {
    throw new UsageError(`${path}: there is no such file`, { cause });
  });
  const unmapped = new Map<string, number>();
  let read = 0;
  async function* lines(): AsyncGenerator<ReplayLine> {
    for await (const { items, bytesRead } of readFeed(createReadStream(path), mapping)) {
      for (const item of items) {
        if ('skipped' in item) continue;
        if ('json' in item) yield { text: item.json, time: timeOf(item.record) };
        // A broken line of the file is for the pipeline to judge; a row that no mapping fits never was a record.
        else if (mapping === undefined) yield { text: item.raw, time: undefined };
        else unmapped.set(item.problem.reason, (unmapped.get(item.problem.reason) ?? 0) + 1);
      }
      read = bytesRead;
    }
  }
  return {
    name: path,
    id: await fileIdentity(path),
    total: found.size,
    progress: () => read,
    lines,
    unmapped,
  };
}
