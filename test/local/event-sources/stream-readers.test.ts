import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import {
  ExpiredIteratorException as DynamoDbExpiredIterator,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { ExpiredIteratorException } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { DynamoDbStreamReader } from '../../../lib/local/event-sources/dynamodb-stream-reader.ts';
import { IteratorExpiredError } from '../../../lib/local/event-sources/event-source-errors.ts';
import { KinesisStreamReader } from '../../../lib/local/event-sources/kinesis-stream-reader.ts';

const origin = { eventSourceArn: 'arn', region: 'us-east-1', invokeIdentityArn: 'role' };

/** A client that gives these answers in turn, throwing those that are errors. */
function clientGiving(...answers: unknown[]) {
  const inputs: unknown[] = [];
  const send = async (command: { input: unknown }) => {
    inputs.push(command.input);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { client: { send }, inputs };
}

function kinesisReader(...answers: unknown[]) {
  const { client, inputs } = clientGiving(...answers);
  const reader = new KinesisStreamReader(client as unknown as KinesisClient, 'calls', origin);
  return { reader, inputs };
}

function dynamoDbReader(...answers: unknown[]) {
  const { client, inputs } = clientGiving(...answers);
  const reader = new DynamoDbStreamReader(
    client as unknown as DynamoDBStreamsClient,
    'stream-arn',
    origin,
  );
  return { reader, inputs };
}

const errorMeta = { message: 'too old', $metadata: {} };

describe('KinesisStreamReader', () => {
  it('lists the shards of all pages with their parents', async () => {
    const { reader, inputs } = kinesisReader(
      {
        Shards: [
          {
            ShardId: 'a',
            SequenceNumberRange: { StartingSequenceNumber: '1', EndingSequenceNumber: '5' },
          },
        ],
        NextToken: 'next',
      },
      {
        Shards: [
          {
            ShardId: 'c',
            ParentShardId: 'a',
            AdjacentParentShardId: 'b',
            SequenceNumberRange: { StartingSequenceNumber: '6' },
          },
        ],
      },
    );
    expect(await reader.listShards()).toEqual([
      { shardId: 'a', parentShardIds: [], closed: true },
      { shardId: 'c', parentShardIds: ['a', 'b'], closed: false },
    ]);
    expect(inputs).toEqual([{ StreamName: 'calls' }, { NextToken: 'next' }]);
  });

  it('opens a shard after a sequence number', async () => {
    const { reader, inputs } = kinesisReader({ ShardIterator: 'it' });
    const position = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: '5' } as const;
    expect(await reader.open('a', position)).toBe('it');
    expect(inputs).toEqual([
      {
        StreamName: 'calls',
        ShardId: 'a',
        ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
        StartingSequenceNumber: '5',
      },
    ]);
  });

  it('ends a shard without a next iterator', async () => {
    const { reader } = kinesisReader({ Records: [] });
    expect(await reader.read('a', 'it', 10)).toEqual({ records: [], nextIterator: undefined });
  });

  it('tells an expired iterator from other errors', async () => {
    const { reader } = kinesisReader(new ExpiredIteratorException(errorMeta), new Error('other'));
    await expect(reader.read('a', 'it', 10)).rejects.toThrow(IteratorExpiredError);
    await expect(reader.read('a', 'it', 10)).rejects.toThrow('other');
  });
});

describe('DynamoDbStreamReader', () => {
  it('lists the shards of all pages with their parents', async () => {
    const { reader, inputs } = dynamoDbReader(
      {
        StreamDescription: {
          Shards: [{ ShardId: 'a', SequenceNumberRange: { EndingSequenceNumber: '5' } }],
          LastEvaluatedShardId: 'a',
        },
      },
      { StreamDescription: { Shards: [{ ShardId: 'b', ParentShardId: 'a' }] } },
    );
    expect(await reader.listShards()).toEqual([
      { shardId: 'a', parentShardIds: [], closed: true },
      { shardId: 'b', parentShardIds: ['a'], closed: false },
    ]);
    expect(inputs).toEqual([
      { StreamArn: 'stream-arn' },
      { StreamArn: 'stream-arn', ExclusiveStartShardId: 'a' },
    ]);
  });

  it('opens a shard after a sequence number', async () => {
    const { reader, inputs } = dynamoDbReader({ ShardIterator: 'it' });
    const position = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: '5' } as const;
    expect(await reader.open('a', position)).toBe('it');
    expect(inputs).toEqual([
      {
        StreamArn: 'stream-arn',
        ShardId: 'a',
        ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
        SequenceNumber: '5',
      },
    ]);
  });

  it('asks for no more than the 1,000 records that DynamoDB Streams gives', async () => {
    const { reader, inputs } = dynamoDbReader({ Records: [], NextShardIterator: 'next' });
    expect(await reader.read('a', 'it', 5000)).toEqual({ records: [], nextIterator: 'next' });
    expect(inputs).toEqual([{ ShardIterator: 'it', Limit: 1000 }]);
  });

  it.each([new DynamoDbExpiredIterator(errorMeta), new TrimmedDataAccessException(errorMeta)])(
    'opens the shard again on $name',
    async (error) => {
      const { reader } = dynamoDbReader(error);
      await expect(reader.read('a', 'it', 10)).rejects.toThrow(IteratorExpiredError);
    },
  );
});
