import type { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { describe, expect, test } from 'vitest';
import { backoffMs, type Patience } from '../../../functions/adapters/backoff.ts';
import { KinesisWriteError } from '../../../functions/adapters/errors.ts';
import { type KinesisEntry, putRecords } from '../../../functions/adapters/kinesis-records.ts';

/** Answers each request by the data of its records: an error code refuses the record, undefined takes it. */
type Verdict = (data: string, request: number) => string | undefined;

function kinesisThat(verdict: Verdict) {
  const requests: string[][] = [];
  const taken: string[] = [];
  const inputs: PutRecordsCommand['input'][] = [];
  const send = async (command: PutRecordsCommand) => {
    inputs.push(command.input);
    const records = (command.input.Records ?? []).map(({ Data }) =>
      Buffer.from(Data ?? []).toString(),
    );
    requests.push(records);
    return {
      Records: records.map((data) => {
        const code = verdict(data, requests.length);
        if (code !== undefined) return { ErrorCode: code, ErrorMessage: 'refused' };
        taken.push(data);
        return { SequenceNumber: '1', ShardId: 'shardId-0' };
      }),
    };
  };
  return { requests, taken, inputs, client: { send } as unknown as KinesisClient };
}

function patienceOf(attempts = 4): Patience & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    attempts,
    pauses,
    random: () => 0.5,
    delay: async (ms) => {
      pauses.push(ms);
    },
  };
}

const entriesOf = (count: number, bytes = 1): KinesisEntry[] =>
  Array.from({ length: count }, (_, i) => ({
    data: Buffer.from(String(i).padEnd(bytes, ' ')),
    partitionKey: String(i),
  }));

const THROTTLED = 'ProvisionedThroughputExceededException';

describe('records for a stream', () => {
  test('are written with their keys', async () => {
    const { client, inputs } = kinesisThat(() => undefined);
    const [entry] = entriesOf(1);
    if (entry === undefined) throw new Error('no entry');
    await putRecords(client, 'legs', [{ ...entry, explicitHashKey: '7' }, entry], patienceOf());
    expect(inputs).toEqual([
      {
        StreamName: 'legs',
        Records: [
          { Data: entry.data, PartitionKey: '0', ExplicitHashKey: '7' },
          { Data: entry.data, PartitionKey: '0' },
        ],
      },
    ]);
  });

  test('cause no request when there are none', async () => {
    const { client, requests } = kinesisThat(() => undefined);
    await putRecords(client, 'legs', [], patienceOf());
    expect(requests).toEqual([]);
  });

  test('are sent 500 at a time, in order', async () => {
    const { client, requests, taken } = kinesisThat(() => undefined);
    await putRecords(client, 'legs', entriesOf(1_201), patienceOf());
    expect(requests.map((request) => request.length)).toEqual([500, 500, 201]);
    expect(taken.map(Number)).toEqual(Array.from({ length: 1_201 }, (_, i) => i));
  });

  test('are sent in requests of less than 5 MB', async () => {
    const { client, requests, taken } = kinesisThat(() => undefined);
    await putRecords(client, 'legs', entriesOf(400, 25_600), patienceOf());
    for (const request of requests) expect(request.join('').length).toBeLessThan(5_000_000);
    expect(taken).toHaveLength(400);
  });

  test('are tried again one by one where they were refused, and only those', async () => {
    const { client, requests, taken } = kinesisThat((data, request) =>
      request === 1 && ['1', '3'].includes(data) ? THROTTLED : undefined,
    );
    const patience = patienceOf();
    await putRecords(client, 'legs', entriesOf(5), patience);
    expect(requests).toEqual([
      ['0', '1', '2', '3', '4'],
      ['1', '3'],
    ]);
    expect(taken.toSorted()).toEqual(['0', '1', '2', '3', '4']);
    expect(patience.pauses).toEqual([backoffMs(1, () => 0.5)]);
  });

  test('are given up after every attempt, naming those that are missing', async () => {
    const { client, requests } = kinesisThat((data) => (data === '2' ? THROTTLED : undefined));
    const patience = patienceOf(3);
    const failed = putRecords(client, 'legs', entriesOf(4), patience);
    await expect(failed).rejects.toThrow(KinesisWriteError);
    await expect(failed).rejects.toMatchObject({
      code: 'KINESIS_WRITE_FAILED',
      failed: [2],
      cause: { message: THROTTLED },
    });
    expect(requests).toHaveLength(3);
    expect(patience.pauses).toHaveLength(2);
  });

  test('are all tried again when a whole request fails', async () => {
    let failing = true;
    const { client, taken } = kinesisThat(() => undefined);
    const flaky = {
      send: (command: PutRecordsCommand) => {
        if (!failing) return client.send(command);
        failing = false;
        return Promise.reject(new Error('socket hang up'));
      },
    } as unknown as KinesisClient;
    await putRecords(flaky, 'legs', entriesOf(3), patienceOf());
    expect(taken).toEqual(['0', '1', '2']);
  });

  test.each(['ResourceNotFoundException', 'AccessDeniedException'])(
    'are given up at once where trying again cannot help: %s',
    async (name) => {
      const send = () => Promise.reject(Object.assign(new Error('no'), { name }));
      const patience = patienceOf();
      const failed = putRecords({ send } as unknown as KinesisClient, 'x', entriesOf(2), patience);
      await expect(failed).rejects.toMatchObject({ failed: [0, 1], cause: { name } });
      expect(patience.pauses).toEqual([]);
    },
  );
});

describe('the pause before another attempt', () => {
  test('doubles, has full jitter, and stays under two seconds', () => {
    expect(backoffMs(1, () => 1)).toBe(80);
    expect(backoffMs(2, () => 1)).toBe(160);
    expect(backoffMs(2, () => 0)).toBe(0);
    expect(backoffMs(50, () => 1)).toBe(2_000);
  });
});
