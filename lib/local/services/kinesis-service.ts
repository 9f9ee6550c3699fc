import { AwsError } from '../gateway/aws-error.ts';
import { type AwsService, jsonResponse } from '../gateway/aws-service.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import type { RecordMetric } from '../metrics/metric-history.ts';
import { hashKeyRange, shardOfKey } from '../streams/hash-key.ts';
import { openRecordStore, type StoredRecord, type StoredStream } from '../streams/record-store.ts';
import { decodeIterator, encodeIterator, readIterator } from '../streams/shard-iterator.ts';
import { parseSequenceNumber, sequenceNumbers } from '../streams/stream-sequence.ts';
import { arnOf, type CloudIdentity, nameFromArn } from './aws-names.ts';

export interface KinesisService extends AwsService {
  /** Creates a stream unless an earlier run left one. */
  createStream(name: string, shardCount: number, retentionHours?: number): void;
  close(): void;
}

interface Shard {
  id: string;
  index: number;
  lastPlace: number;
  sequenceNumber(place: number, arrivedAtMs: number): string;
}

interface Stream extends StoredStream {
  shards: Shard[];
}

interface NewRecord {
  data: string;
  partitionKey: string;
  explicitHashKey?: string;
}

const maxRecordsPerPut = 500;
const maxRecordBytes = 1_048_576;
const maxPutBytes = 5_242_880;
const maxRecordsPerGet = 10_000;
/** 10 MB of data are a third more in base64. */
const maxCharactersPerGet = Math.floor((10 * 1_048_576 * 4) / 3);

/** Operations that change nothing here: local streams are neither encrypted nor billed by mode. */
const ignored = new Set([
  'AddTagsToStream',
  'DisableEnhancedMonitoring',
  'EnableEnhancedMonitoring',
  'StartStreamEncryption',
  'StopStreamEncryption',
  'UpdateStreamMode',
]);

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', `1 validation error detected: ${message}`);
}

function decodedLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}

function readRecord(value: JsonValue): NewRecord {
  if (!isJsonObject(value)) throw new AwsError('SerializationException', 'Not a record');
  const { Data: data, PartitionKey: partitionKey, ExplicitHashKey: explicitHashKey } = value;
  if (typeof data !== 'string') throw invalid("Value null at 'data': must not be null");
  if (typeof partitionKey !== 'string' || partitionKey === '' || partitionKey.length > 256) {
    throw invalid("Value at 'partitionKey' must have a length from 1 to 256");
  }
  if (decodedLength(data) > maxRecordBytes) {
    throw invalid(`Value at 'data' must have a length of at most ${maxRecordBytes}`);
  }
  return {
    data,
    partitionKey,
    ...(typeof explicitHashKey === 'string' ? { explicitHashKey } : {}),
  };
}

