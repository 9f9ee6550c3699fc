import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startForewarn } from '../support/run-forewarn.ts';
import { type StreamServer, startStreamServer } from '../support/stream-server.ts';

let server: StreamServer;
let folder: string;

beforeAll(async () => {
  server = await startStreamServer();
  folder = await mkdtemp(join(tmpdir(), 'forewarn-push-'));
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

function call(index: number): string {
  const caller = `138${String(10_000_000 + (index % 97)).padStart(8, '0')}`;
  return JSON.stringify({
    callId: `call-${index}`,
    caller,
    callee: '13900139000',
    start: 1_795_000_000_000 + index,
    duration: index % 60,
  });
}

function callsFrom(first: number, count: number): string {
  return Array.from({ length: count }, (_, index) => `${call(first + index)}\n`).join('');
}

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function pushedCalls(stream: string): Promise<{ callId: string; caller: string }[]> {
  const records = await server.readAll(stream);
  return records.flatMap(({ data }) =>
    data
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}

function push(...args: string[]) {
  return startForewarn(['push', ...args], server.environment);
}

describe('forewarn push', () => {
  it('pushes files of several kinds, every call once, each caller in order', async () => {
    await server.createStream('kinds');
    const plain = await file('plain.jsonl', callsFrom(0, 3000));
    const zipped = await file('zipped.jsonl.gz', gzipSync(callsFrom(3000, 2000)));
    const table = await file(
      'table.csv',
      'caller,callee,start,callId\n13810000000,13900139000,2026-11-18T19:06:45+08:00,call-5000\n',
    );
    const { code, stdout, stderr } = await push(plain, zipped, table, '--stream', 'kinds', '--json')
      .finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ read: 5001, pushed: 5001, rejected: 0 });
    const calls = await pushedCalls('kinds');
    const numbers = calls.map(({ callId }) => Number(callId.slice(5)));
    expect(numbers.toSorted((a, b) => a - b)).toEqual([...Array(5001).keys()]);
    const last = new Map<string, number>();
    for (const { caller, callId } of calls) {
      const number = Number(callId.slice(5));
      expect(number).toBeGreaterThan(last.get(caller) ?? -1);
      last.set(caller, number);
    }
  });

  it('keeps back what is not valid, says where it is, and ends with 1', async () => {
    await server.createStream('rejects');
    const path = await file('mixed.jsonl', `${call(1)}\n{"caller":"110"}\nnonsense\n${call(2)}\n`);
    const rejects = join(folder, 'rejects.jsonl');
    const { code, stdout, stderr } = await push(path, '--stream', 'rejects', '--rejects', rejects)
      .finished;
    expect(code).toBe(1);
    expect(stderr).toContain(`${path}:2: missing-field`);
    expect(stderr).toContain(`${path}:3: not-json`);
    expect(stdout).toMatch(/pushed\s*│\s*2\s/);
    expect(await pushedCalls('rejects')).toHaveLength(2);
    const kept = (await readFile(rejects, 'utf8')).trimEnd().split('\n');
    expect(kept.map((line) => JSON.parse(line))).toMatchObject([
      { line: 2, reason: 'missing-field', field: 'callee', raw: '{"caller":"110"}' },
      { line: 3, reason: 'not-json', raw: 'nonsense' },
    ]);
  });

  it('validates without pushing in a dry run, and needs no AWS for it', async () => {
    const path = await file('dry.jsonl', `${call(1)}\n{}\n`);
    const { code, stdout } = await startForewarn(['push', path, '--dry-run', '--json']).finished;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      dryRun: true,
      valid: 1,
      rejectedByReason: { 'missing-field': 1 },
      firstStart: '2026-11-18T11:06:40.001Z',
    });
  });

  it('pushes what is not valid, too, for the pipeline to judge', async () => {
    await server.createStream('unchecked');
    const path = await file('unchecked.jsonl', `${call(1)}\n{"caller":"110"}\n`);
    const { code } = await push(path, '--stream', 'unchecked', '--no-validate').finished;
    expect(code).toBe(0);
    expect(await pushedCalls('unchecked')).toHaveLength(2);
  });

  it('pushes standard input as it comes, before it ends', async () => {
    await server.createStream('piped');
    const { process: child, finished } = push('-', '--stream', 'piped', '--quiet');
    child.stdin?.write(`${call(1)}\n`);
    await expect.poll(() => pushedCalls('piped'), { timeout: 20_000 }).toHaveLength(1);
    child.stdin?.end(`${call(2)}\n`);
    expect((await finished).code).toBe(0);
    expect(await pushedCalls('piped')).toHaveLength(2);
  });

  it('stops at Ctrl-C, says how to go on, and goes on without loss', async () => {
    await server.createStream('resumed');
    const path = await file('long.jsonl', callsFrom(0, 2000));
    const first = push(path, '--stream', 'resumed', '--rate', '500', '--json');
    await expect.poll(() => pushedCalls('resumed'), { timeout: 20_000 }).not.toHaveLength(0);
    first.process.kill('SIGINT');
    const stopped = await first.finished;
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(/Stopped; everything up to line \d+ .*--resume/);
    const { pushed, interrupted } = JSON.parse(stopped.stdout);
    expect(interrupted).toBe(true);
    expect(pushed).toBeGreaterThan(0);
    expect(pushed).toBeLessThan(2000);
    expect(await pushedCalls('resumed')).toHaveLength(pushed);
    const second = await push(path, '--stream', 'resumed', '--resume', '--json').finished;
    expect(second.code).toBe(0);
    const ids = (await pushedCalls('resumed')).map(({ callId }) => callId);
    expect(new Set(ids).size).toBe(2000);
    expect(ids).toHaveLength(pushed + JSON.parse(second.stdout).pushed);
    const third = await push(path, '--stream', 'resumed', '--resume').finished;
    expect(third).toMatchObject({ code: 2, stderr: expect.stringContaining('nothing to resume') });
  });

  it('tries again what the stream refuses, and only that', async () => {
    const taken: string[] = [];
    let requests = 0;
    // Refuses every other record of the first three requests, as a hot shard would.
    const throttling = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        requests++;
        const { Records } = JSON.parse(Buffer.concat(chunks).toString());
        const results = Records.map(({ Data }: { Data: string }, index: number) => {
          if (requests <= 3 && index % 2 === 0) {
            return { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'slow' };
          }
          taken.push(...Buffer.from(Data, 'base64').toString().trimEnd().split('\n'));
          return { SequenceNumber: '1', ShardId: 'shardId-000000000000' };
        });
        const FailedRecordCount = results.filter((result: object) => 'ErrorCode' in result).length;
        response.setHeader('content-type', 'application/x-amz-json-1.1');
        response.end(JSON.stringify({ FailedRecordCount, Records: results }));
      });
    });
    await new Promise<void>((resolve) => throttling.listen(0, '127.0.0.1', resolve));
    const { port } = throttling.address() as AddressInfo;
    const path = await file('throttled.jsonl', callsFrom(0, 500));
    const endpoint = `http://127.0.0.1:${port}`;
    const { code, stdout } = await push(path, '--stream', 's', '--endpoint', endpoint, '--json')
      .finished;
    throttling.closeAllConnections();
    throttling.close();
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ pushed: 500 });
    expect(JSON.parse(stdout).refusals).toBeGreaterThan(0);
    const ids = taken.map((line) => JSON.parse(line).callId);
    expect(ids.toSorted()).toEqual(Array.from({ length: 500 }, (_, i) => `call-${i}`).toSorted());
  });

  it('ends with 3 when the stream is not there, and can go on later', async () => {
    const path = await file('later.jsonl', callsFrom(0, 10));
    const failed = await push(path, '--stream', 'later').finished;
    expect(failed.code).toBe(3);
    expect(failed.stderr).toContain('ResourceNotFoundException');
    await server.createStream('later');
    expect((await push(path, '--stream', 'later', '--resume').finished).code).toBe(0);
    expect(await pushedCalls('later')).toHaveLength(10);
  });

  it.each([
    [['push', 'no-such-file.csv', '--dry-run'], 'there is no such file'],
    [['push', '-', 'a.csv'], 'cannot be pushed together'],
    [['push', '-', '--resume'], 'cannot be resumed'],
    [['push', 'a', '--stream', 's', '--stack', 't'], 'either --stream or --stack'],
    [['push', 'a', '--rate', 'fast'], 'must be a number above 0'],
    [['push'], "missing required argument 'files'"],
    [['shove'], "unknown command 'shove'"],
  ])('ends with 2 on %j', async (args, message) => {
    const { code, stderr } = await startForewarn(args).finished;
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('says that credentials are missing', async () => {
    const path = await file('anonymous.jsonl', callsFrom(0, 1));
    const { code, stderr } = await startForewarn(
      ['push', path, '--stream', 's', '--endpoint', server.endpoint],
      { AWS_REGION: 'us-east-1' },
    ).finished;
    expect(stderr).toContain('No credentials were found');
    expect(code).toBe(3);
  });
});
