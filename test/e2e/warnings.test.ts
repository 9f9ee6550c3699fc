import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_PASSWORD, officersOfLocalCloud } from '../../bin/replay/officers-of-local-cloud.ts';
import { aggregate } from '../../lib/wire/kpl-aggregate.ts';
import { type Finished, startForewarn } from '../support/run-forewarn.ts';
import { endOfCalls, MORNING, swindlerCalls, targetNumber } from './fraud-history.ts';
import { type LocalPipeline, startLocalPipeline } from './local-pipeline.ts';

let pipeline: LocalPipeline;
let sessions: string;

beforeAll(async () => {
  pipeline = await startLocalPipeline();
  sessions = await mkdtemp(join(tmpdir(), 'forewarn-sessions-'));
});

afterAll(async () => {
  await pipeline?.close();
  await rm(sessions, { recursive: true, force: true });
});

const MINUTE = 60_000;

function runForewarn(...args: string[]): Promise<Finished> {
  const session = { XDG_STATE_HOME: sessions, FOREWARN_PASSWORD: DEMO_PASSWORD };
  const env = { ...pipeline.env, ...session };
  return startForewarn([...args, '--stack', 'Forewarn-local'], env).finished;
}

/** Calls enough for a swindler to be found out. */
const ENOUGH = 14;
const AFTERWARDS = endOfCalls(ENOUGH);

function textsTo(number: string): string[] {
  return pipeline.cloud.inbox.texts
    .filter(({ phoneNumber }) => phoneNumber === number)
    .map(({ message }) => message);
}

function reasonsOf(name: string): string[] {
  return pipeline.cloud.metrics
    .series(name)
    .flatMap(({ dimensions }) => dimensions.reason ?? [])
    .sort();
}

async function pushAndSettle(...args: Parameters<LocalPipeline['push']>): Promise<void> {
  await pipeline.push(...args);
  await pipeline.cloud.settled();
}

describe('from a call to a text', () => {
  test('everybody who talked with a swindler gets one text, those he did not reach get none', async () => {
    await pushAndSettle(swindlerCalls('13911110001', ENOUGH));
    const reached = Array.from({ length: ENOUGH }, (_, i) => i).filter((i) => i % 3 === 0);
    for (const i of reached) expect(textsTo(`+86${targetNumber(i)}`)).toHaveLength(1);
    expect(pipeline.cloud.inbox.texts).toHaveLength(reached.length);
    expect(textsTo(`+86${targetNumber(0)}`)[0]).toContain('尾号0001');
  });

  test('texts carry type, sender and price limit, as the stage sets them', () => {
    const [text] = pipeline.cloud.inbox.texts;
    expect(text?.attributes).toMatchObject({ 'AWS.SNS.SMS.SMSType': 'Transactional' });
    expect(Object.keys(text?.attributes ?? {})).toEqual(
      expect.arrayContaining(['AWS.SNS.SMS.SenderID', 'AWS.SNS.SMS.MaxPrice']),
    );
  });

  test('the same calls again bring no text again', async () => {
    const before = pipeline.cloud.inbox.texts.length;
    await pushAndSettle(swindlerCalls('13911110001', ENOUGH));
    expect(pipeline.cloud.inbox.texts).toHaveLength(before);
  });

  test('handed on from one swindler to the next, a person is warned while the second still talks', async () => {
    const victim = '13922220001';
    const accomplice = '13911110004';
    await pushAndSettle(swindlerCalls(accomplice, 10, AFTERWARDS));
    const start = endOfCalls(10, AFTERWARDS);
    const short = { callId: 'short', caller: accomplice, callee: victim, start, duration: 90 };
    await pushAndSettle([short]);
    expect(textsTo(`+86${victim}`)).toHaveLength(0);
    const call = {
      callId: 'long',
      caller: '13911110001',
      callee: victim,
      start: start + 2 * MINUTE,
    };
    await pushAndSettle([{ ...call, event: 'call.started', answered: true }]);
    expect(textsTo(`+86${victim}`)).toHaveLength(1);
    const raisedBefore = pipeline.cloud.metrics.sum('TiersRaised');
    await pushAndSettle([{ ...call, event: 'call.ended', duration: 2_400, answered: true }]);
    expect(textsTo(`+86${victim}`)).toHaveLength(1);
    expect(pipeline.cloud.metrics.sum('TiersRaised')).toBe(raisedBefore + 1);
  });

  test('an officer logs in, sees the case as a task and closes it from the command line', async () => {
    await officersOfLocalCloud(pipeline.cloud);
    const login = await runForewarn('login', '--user', 'desk-1');
    expect(login).toMatchObject({ code: 0, stderr: '' });
    const list = await runForewarn('task', 'list', '--json');
    const { tasks } = JSON.parse(list.stdout) as { tasks: { taskId: string; caseId: string }[] };
    const [task] = tasks;
    const complete = (outcome: string) =>
      runForewarn('task', 'complete', task?.taskId ?? '', '--outcome', outcome);
    expect((await complete('not-a-fraud')).code).toBe(1);
    expect((await runForewarn('task', 'claim', task?.taskId ?? '')).code).toBe(0);
    const done = await complete('not-a-fraud');
    await pipeline.cloud.settled();
    expect(done.code).toBe(0);
    const closed = (await pipeline.scan('SubjectsTableName')).find(
      (item) => item.item?.S === `CASE#${task?.caseId}`,
    );
    expect(closed).toMatchObject({ status: { S: 'closed' }, outcome: { S: 'not-a-fraud' } });
    const again = await complete('busy');
    expect(again.code).toBe(1);
  });
});

