import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type QuarantineObject,
  quarantineKey,
} from '../../functions/adapters/quarantine-bucket.ts';
import { type FakeAws, startFakeAws } from '../support/fake-aws.ts';
import { startForewarn } from '../support/run-forewarn.ts';

let aws: FakeAws;
const pushed: { PartitionKey: string; Data: string }[] = [];

beforeAll(async () => {
  aws = await startFakeAws(
    { QuarantineBucketName: 'quarantine-bucket', CallsStreamName: 'calls' },
    {
      'Kinesis_20131202.PutRecords': (input) => {
        const records = input.Records as typeof pushed;
        pushed.push(...records);
        return { FailedRecordCount: 0, Records: records.map(() => ({ SequenceNumber: '1' })) };
      },
    },
  );
});

afterAll(() => aws.close());

const BAD_NUMBER = '{"caller":"13800138000","callee":"+86 139 0013 900"}';
const BAD_START = '{"caller":"13800138000","callee":"13900139000","start":"soon"}';

const TEXT: QuarantineObject = {
  sequenceNumber: '49600000000000000000000000000000000000000000000000000001',
  shardId: 'shardId-000000000000',
  partitionKey: 'bucket-07',
  arrivedAt: Date.parse('2026-11-23T10:00:00Z'),
  entries: [
    {
      reason: 'bad-number',
      field: 'callee',
      detail: 'callee is not a possible phone number',
      position: { line: 2 },
      raw: BAD_NUMBER,
      encoding: 'utf8',
    },
    {
      reason: 'bad-start',
      field: 'start',
      detail: 'start must be ISO 8601',
      position: { line: 5 },
      raw: BAD_START,
      encoding: 'utf8',
    },
  ],
};
const BINARY: QuarantineObject = {
  ...TEXT,
  sequenceNumber: '49600000000000000000000000000000000000000000000000000002',
  arrivedAt: Date.parse('2026-11-24T10:00:00Z'),
  entries: [
    {
      reason: 'bad-gzip',
      detail: 'unexpected end of file',
      position: {},
      raw: Buffer.from([0x1f, 0x8b, 1]).toString('base64'),
      encoding: 'base64',
    },
  ],
};

beforeEach(() => {
  pushed.length = 0;
  aws.objects.clear();
  for (const object of [TEXT, BINARY]) {
    aws.objects.set(quarantineKey(object), JSON.stringify(object));
  }
});

function quarantine(...args: string[]) {
  return startForewarn(['quarantine', ...args], aws.environment).finished;
}

const TEXT_KEY = `2026-11-23/shardId-000000000000-${TEXT.sequenceNumber}`;

describe('forewarn quarantine', () => {
  it('lists and counts, without a single number', async () => {
    const { code, stdout } = await quarantine('list');
    expect(code).toBe(0);
    expect(stdout).toContain(TEXT_KEY);
    expect(stdout).toMatch(/bad-gzip\s*│\s*1\s/);
    expect(stdout).not.toMatch(/138|139/);
  });

  it('filters by day and reason', async () => {
    const filtered = await quarantine(
      'list',
      '--day',
      '2026-11-23',
      '--reason',
      'bad-start',
      '--json',
    );
    expect(JSON.parse(filtered.stdout)).toMatchObject({
      counts: { 'bad-start': 1 },
      records: [{ key: TEXT_KEY, entries: [{ reason: 'bad-start', position: { line: 5 } }] }],
    });
    const none = await quarantine('list', '--reason', 'bad-imei');
    expect(none.stdout).toContain('Nothing is in quarantine that fits');
  });

  it('shows a record with its numbers masked, or revealed', async () => {
    const masked = await quarantine('show', TEXT_KEY);
    expect(masked.stdout).toContain('line 2: bad-number (callee)');
    expect(masked.stdout).not.toMatch(/13800138000|139 0013 900/);
    const revealed = await quarantine('show', TEXT_KEY, '--reveal');
    expect(revealed.stdout).toContain(BAD_NUMBER);
    const byCaller = { ...TEXT, partitionKey: '+8613800138000' };
    aws.objects.set(quarantineKey(byCaller), JSON.stringify(byCaller));
    const json = await quarantine('show', TEXT_KEY, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ partitionKey: '+86*******8000' });
    expect(json.stdout).not.toMatch(/13800138000|139 0013 900/);
    const missing = await quarantine('show', '2026-11-23/none');
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no') });
  });

  it('replays text as lines and the rest as it was, to the same partition key', async () => {
    const dry = await quarantine('replay', '--dry-run');
    expect(dry.stdout).toContain('3 records would be pushed again');
    expect(pushed).toEqual([]);
    const { code } = await quarantine('replay');
    expect(code).toBe(0);
    expect(pushed).toEqual([
      {
        PartitionKey: 'bucket-07',
        Data: Buffer.from(`${BAD_NUMBER}\n${BAD_START}\n`).toString('base64'),
      },
      { PartitionKey: 'bucket-07', Data: BINARY.entries[0]?.raw },
    ]);
    expect(aws.objects.size).toBe(2);
  });

  it('deletes only what was replayed in full', async () => {
    await quarantine('replay', '--reason', 'bad-start', '--delete');
    expect(aws.objects.size).toBe(2);
    await quarantine('replay', '--reason', 'bad-gzip', '--delete');
    expect([...aws.objects.keys()]).toEqual([quarantineKey(TEXT)]);
  });

  it('says when there is no such stack', async () => {
    const { code, stderr } = await quarantine('list', '--stack', 'Elsewhere');
    expect(stderr).toContain('There is no stack Elsewhere');
    expect(code).toBe(2);
  });
});
