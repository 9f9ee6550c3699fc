import { describe, expect, it } from 'vitest';
import { dynamoDbStreamRecord } from '../../../lib/local/event-sources/dynamodb-event-record.ts';
import { kinesisStreamRecord } from '../../../lib/local/event-sources/kinesis-event-record.ts';
import { sqsEventRecord } from '../../../lib/local/event-sources/sqs-event-record.ts';

const origin = {
  eventSourceArn: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream',
  region: 'us-east-2',
  invokeIdentityArn: 'arn:aws:iam::123456789012:role/lambda-role',
};

describe('kinesisStreamRecord', () => {
  const apiRecord = {
    SequenceNumber: '49590338271490256608559692538361571095921575989136588898',
    PartitionKey: '1',
    Data: new TextEncoder().encode('Hello, this is a test.'),
    ApproximateArrivalTimestamp: new Date(1_545_084_650_987),
  };

  it("makes the record of the developer guide's example", () => {
    const record = kinesisStreamRecord(apiRecord, 'shardId-000000000006', origin);
    expect(record.event).toEqual({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: '1',
        sequenceNumber: '49590338271490256608559692538361571095921575989136588898',
        data: 'SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==',
        approximateArrivalTimestamp: 1_545_084_650.987,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: 'shardId-000000000006:49590338271490256608559692538361571095921575989136588898',
      eventName: 'aws:kinesis:record',
      invokeIdentityArn: 'arn:aws:iam::123456789012:role/lambda-role',
      awsRegion: 'us-east-2',
      eventSourceARN: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream',
    });
    expect(record.arrivalMs).toBe(1_545_084_650_987);
  });

  it('reads bytes that are a part of a larger buffer', () => {
    const larger = Buffer.from('xxHelloxx');
    const record = kinesisStreamRecord(
      { ...apiRecord, Data: larger.subarray(2, 7) },
      'shardId-000000000006',
      origin,
    );
    expect(record.event).toHaveProperty('kinesis.data', 'SGVsbG8=');
  });

  it('never underestimates its length in the event, and not by much over', () => {
    for (const PartitionKey of ['1', '电话'.repeat(60)]) {
      const record = kinesisStreamRecord({ ...apiRecord, PartitionKey }, 'shardId-1', origin);
      const length = Buffer.byteLength(JSON.stringify(record.event));
      expect(record.bytes).toBeGreaterThanOrEqual(length);
      expect(record.bytes).toBeLessThan(length + 150);
    }
  });
});

describe('dynamoDbStreamRecord', () => {
  const streamArn = 'arn:aws:dynamodb:us-east-2:123456789012:table/t/stream/2026';
  const tableOrigin = { ...origin, eventSourceArn: streamArn };
  const change = {
    eventID: 'c4ca4238a0b923820dcc509a6f75849b',
    eventName: 'INSERT' as const,
    eventVersion: '1.1',
    dynamodb: {
      ApproximateCreationDateTime: new Date(1_678_831_218_000),
      Keys: { subject: { S: 's' }, item: { S: 'WARNING#1' } },
      NewImage: {
        bytes: { B: new Uint8Array([1, 2, 3]) },
        byteSet: { BS: [new Uint8Array([1]), new Uint8Array([2])] },
        nested: { M: { list: { L: [{ B: new Uint8Array([255]) }, { N: '1' }, { NULL: true }] } } },
        flag: { BOOL: false },
      },
      SequenceNumber: '111',
      SizeBytes: 26,
      StreamViewType: 'NEW_IMAGE' as const,
    },
  };

  it('makes the documented record, with binary values as base64', () => {
    expect(dynamoDbStreamRecord(change, tableOrigin).event).toEqual({
      eventID: 'c4ca4238a0b923820dcc509a6f75849b',
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-2',
      dynamodb: {
        ApproximateCreationDateTime: 1_678_831_218,
        Keys: { subject: { S: 's' }, item: { S: 'WARNING#1' } },
        NewImage: {
          bytes: { B: 'AQID' },
          byteSet: { BS: ['AQ==', 'Ag=='] },
          nested: { M: { list: { L: [{ B: '/w==' }, { N: '1' }, { NULL: true }] } } },
          flag: { BOOL: false },
        },
        SequenceNumber: '111',
        SizeBytes: 26,
        StreamViewType: 'NEW_IMAGE',
      },
      eventSourceARN: streamArn,
    });
  });

  it('shows who expired an item', () => {
    const expired = {
      ...change,
      userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' },
    };
    expect(dynamoDbStreamRecord(expired, tableOrigin).event).toHaveProperty('userIdentity', {
      principalId: 'dynamodb.amazonaws.com',
      type: 'Service',
    });
  });

  it('orders by item, in whatever order its keys are listed', () => {
    const swapped = {
      ...change,
      dynamodb: { ...change.dynamodb, Keys: { item: { S: 'WARNING#1' }, subject: { S: 's' } } },
    };
    const other = {
      ...change,
      dynamodb: { ...change.dynamodb, Keys: { item: { S: 'WARNING#2' }, subject: { S: 's' } } },
    };
    const { partitionKey } = dynamoDbStreamRecord(change, tableOrigin);
    expect(dynamoDbStreamRecord(swapped, tableOrigin).partitionKey).toBe(partitionKey);
    expect(dynamoDbStreamRecord(other, tableOrigin).partitionKey).not.toBe(partitionKey);
  });
});

describe('sqsEventRecord', () => {
  it('makes the documented record', () => {
    const message = {
      MessageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
      ReceiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
      Body: 'Test message.',
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1545082649183' },
      MessageAttributes: {
        text: { DataType: 'String', StringValue: 'value' },
        bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
      },
      MD5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
    };
    const eventSourceArn = 'arn:aws:sqs:us-east-2:123456789012:my-queue';
    expect(sqsEventRecord(message, { eventSourceArn, region: 'us-east-2' })).toEqual({
      messageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
      receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
      body: 'Test message.',
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1545082649183' },
      messageAttributes: {
        text: {
          stringValue: 'value',
          stringListValues: [],
          binaryListValues: [],
          dataType: 'String',
        },
        bytes: {
          binaryValue: 'AQI=',
          stringListValues: [],
          binaryListValues: [],
          dataType: 'Binary',
        },
      },
      md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
      eventSource: 'aws:sqs',
      eventSourceARN: eventSourceArn,
      awsRegion: 'us-east-2',
    });
  });
});
