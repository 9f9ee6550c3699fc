import { gzipSync } from 'node:zlib';
import type { CloudWatchLogsEvent, SQSEvent, SQSRecord } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import {
  DeliveriesFailedError,
  processDeliveries,
} from '../../../functions/record-delivery/process-deliveries.ts';
import type { EarlyReport, Recorded } from '../../../functions/record-delivery/record-delivery.ts';

const NOW = Date.UTC(2026, 10, 24, 1);

function logsOf(...lines: string[]): CloudWatchLogsEvent {
  const content = {
    messageType: 'DATA_MESSAGE',
    logEvents: lines.map((message) => ({ id: '1', timestamp: NOW, message })),
  };
  return { awslogs: { data: gzipSync(JSON.stringify(content)).toString('base64') } };
}

const lineOf = (messageId: string) =>
  JSON.stringify({
    notification: { messageId, timestamp: '2026-11-24 00:59:58.000' },
    delivery: { destination: '+8613800138000', providerResponse: 'ok' },
    status: 'SUCCESS',
  });

const queueOf = (...bodies: string[]): SQSEvent => ({
  Records: bodies.map((body, i) => ({ messageId: `q-${i}`, body }) as SQSRecord),
});

const earlyOf = (messageId: string, looks = 1): EarlyReport => ({
  report: { messageId, sentAt: NOW - 2_000, at: NOW },
  looks,
});

/** Recordings that fail for the message ids given. */
function desk(failing: readonly string[] = []) {
  const seen: EarlyReport[] = [];
  const counted: { recorded: readonly Recorded[]; unreadable: number }[] = [];
  const failures: unknown[] = [];
  const take = (event: CloudWatchLogsEvent | SQSEvent) =>
    processDeliveries(event, {
      record: async (early) => {
        seen.push(early);
        if (failing.includes(early.report.messageId)) throw new Error('no network');
        return { kind: 'repeated' };
      },
      count: (recorded, unreadable) => counted.push({ recorded, unreadable }),
      onFailure: (_, cause) => failures.push(cause),
      now: () => NOW,
    });
  return { take, seen, counted, failures };
}

describe('reports off the log', () => {
  test('are recorded one by one, and lines that are none are counted', async () => {
    const { counted, seen, take } = desk();
    await take(logsOf(lineOf('a'), 'no report', lineOf('b')));
    expect(seen.map(({ looks, report }) => [report.messageId, looks])).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
    expect(counted).toEqual([
      { recorded: [{ kind: 'repeated' }, { kind: 'repeated' }], unreadable: 1 },
    ]);
  });

  test('come again when one of them failed, and the others are recorded first', async () => {
    const { counted, seen, take } = desk(['a']);
    await expect(take(logsOf(lineOf('a'), lineOf('b')))).rejects.toThrow(DeliveriesFailedError);
    expect(seen).toHaveLength(2);
    expect(counted[0]?.recorded).toHaveLength(1);
  });

  test.each<[string, unknown]>([
    ['data that cannot be unpacked', { awslogs: { data: 'AAAA' } }],
    ['no data', { awslogs: {} }],
    ['nothing', {}],
  ])('do not come again with %s: it would read no better', async (_, event) => {
    const { counted, failures, take } = desk();
    expect(await take(event as CloudWatchLogsEvent)).toEqual({ batchItemFailures: [] });
    expect(counted).toEqual([{ recorded: [], unreadable: 1 }]);
    expect(failures).toHaveLength(1);
  });
});

describe('reports that were put aside', () => {
  test('are looked at again, each on its own', async () => {
    const { seen, take } = desk(['b']);
    const bodies = ['a', 'b', 'c'].map((id) => JSON.stringify(earlyOf(id, 2)));
    expect(await take(queueOf(...bodies))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'q-1' }],
    });
    expect(seen).toEqual(['a', 'b', 'c'].map((id) => earlyOf(id, 2)));
  });

  test.each(['no json', 'null', '{}', '{"looks":1}', '{"looks":1,"report":{}}', '7'])(
    'fail alone where a message holds none: %s',
    async (body) => {
      const { take } = desk();
      expect(await take(queueOf(JSON.stringify(earlyOf('a')), body))).toEqual({
        batchItemFailures: [{ itemIdentifier: 'q-1' }],
      });
    },
  );
});