/** Kinesis Data Streams with provisioned shards; shards are not split or merged. */
export function createKinesisService(options: {
  cloud: CloudIdentity;
  /** Database file for the records. */
  file: string;
  /** Whether a later run is to find them. */
  keep: boolean;
  now(): number;
  /** Told the name of each stream that got records. */
  onWrite(streamName: string): void;
  /** An error for the next single record of a PutRecords call, when a test planned one. */
  recordFault(): AwsError | undefined;
  /** Told what Kinesis measures of its streams. */
  record: RecordMetric;
}): KinesisService {
  const { cloud, now } = options;
  const store = openRecordStore(options.file, options.keep);

  const open = (stored: StoredStream): Stream => ({
    ...stored,
    shards: Array.from({ length: stored.shardCount }, (_unused, index) => ({
      id: `shardId-${String(index).padStart(12, '0')}`,
      index,
      lastPlace: store.lastPlace(stored.id, index),
      sequenceNumber: sequenceNumbers(index, stored.createdAtMs),
    })),
  });
  const streams = new Map(store.streams().map((stored) => [stored.name, open(stored)]));

  const nameOf = ({ StreamName, StreamARN, ShardIterator }: JsonObject): string | undefined => {
    if (typeof StreamName === 'string') return StreamName;
    if (typeof StreamARN === 'string') return nameFromArn(StreamARN);
    return readIterator(ShardIterator)?.streamName;
  };
  const streamOf = (parameters: JsonObject): Stream => {
    const name = nameOf(parameters) ?? '';
    const stream = streams.get(name);
    if (stream === undefined) {
      throw new AwsError(
        'ResourceNotFoundException',
        `Stream ${name} under account ${cloud.accountId} not found.`,
      );
    }
    return stream;
  };
  const shardOf = (stream: Stream, shardId: JsonValue | undefined): Shard => {
    const shard = stream.shards.find(({ id }) => id === shardId);
    if (shard === undefined) {
      throw new AwsError(
        'ResourceNotFoundException',
        `Shard ${String(shardId)} in stream ${stream.name} under account ${cloud.accountId} does not exist`,
      );
    }
    return shard;
  };

  const append = (stream: Stream, records: readonly NewRecord[]): JsonObject[] => {
    const arrivedAtMs = now();
    const stored: (StoredRecord & { shardIndex: number })[] = [];
    const answers = records.map(({ data, partitionKey, explicitHashKey }): JsonObject => {
      const index = shardOfKey(partitionKey, explicitHashKey, stream.shardCount);
      const shard = stream.shards[index];
      const fault = options.recordFault();
      if (fault !== undefined) return { ErrorCode: fault.code, ErrorMessage: fault.message };
      if (shard === undefined) throw new AwsError('InternalFailure', 'No shard', 500);
      shard.lastPlace += 1;
      const place = shard.lastPlace;
      stored.push({ shardIndex: index, place, arrivedAtMs, partitionKey, data });
      return { ShardId: shard.id, SequenceNumber: shard.sequenceNumber(place, arrivedAtMs) };
    });
    store.append(stream.id, stored);
    const measure = (name: string, value: number): void =>
      options.record(
        { namespace: 'AWS/Kinesis', name, dimensions: { StreamName: stream.name } },
        value,
      );
    measure('IncomingRecords', stored.length);
    measure(
      'WriteProvisionedThroughputExceeded',
      answers.filter(({ ErrorCode }) => ErrorCode === 'ProvisionedThroughputExceededException')
        .length,
    );
    options.onWrite(stream.name);
    return answers;
  };

  const describeShard = (stream: Stream, shard: Shard): JsonObject => {
    const { first, last } = hashKeyRange(shard.index, stream.shardCount);
    return {
      ShardId: shard.id,
      HashKeyRange: { StartingHashKey: String(first), EndingHashKey: String(last) },
      SequenceNumberRange: {
        StartingSequenceNumber: shard.sequenceNumber(0, stream.createdAtMs),
      },
    };
  };
  const describe = (stream: Stream): JsonObject => ({
    StreamName: stream.name,
    StreamARN: arnOf(cloud, 'kinesis', `stream/${stream.name}`),
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: 'PROVISIONED' },
    RetentionPeriodHours: stream.retentionHours,
    StreamCreationTimestamp: stream.createdAtMs / 1_000,
    EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
    EncryptionType: 'NONE',
  });

  const iteratorPlace = (stream: Stream, shard: Shard, parameters: JsonObject): number => {
    const { ShardIteratorType, StartingSequenceNumber, Timestamp } = parameters;
    switch (ShardIteratorType) {
      case 'TRIM_HORIZON':
        return 0;
      case 'LATEST':
        return shard.lastPlace + 1;
      case 'AT_TIMESTAMP': {
        const since = store.firstPlaceSince(stream.id, shard.index, Number(Timestamp) * 1_000);
        return since ?? shard.lastPlace + 1;
      }
      case 'AT_SEQUENCE_NUMBER':
      case 'AFTER_SEQUENCE_NUMBER': {
        const found = parseSequenceNumber(String(StartingSequenceNumber));
        if (found === undefined || found.shardIndex !== shard.index) {
          throw new AwsError(
            'InvalidArgumentException',
            `StartingSequenceNumber ${String(StartingSequenceNumber)} used in GetShardIterator on shard ${shard.id} in stream ${stream.name} under account ${cloud.accountId} is invalid.`,
          );
        }
        return found.place + (ShardIteratorType === 'AFTER_SEQUENCE_NUMBER' ? 1 : 0);
      }
      default:
        throw invalid("Value at 'shardIteratorType' is not an iterator type");
    }
  };

  const operations: Record<string, (parameters: JsonObject) => JsonObject> = {
    PutRecord(parameters) {
      const [answer = {}] = append(streamOf(parameters), [readRecord(parameters)]);
      if (answer.ErrorCode === undefined) return answer;
      throw new AwsError(String(answer.ErrorCode), String(answer.ErrorMessage));
    },
    PutRecords(parameters) {
      const stream = streamOf(parameters);
      const given = Array.isArray(parameters.Records) ? parameters.Records : [];
      if (given.length === 0 || given.length > maxRecordsPerPut) {
        throw invalid(`Value at 'records' must have a length from 1 to ${maxRecordsPerPut}`);
      }
      const records = given.map(readRecord);
      const bytes = records.reduce(
        (sum, { data, partitionKey }) => sum + decodedLength(data) + partitionKey.length,
        0,
      );
      if (bytes > maxPutBytes) {
        throw new AwsError('InvalidArgumentException', 'Records size exceeds 5 MB limit');
      }
      const answers = append(stream, records);
      return {
        FailedRecordCount: answers.filter(({ ErrorCode }) => ErrorCode !== undefined).length,
        Records: answers,
      };
    },
    GetShardIterator(parameters) {
      const stream = streamOf(parameters);
      const shard = shardOf(stream, parameters.ShardId);
      const place = iteratorPlace(stream, shard, parameters);
      const position = { streamName: stream.name, shardIndex: shard.index, place };
      return { ShardIterator: encodeIterator(position, now()) };
    },
    GetRecords({ ShardIterator, Limit }) {
      const position = decodeIterator(ShardIterator, now());
      const stream = streamOf({ StreamName: position.streamName });
      const shard = stream.shards[position.shardIndex];
      if (shard === undefined) throw new AwsError('InvalidArgumentException', 'Invalid shard');
      const limit = Math.min(Number(Limit ?? maxRecordsPerGet), maxRecordsPerGet);
      const atTip = position.place > shard.lastPlace;
      const found = atTip
        ? []
        : store.read(stream.id, shard.index, position.place, limit, maxCharactersPerGet);
      const last = found.at(-1);
      const next = last === undefined ? position.place : last.place + 1;
      const behind =
        last === undefined || last.place >= shard.lastPlace ? 0 : now() - last.arrivedAtMs;
      return {
        Records: found.map(({ place, arrivedAtMs, partitionKey, data }) => ({
          SequenceNumber: shard.sequenceNumber(place, arrivedAtMs),
          ApproximateArrivalTimestamp: arrivedAtMs / 1_000,
          PartitionKey: partitionKey,
          Data: data,
        })),
        NextShardIterator: encodeIterator({ ...position, place: next }, now()),
        MillisBehindLatest: behind,
      };
    },
    ListShards(parameters) {
      const stream = streamOf(parameters);
      return { Shards: stream.shards.map((shard) => describeShard(stream, shard)) };
    },
    ListStreams: () => ({ StreamNames: [...streams.keys()].sort(), HasMoreStreams: false }),
    DescribeStream(parameters) {
      const stream = streamOf(parameters);
      const shards = stream.shards.map((shard) => describeShard(stream, shard));
      return {
        StreamDescription: { ...describe(stream), Shards: shards, HasMoreShards: false },
      };
    },
    DescribeStreamSummary(parameters) {
      const stream = streamOf(parameters);
      const summary = { ...describe(stream), OpenShardCount: stream.shardCount, ConsumerCount: 0 };
      return { StreamDescriptionSummary: summary };
    },
  };

  return {
    permissions({ operation, parameters }) {
      const name = operation === 'ListStreams' ? undefined : nameOf(parameters);
      const resource = name === undefined ? '*' : arnOf(cloud, 'kinesis', `stream/${name}`);
      return [{ action: `kinesis:${operation}`, resource }];
    },
    async handle({ operation, parameters }) {
      if (ignored.has(operation)) return jsonResponse({});
      const run = operations[operation];
      if (run === undefined) {
        throw new AwsError('UnknownOperationException', `Kinesis ${operation} is not emulated`);
      }
      return jsonResponse(run(parameters));
    },
    createStream(name, shardCount, retentionHours = 24) {
      if (streams.has(name)) return;
      const stored = store.addStream({ name, shardCount, retentionHours, createdAtMs: now() });
      streams.set(name, open(stored));
    },
    close: () => store.close(),
  };
}
