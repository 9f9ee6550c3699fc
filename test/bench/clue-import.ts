import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { LOCAL_STACK, synthesizeLocalStage } from '../../bin/replay/local-stack.ts';
import { DEMO_PASSWORD, officersOfLocalCloud } from '../../bin/replay/officers-of-local-cloud.ts';
import { startLocalCloud } from '../../lib/local/local-cloud.ts';
import { startForewarn } from '../support/run-forewarn.ts';

const CLUES = 20_000;
const TARGET = 300;
/** One clue in five is about the number that everybody reports, the others are about some five to a number. */
const HOT_SHARE = 5;
const CLUES_A_NUMBER = 5;
const REPORTERS = 3_000;

/** Clues as a hotline exports them. */
function exportOf(clues: number): string {
  const numbers = Math.ceil(clues / CLUES_A_NUMBER);
  const rows = Array.from({ length: clues }, (_, i) => {
    const about = i % HOT_SHARE === 0 ? 0 : (i * 7_919) % numbers;
    return [
      `call ${i}`,
      `139${String(10_000_000 + about)}`,
      'loan',
      '2026-11-20T09:00:00+08:00',
      `wanted a deposit first; told me to ring 1371234${String(i % 10_000).padStart(4, '0')}`,
      `138${String(10_000_000 + ((i * 104_729) % REPORTERS))}`,
    ].join(',');
  });
  return `reference,number,kind,when,text,reporter\n${rows.join('\n')}\n`;
}

/** `npm run bench clue-import`: the command on a hotline's export, the same file again, and a call that does nothing. */
export async function run(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { clues: { type: 'string', default: String(CLUES) } },
  });
  const clues = Number(values.clues);
  const folder = await mkdtemp(join(tmpdir(), 'forewarn-bench-'));
  const assemblyDir = join(folder, 'assembly');
  await synthesizeLocalStage(assemblyDir);
  const cloud = await startLocalCloud({ assemblyDir, stackName: LOCAL_STACK, warm: true });
  try {
    const { accessKeyId, secretAccessKey } = cloud.credentials;
    const env = {
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_REGION: cloud.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      XDG_STATE_HOME: folder,
      FOREWARN_PASSWORD: DEMO_PASSWORD,
    };
    const forewarn = async (...args: string[]) => {
      const startedAt = performance.now();
      const all = [...args, '--stack', LOCAL_STACK];
      const { code, stderr, stdout } = await startForewarn(all, env).finished;
      if (code !== 0) throw new Error(`forewarn ${args.join(' ')} failed: ${stdout}${stderr}`);
      return { seconds: (performance.now() - startedAt) / 1000, stdout };
    };
    await officersOfLocalCloud(cloud);
    await forewarn('login', '--user', 'analyst');
    const file = join(folder, 'hotline.csv');
    await writeFile(file, exportOf(clues));
    const table = new Table({
      head: ['run', 's', 'clues a second', ''],
      colAligns: ['left', 'right', 'right', 'left'],
      style: { head: [], border: [] },
    });
    const rates: number[] = [];
    for (const name of ['first time', 'the same file again']) {
      const { seconds, stdout } = await forewarn('clue', 'import', file);
      rates.push(clues / seconds);
      table.push([name, seconds.toFixed(1), (clues / seconds).toFixed(0), stdout.trim()]);
    }
    process.stdout.write(`${table.toString()}\n`);
    const [rate = 0] = rates;
    process.stdout.write(
      `Target ${TARGET} clues a second: ${rate >= TARGET ? 'reached' : 'missed'}. Load ${loadavg()[0]?.toFixed(1)}.\n`,
    );
  } finally {
    await cloud.close();
    await rm(folder, { recursive: true, force: true });
  }
}
