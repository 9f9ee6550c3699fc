import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import Table from 'cli-table3';
import { runProgram } from '../../bin/program.ts';
import { CITY_SCENARIO } from '../../lib/simulation/city-scenario.ts';
import { scaledToPeople } from '../../lib/simulation/scenario.ts';
import { simulateCity } from '../../lib/simulation/simulate-city.ts';
import { type Contestant, measure } from './measure.ts';

const PEOPLE = 10_000;
const SEED = 1;
const ROUNDS = 3;
const WARM_UP_ROUNDS = 0;
const TARGET = 200_000;

interface Made {
  readonly chunks: readonly Buffer[];
  readonly calls: number;
}

function makeUp(): Made {
  const simulation = simulateCity(scaledToPeople(CITY_SCENARIO, PEOPLE), SEED);
  const chunks = [...simulation.chunks()];
  return { chunks, calls: simulation.progress().calls };
}

/** What any program has to do that writes such a file: pack its bytes, and hand them to the file system. */
async function packMade({ chunks, calls }: Made, path: string): Promise<number> {
  const gzip = createGzip({ level: 1, chunkSize: 256 * 1024 });
  const file = gzip.pipe(createWriteStream(path));
  for (const chunk of chunks) if (!gzip.write(chunk)) await once(gzip, 'drain');
  gzip.end();
  await finished(file);
  return calls;
}

async function runCommand(out: string, calls: number): Promise<number> {
  const size = ['--seed', String(SEED), '--people', String(PEOPLE)];
  const code = await runProgram([
    ...['node', 'forewarn', 'simulate', '--quiet', '--force', '--out', out],
    ...size,
  ]);
  if (code !== 0) throw new Error(`forewarn simulate ended with ${code}`);
  return calls;
}

const thousands = (perSecond: number) => `${(perSecond / 1000).toFixed(0)} k`;

/** Measures `forewarn simulate`, beside packing the same bytes. */
export async function run(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'forewarn-bench-'));
  try {
    const made = makeUp();
    const bytes = made.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    console.log(
      `${PEOPLE} people over ${CITY_SCENARIO.days} days: ${made.calls} calls, ${(bytes / 1e6).toFixed(0)} MB of lines. ` +
        `Median of ${ROUNDS} rounds. Per core: by processor\ntime of the whole process, all its threads together. ` +
        `${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)} before the begin.\n`,
    );
    const contestants: Contestant[] = [
      { name: 'forewarn simulate', run: () => runCommand(directory, made.calls) },
      {
        name: 'floor: gzip level 1 of the same bytes, to a file',
        run: () => packMade(made, join(directory, 'floor.gz')),
      },
    ];
    const measured = await measure(contestants, ROUNDS, WARM_UP_ROUNDS);
    const floor = measured.at(-1);
    const table = new Table({
      head: ['simulate', 'calls/s wall', '× floor', 'calls/s/core', '× floor'],
      colAligns: ['left', 'right', 'right', 'right', 'right'],
      style: { head: [], border: [] },
    });
    for (const { name, perWallSecond, perCoreSecond } of measured) {
      table.push([
        name,
        thousands(perWallSecond),
        (perWallSecond / (floor?.perWallSecond ?? Number.NaN)).toFixed(2),
        thousands(perCoreSecond),
        (perCoreSecond / (floor?.perCoreSecond ?? Number.NaN)).toFixed(2),
      ]);
    }
    console.log(table.toString());
    const reached = measured[0]?.perWallSecond ?? 0;
    console.log(
      `Target ${thousands(TARGET)} calls/s by the clock: ${thousands(reached)}, ${reached >= TARGET ? 'reached' : 'missed'}. ` +
        `Load ${loadavg()[0]?.toFixed(1)} at the end.\n`,
    );
  } finally {
    await rm(directory, { recursive: true });
  }
}
