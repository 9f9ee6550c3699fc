import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import Table from 'cli-table3';
import { dayAfter } from '../../lib/archive/archived-call.ts';
import { DuckDbArchive } from '../../lib/archive/duckdb-archive.ts';
import { DuckDbStudyArchive } from '../../lib/study/duckdb-study-archive.ts';
import { summariseDay } from '../../lib/study/study-day.ts';
import type { Told } from './study-process.ts';
import { writeSyntheticDays } from './synthetic-archive.ts';

const CALLS = 5_000_000;
const DAYS = 4;
const DAY = '2026-11-26';
const MOST_SECONDS = 60;
const MOST_MB = 2_000;
const PLAIN_HEAP_MB = 12_000;

interface Options {
  readonly calls: number;
  readonly days: number;
  readonly archive: string | undefined;
  readonly plain: boolean;
}

function readOptions(): Options {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      calls: { type: 'string', default: String(CALLS) },
      days: { type: 'string', default: String(DAYS) },
      archive: { type: 'string' },
      'no-plain': { type: 'boolean', default: false },
    },
  });
  return {
    calls: Number(values.calls),
    days: Number(values.days),
    archive: values.archive,
    plain: !values['no-plain'],
  };
}

/** Days before the studied one, with their summaries, as the nights before left them. */
async function prepare(folder: string, { calls, days }: Options): Promise<void> {
  await using archive = await DuckDbArchive.open(folder);
  await writeSyntheticDays(archive, { calls, day: DAY, days });
  const study = await DuckDbStudyArchive.open(archive);
  for (let back = days - 1; back > 0; back--) await summariseDay(study, dayAfter(DAY, -back));
}

async function runOne(folder: string, how: string): Promise<Told> {
  const script = new URL('./study-process.ts', import.meta.url).pathname;
  const heap = how === 'plain' ? [`--max-old-space-size=${PLAIN_HEAP_MB}`] : [];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...heap,
    script,
    folder,
    DAY,
    how,
  ]);
  return JSON.parse(stdout) as Told;
}

/** Forgets what the studied day came to, so that it is summed up again. */
async function forgetDay(folder: string): Promise<void> {
  for (const table of [
    'study_pairs',
    'study_numbers',
    'study_handsets',
    'study_contacts',
    'study_suspects',
  ]) {
    await rm(join(folder, table, `day=${DAY}`), { recursive: true, force: true });
  }
}

/** Measures a study of one day, each in a process of its own, beside the same questions as plain loops in memory. */
export async function run(): Promise<void> {
  const options = readOptions();
  const own = await mkdtemp(join(tmpdir(), 'forewarn-bench-'));
  const folder = options.archive ?? own;
  try {
    const { calls, days } = options;
    console.log(
      `${calls.toLocaleString('en')} calls a day, ${days} days; the days before have been studied. Load ${loadavg()[0]?.toFixed(1)}.`,
    );
    await prepare(folder, options);
    const contestants: (readonly [string, string])[] = [
      [`study, window of ${days} days`, String(days)],
      ['study, of the day alone', '1'],
      ...(options.plain ? [['plain TypeScript, of the day alone', 'plain'] as const] : []),
    ];
    const told: Told[] = [];
    for (const [, how] of contestants) {
      await forgetDay(folder);
      told.push(await runOne(folder, how));
    }
    print(contestants.map(([name], i) => ({ name, ...(told[i] as Told) })));
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

function print(rows: readonly (Told & { readonly name: string })[]): void {
  const [window, alone, plain] = rows;
  const table = new Table({
    head: ['', 's', '× plain', 'processor s', '× plain', 'peak MB', 'suspects'],
    colAligns: ['left', ...new Array(6).fill('right')],
    style: { head: [], border: [] },
  });
  for (const { name, seconds, cpuSeconds, peakMb, suspects } of rows) {
    const ratio = (own: number, other: number | undefined) =>
      other === undefined ? '-' : (own / other).toFixed(2);
    table.push([
      name,
      seconds.toFixed(1),
      ratio(seconds, plain?.seconds),
      cpuSeconds.toFixed(1),
      ratio(cpuSeconds, plain?.cpuSeconds),
      peakMb.toFixed(0),
      suspects,
    ]);
  }
  console.log(table.toString());
  if (plain !== undefined && alone !== undefined && plain.suspects !== alone.suspects) {
    throw new Error(`Plain loops find ${plain.suspects} suspects, the study ${alone.suspects}`);
  }
  const reached = (window?.seconds ?? 0) <= MOST_SECONDS && (window?.peakMb ?? 0) <= MOST_MB;
  console.log(
    `Target ${MOST_SECONDS} s and ${MOST_MB} MB: ${reached ? 'reached' : 'missed'}. Plain loops answer the questions about contacts only,\nnot handsets, shared people, precursors and volume. Load ${loadavg()[0]?.toFixed(1)} at the end.\n`,
  );
}
