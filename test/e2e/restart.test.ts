import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { paginateListExecutions, SFNClient } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { LOCAL_STACK } from '../../bin/replay/local-stack.ts';
import type { SmsText } from '../../lib/local/services/sms-inbox.ts';
import { foundState } from '../support/final-state.ts';
import { connectPipeline, type PipelineClient, type PipelineConnection } from './local-pipeline.ts';
import { smallMorning, undisturbed } from './small-morning.ts';

const PROGRAM = fileURLToPath(new URL('../support/run-local-cloud.ts', import.meta.url));

interface RunningCloud {
  readonly pipeline: PipelineClient;
  readonly connection: PipelineConnection;
  /** Resolves when everything has come to rest. */
  settled(): Promise<void>;
  /** As the kernel kills: without a chance to write anything down. */
  kill(): Promise<void>;
}

let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forewarn-restart-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});

async function startCloud(): Promise<RunningCloud> {
  const child = spawn(process.execPath, [PROGRAM, inject('assemblyDir'), LOCAL_STACK, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const { value } = await lines.next();
    if (value === undefined) throw new Error('the local cloud ended');
    return value;
  };
  const connection = JSON.parse(await nextLine()) as PipelineConnection;
  const pipeline = connectPipeline(connection);
  return {
    pipeline,
    connection,
    async settled() {
      child.stdin.write('settle\n');
      expect(await nextLine()).toBe('settled');
    },
    async kill() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      pipeline.disconnect();
    },
  };
}

async function textsOf({ endpoint }: PipelineConnection): Promise<SmsText[]> {
  const answer = await fetch(`${endpoint}/_forewarn/inbox`);
  return (await answer.json()) as SmsText[];
}

/** Names of the dissuasions under way. */
async function dissuasions(connection: PipelineConnection): Promise<string[]> {
  const client = new SFNClient(connection);
  const names: string[] = [];
  const asked = {
    stateMachineArn: connection.outputs.DissuasionStateMachineArn ?? '',
    statusFilter: 'RUNNING' as const,
  };
  try {
    for await (const page of paginateListExecutions({ client }, asked)) {
      names.push(...(page.executions ?? []).map(({ name }) => name ?? ''));
    }
  } finally {
    client.destroy();
  }
  return names.sort();
}

async function countProfiles({ pipeline }: RunningCloud): Promise<number> {
  return (await pipeline.scan('ProfilesTableName')).length;
}

describe('a local cloud with its data in a folder', () => {
  test('goes on where it was each time it is killed, and ends as one that never was', async () => {
    const lines = smallMorning(1_500).map(({ text }) => text);
    const middle = Math.floor(lines.length / 2);
    let cloud = await startCloud();
    const expected = await undisturbed(lines, cloud.pipeline);
    for (const piece of [lines.slice(0, middle), lines.slice(middle)]) {
      const profiles = await countProfiles(cloud);
      // What the death interrupts gets no answer, so the producer pushes it once more.
      const pushing = cloud.pipeline.push(piece).catch(() => undefined);
      await expect.poll(() => countProfiles(cloud), { timeout: 120_000 }).toBeGreaterThan(profiles);
      await cloud.kill();
      await pushing;
      cloud = await startCloud();
      await cloud.pipeline.push(piece);
    }
    await cloud.settled();

    const subjects = await cloud.pipeline.scan('SubjectsTableName');
    expect(foundState(await cloud.pipeline.scan('ProfilesTableName'), subjects)).toEqual(expected);
    expect(expected.warnings.length).toBeGreaterThan(2);
    const sent = subjects.filter(({ item }) => item?.S?.startsWith('WARNING#'));
    expect(sent.map(({ status }) => status?.S)).toEqual(sent.map(() => 'sent'));
    const texts = await textsOf(cloud.connection);
    expect(texts.length).toBeGreaterThanOrEqual(sent.length);

    // What waits for people is still there after one more death, and so are the texts.
    const open = await dissuasions(cloud.connection);
    expect(open).toHaveLength(expected.cases.length);
    await cloud.kill();
    cloud = await startCloud();
    expect(await dissuasions(cloud.connection)).toEqual(open);
    expect(await textsOf(cloud.connection)).toEqual(texts);
    cloud.pipeline.disconnect();
  }, 300_000);
});