describe('texts that cannot go out at once', () => {
  test('who opted out gets none, and it is recorded', async () => {
    const number = `+86${targetNumber(300)}`;
    pipeline.cloud.inbox.optOut(number);
    const call = { callId: 'opted', caller: '13911110001', callee: targetNumber(300) };
    await pushAndSettle([{ ...call, start: AFTERWARDS, duration: 420 }]);
    expect(textsTo(number)).toHaveLength(0);
    expect(reasonsOf('WarningsUndeliverable')).toContain('opted-out');
    const items = await pipeline.scan('SubjectsTableName');
    expect(items.some((item) => item.item?.S === 'OPTOUT')).toBe(true);
  });

  test('a landline is recorded as undeliverable', async () => {
    const call = { callId: 'fixed', caller: '13911110001', callee: '028-8666 1234' };
    await pushAndSettle([{ ...call, start: AFTERWARDS + 8 * MINUTE, duration: 420 }]);
    expect(textsTo('+862886661234')).toHaveLength(0);
    expect(reasonsOf('WarningsUndeliverable')).toContain('landline');
  });

  test('a throttled text is put off and sent later, once', async () => {
    const number = targetNumber(301);
    pipeline.cloud.inbox.failNext('SpendLimitExceeded', 1);
    const call = { callId: 'throttled', caller: '13911110001', callee: number };
    await pushAndSettle([{ ...call, start: AFTERWARDS + 16 * MINUTE, duration: 420 }]);
    expect(pipeline.cloud.metrics.sum('WarningsDeferred')).toBe(1);
    await expect
      .poll(() => textsTo(`+86${number}`), { timeout: 25_000, interval: 200 })
      .toHaveLength(1);
  });
});

describe('what operators push', () => {
  test('aggregated, compressed and many-line records are taken alike', async () => {
    const before = pipeline.cloud.metrics.sum('CallsAccepted');
    const lines = swindlerCalls('13911110002', 6, AFTERWARDS).map((call) => JSON.stringify(call));
    const users = lines.map((line) => ({ partitionKey: 'k', data: Buffer.from(line) }));
    await pipeline.pushRaw(aggregate(users.slice(0, 2)));
    await pipeline.pushRaw(gzipSync(lines.slice(2, 4).join('\n')));
    await pipeline.pushRaw(Buffer.from(lines.slice(4).join('\r\n')));
    await pipeline.cloud.settled();
    expect(pipeline.cloud.metrics.sum('CallsAccepted')).toBe(before + 6);
  });

  test('bad ones go to quarantine with their reason, and the rest of the batch goes on', async () => {
    const before = pipeline.cloud.metrics.sum('CallsAccepted');
    const good = {
      callId: 'good',
      caller: '13911110003',
      callee: '13922220003',
      start: MORNING,
      duration: 5,
    };
    await pushAndSettle(
      [
        '{"caller":',
        JSON.stringify({ ...good, callee: '12' }),
        good,
        '[1]',
        { ...good, duration: -1 },
      ],
      5,
    );
    await pipeline.pushRaw(
      aggregate([{ partitionKey: 'k', data: Buffer.from('{}') }]).subarray(0, 30),
    );
    await pipeline.pushRaw(gzipSync('x'.repeat(20_000_000)));
    await pipeline.cloud.settled();
    expect(pipeline.cloud.metrics.sum('CallsAccepted')).toBe(before + 1);
    expect(reasonsOf('CallsRejected')).toEqual(
      expect.arrayContaining([
        'bad-aggregate',
        'bad-duration',
        'bad-number',
        'not-an-object',
        'not-json',
        'too-large',
      ]),
    );
    const listed = await runForewarn('quarantine', 'list', '--json');
    expect(listed.code).toBe(0);
    expect(listed.stdout).toContain('bad-number');
  });

  test('no clear number stands in any log line or any item', async () => {
    const clear = /1391111000[123]|1392222000[13]|86661234|1390000\d{4}/;
    const items = [
      ...(await pipeline.scan('ProfilesTableName')),
      ...(await pipeline.scan('SubjectsTableName')),
      ...(await pipeline.scan('TasksTableName')),
    ];
    expect(items.length).toBeGreaterThan(10);
    expect(pipeline.logs.filter((line) => clear.test(line))).toEqual([]);
    expect(items.filter((item) => clear.test(JSON.stringify(item)))).toEqual([]);
  });
});
