import type { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { describe, expect, test } from 'vitest';
import type { Patience } from '../../../functions/adapters/backoff.ts';
import { deliver } from '../../../functions/adapters/delivery-stream.ts';
import { DeliveryError } from '../../../functions/adapters/errors.ts';

type Verdict = (record: string, request: number) => string | undefined;

function firehoseThat(verdict: Verdict) {
  const requests: string[][] = [];
  const taken: string[] = [];
  const send = async ({ input }: PutRecordBatchCommand) => {
    const records = (input.Records ?? []).map(({ Data }) => Buffer.from(Data ?? []).toString());
    requests.push(records);
    return {
      RequestResponses: records.map((record) => {
        const ErrorCode = verdict(record, requests.length);
        if (ErrorCode !== undefined) return { ErrorCode, ErrorMessage: 'refused' };
        taken.push(record);
        return { RecordId: '1' };
      }),
    };
  };
  return { requests, taken, client: { send } as unknown as FirehoseClient };
}

const PATIENCE: Patience = { attempts: 4, random: () => 0.5, delay: async () => undefined };
const recordsOf = (count: number, bytes = 1) =>
  Array.from({ length: count }, (_, i) => Buffer.from(String(i).padEnd(bytes)));

describe('records for a delivery stream', () => {
  test('go in requests of at most 500 records and 4 MB', async () => {
    const { client, requests } = firehoseThat(() => undefined);
    await deliver(client, 'archive', recordsOf(1_001), PATIENCE);
    await deliver(client, 'archive', recordsOf(9, 900_000), PATIENCE);
    expect(requests.map((records) => records.length)).toEqual([500, 500, 1, 4, 4, 1]);
  });

  test('that are refused are tried again, and only they', async () => {
    const { client, requests, taken } = firehoseThat((record, request) =>
      request === 1 && record.trim() === '1' ? 'ServiceUnavailableException' : undefined,
    );
    await deliver(client, 'archive', recordsOf(3), PATIENCE);
    expect(requests).toEqual([['0', '1', '2'], ['1']]);
    expect(taken.sort()).toEqual(['0', '1', '2']);
  });

  test('are given up, loudly, when they are refused to the end', async () => {
    const { client, requests } = firehoseThat((record) =>
      record === '0' ? 'ServiceUnavailableException' : undefined,
    );
    const refused = deliver(client, 'archive', recordsOf(2), PATIENCE);
    await expect(refused).rejects.toThrow(DeliveryError);
    expect(requests).toHaveLength(4);
  });

  test('are not tried again where that cannot help', async () => {
    let asked = 0;
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    const client = {
      send: () => {
        asked++;
        return Promise.reject(denied);
      },
    } as unknown as FirehoseClient;
    await expect(deliver(client, 'archive', recordsOf(1), PATIENCE)).rejects.toMatchObject({
      code: 'DELIVERY_FAILED',
      cause: denied,
    });
    expect(asked).toBe(1);
  });
});
