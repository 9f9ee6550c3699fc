import { readFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { Readable } from 'node:stream';
import { createGunzip, gunzipSync, gzipSync } from 'node:zlib';
import Table from 'cli-table3';
import { Backtest, runBacktest } from '../../lib/backtest/backtest.ts';
import { PADDING } from '../../lib/backtest/quick-line.ts';
import { LineReader } from '../../lib/backtest/read-history.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { type Contestant, type Measurement, measure } from './measure.ts';
import { morningOf } from './morning-batches.ts';

const CALLS = 100_000;
const DAYS = 2;
const SEED = 1;
const ROUNDS = 3;
const WARM_UP_ROUNDS = 1;
const TARGET = 300_000;
const LINE_FEED = 0x0a;

/** The bytes of a history in blocks, as a file stream gives them. */
function* blocksOf(bytes: Buffer, size = 256 * 1024): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function inflate(gzip: Buffer): Promise<Buffer[]> {
  const blocks: Buffer[] = [];
  const gunzip = Readable.from(blocksOf(gzip)).pipe(createGunzip({ chunkSize: 256 * 1024 }));
  for await (const block of gunzip as AsyncIterable<Buffer>) blocks.push(block);
  return blocks;
}

/** What any program has to do that reads such a file: inflate it, split its lines, parse them. */
async function parseAll(gzip: Buffer): Promise<number> {
  let records = 0;
  const text = Buffer.concat(await inflate(gzip)).toString('utf8');
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    try {
      JSON.parse(text.slice(start, end));
    } catch {
      // A broken line: parsing it is the work, too.
    }
    records++;
    start = end + 1;
  }
  return records;
}

/** The quick way to read lines, without what is done with them. */
function readAll(bytes: Uint8Array, end: number): number {
  let records = 0;
  const { numbers, context } = new Backtest({ policy: loadDefaultPolicy(), country: 'CN' });
  const take = (_: unknown, count: number) => {
    records += count;
  };
  const reject = () => {
    records++;
  };
  new LineReader({ take, reject }, { numbers, context }).read({ bytes, end });
  return records;
}

/** @param file gzipped or not, as the backtest reads either */
async function backtestAll(file: Buffer, both: boolean): Promise<number> {
  const policy = loadDefaultPolicy();
  const against = { ...policy, version: policy.version + 1 };
  const done = await runBacktest(Readable.from(blocksOf(file)), {
    policy,
    country: 'CN',
    ...(both && { against }),
  });
  return done.records;
}

function thousands(perSecond: number): string {
  return `${(perSecond / 1000).toFixed(0)} k`;
}

function print(measured: readonly Measurement[], callsPerRecord: number): void {
  const [ours, , notGzipped, , floor] = measured;
  const table = new Table({
    head: ['backtest', 'records/s/core', 'calls/s/core', 'calls/s wall', '× floor'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { name, perCoreSecond, perWallSecond } of measured) {
    table.push([
      name,
      thousands(perCoreSecond),
      thousands(perCoreSecond * callsPerRecord),
      thousands(perWallSecond * callsPerRecord),
      (perCoreSecond / (floor?.perCoreSecond ?? Number.NaN)).toFixed(2),
    ]);
  }
  console.log(table.toString());
  const verdict = (measurement: Measurement | undefined): string => {
    const reached = (measurement?.perCoreSecond ?? 0) * callsPerRecord;
    return `${thousands(reached)}, ${reached >= TARGET ? 'reached' : 'missed'}`;
  };
  console.log(
    `Target ${thousands(TARGET)} calls/s/core: ${verdict(notGzipped)}; inflating included: ${verdict(ours)}.`,
  );
}

/** The gzipped file that is named on the command line, else some mornings. */
async function history(): Promise<Buffer> {
  const file = process.argv[3];
  if (file !== undefined) return readFile(file);
  const lines = Array.from({ length: DAYS }, (_, day) => morningOf(SEED, CALLS, day).lines).flat();
  return gzipSync(`${lines.join('\n')}\n`);
}

/** The lines are not kept: whoever is measured would pay for the garbage collector's walks over them. */
function countRecords(inflated: Buffer): { records: number; ends: number } {
  const lines = inflated.toString('latin1').trimEnd().split('\n');
  const ends = lines.filter((line) => line.includes('"call.ended"')).length;
  return { records: lines.length, ends };
}

function loadText(loads: readonly number[]): string {
  return (loads[0] ?? 0).toFixed(1);
}

/** Measures the backtest on mornings of a simulated city, beside a floor. */
export async function run(): Promise<void> {
  const gzip = await history();
  const startedUnder = loadavg();
  const inflated = gunzipSync(gzip);
  const { records, ends } = countRecords(inflated);
  const bytes = new Uint8Array(inflated.length + PADDING);
  bytes.set(inflated);
  const callsPerRecord = (records - ends) / records;
  console.log(
    `${records} records, ${(inflated.length / 1e6).toFixed(0)} MB, ${(gzip.length / 1e6).toFixed(0)} MB as gzip; ` +
      `${callsPerRecord.toFixed(2)} calls a record, since long calls\nhave one of their start and one of their end. ` +
      `Median of ${ROUNDS} rounds. Per core: by processor time of the whole process, inflating\nand garbage collection on threads of their own included.\n`,
  );
  if (inflated[inflated.length - 1] !== LINE_FEED) throw new Error('the last line is not ended');
  const contestants: Contestant[] = [
    { name: 'backtest, one policy', run: () => backtestAll(gzip, false) },
    { name: 'backtest, one against another', run: () => backtestAll(gzip, true) },
    { name: 'backtest, of a file not gzipped', run: () => backtestAll(inflated, false) },
    { name: 'reading alone, inflated before', run: () => readAll(bytes, inflated.length) },
    { name: 'floor: gunzip + lines + JSON.parse', run: () => parseAll(gzip) },
    { name: 'gunzip alone', run: async () => (await inflate(gzip)).length && records },
  ];
  print(await measure(contestants, ROUNDS, WARM_UP_ROUNDS), callsPerRecord);
  console.log(`Load average before ${loadText(startedUnder)}, after ${loadText(loadavg())}.\n`);
}
