import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import type { WarningRef } from '../../../functions/adapters/text-pointers.ts';
import {
  processWarnings,
  type WarningsEvent,
} from '../../../functions/send-warnings/process-warnings.ts';
import type { Visit } from '../../../functions/send-warnings/send-warning.ts';
import { SUBJECT } from '../../domain/factories.ts';

const inserted = (item: string, sequenceNumber: string): DynamoDBRecord => ({
  eventName: 'INSERT',
  dynamodb: {
    SequenceNumber: sequenceNumber,
    Keys: { subject: { S: SUBJECT }, item: { S: item } },
  },
});

const queued = (body: string, messageId: string): SQSRecord => ({
  messageId,
  body,
  receiptHandle: '',
  attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: '0',
    SenderId: '',
    ApproximateFirstReceiveTimestamp: '0',
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: '',
  awsRegion: '',
});

const messageOf = (id: string) => queued(JSON.stringify({ subject: SUBJECT, id }), `message ${id}`);

/** Visits that fail for the ids given. */
function desk(failing: readonly string[] = []) {
  const visited: WarningRef[] = [];
  const counted: Visit[] = [];
  const failures: unknown[] = [];
  const take = (records: readonly (DynamoDBRecord | SQSRecord)[]) =>
    processWarnings({ Records: [...records] } as WarningsEvent, {
      visit: async (ref) => {
        visited.push(ref);
        if (failing.includes(ref.id)) throw new Error('no network');
        return { status: 'sent' };
      },
      count: (visits) => counted.push(...visits),
      onFailure: (_, cause) => failures.push(cause),
    });
  return { take, visited, counted, failures };
}

describe('a batch of new warnings', () => {
  test('is visited one by one, each by its key', async () => {
    const { take, visited, counted } = desk();
    const items = Array.from({ length: 20 }, (_, i) => inserted(`WARNING#w${i}`, String(i)));
    expect(await take(items)).toEqual({ batchItemFailures: [] });
    expect(visited).toEqual(items.map((_, i) => ({ subject: SUBJECT, id: `w${i}` })));
    expect(counted).toHaveLength(20);
  });

  test('passes over what is no warning', async () => {
    const { take, visited } = desk();
    const others = [
      'STATE',
      'CASE#c',
      'SHADOW',
      'SHADOWWARNING#w',
      'SHADOWCASE#c',
      'FINDING#live#1',
    ];
    await take([...others.map((item, i) => inserted(item, String(i))), { eventName: 'REMOVE' }]);
    expect(visited).toEqual([]);
  });

  test('names those that failed, and goes on with the others', async () => {
    const { take, counted, failures } = desk(['b', 'd']);
    const items = ['a', 'b', 'c', 'd'].map((id, i) => inserted(`WARNING#${id}`, String(50 + i)));
    expect(await take(items)).toEqual({
      batchItemFailures: [{ itemIdentifier: '51' }, { itemIdentifier: '53' }],
    });
    expect(counted).toHaveLength(2);
    expect(failures).toHaveLength(2);
  });
});

describe('a batch of deferred warnings', () => {
  test('is visited, and names the messages that failed', async () => {
    const { take, visited } = desk(['b']);
    expect(await take(['a', 'b', 'c'].map(messageOf))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message b' }],
    });
    expect(visited).toHaveLength(3);
  });

  test.each(['not json', 'null', '{}', '{"subject":"x"}', '7'])(
    'fails alone for a message that names no warning: %s',
    async (body) => {
      const { take, counted } = desk();
      expect(await take([messageOf('a'), queued(body, 'bad'), messageOf('b')])).toEqual({
        batchItemFailures: [{ itemIdentifier: 'bad' }],
      });
      expect(counted).toHaveLength(2);
    },
  );
});
