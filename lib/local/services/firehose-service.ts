import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsRequest } from '../gateway/aws-request.ts';
import { type AwsService, jsonResponse } from '../gateway/aws-service.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import type { DeliveryRows } from '../kept/delivery-rows.ts';
import type { RecordMetric } from '../metrics/metric-history.ts';
import type { CatalogTable } from '../warehouse/catalog.ts';
import type { ObjectMirror } from '../warehouse/objects.ts';
import { jsonObjectsOf, type PartitionKey, partitionOf } from '../warehouse/split-records.ts';
import { engineType, type SqlEngine, sqlName, sqlText } from '../warehouse/sql-engine.ts';
import { arnOf, type CloudIdentity } from './aws-names.ts';

/** A delivery stream into S3: rows of JSON in, Parquet by partition out. */
export interface DeliveryStream {
  name: string;
  bucket: string;
  /** With `!{partitionKeyFromQuery:name}` where a partition's value goes. */
  prefix: string;
  /** With `!{firehose:error-output-type}` and `!{timestamp:yyyy-MM-dd}`. */
  errorPrefix: string;
  bufferBytes: number;
  bufferMs: number;
  partitionKeys: PartitionKey[];
  /** The schema of what is written. */
  table: CatalogTable;
  /** S3 with the rights of the stream's role. */
  client: S3Client;
}

export interface FirehoseService extends AwsService {
  addStream(stream: DeliveryStream): string;
  /** Delivers what waits for more to come. */
  flush(): Promise<void>;
  /** Measures how old the oldest row is that is not delivered. */
  measure(record: RecordMetric): Promise<void>;
  /** Goes on with what an earlier run left. */
  resume(): void;
  /** Ends; what waits is delivered, or given up with all else that the run leaves nothing of. */
  close(deliver: boolean): Promise<void>;
}

interface RowBuffer {
  partition: Record<string, string>;
  /** Of the kept rows. */
  ids: number[];
  bytes: number;
  /** When its first row came, epoch ms. */
  since: number;
  /** Of the object that the rows become, once they are on their way. */
  objectKey?: string;
  timer?: NodeJS.Timeout;
}

/** What cannot become a row. */
interface RefusedText {
  readonly text: string;
  readonly why: string;
}

interface RunningStream extends DeliveryStream {
  arn: string;
  /** By the partition's values. */
  buffers: Map<string, RowBuffer>;
  /** What is being delivered, or is to be tried again. */
  underWay: Set<RowBuffer>;
}

/** How soon a bucket that refused an object is tried again. Firehose does so for as long as a day. */
const RETRY_MS = 1_000;

const mostRecords = 500;
const mostRequestBytes = 4 * 1024 * 1024;
const mostRecordBytes = 1_000 * 1024;

/** Why rows did not become part of a table, as Firehose names it in the path of what it keeps of them. */
type ErrorOutput = 'processing-failed' | 'format-conversion-failed';

function invalid(message: string): AwsError {
  return new AwsError('InvalidArgumentException', message);
}

function recordsOf(parameters: JsonObject, field: string): Buffer[] {
  const list = [parameters[field] ?? []].flat().filter(isJsonObject);
  const records = list.map(({ Data }) => Buffer.from(String(Data ?? ''), 'base64'));
  if (records.length === 0 || records.length > mostRecords) {
    throw invalid(`A request takes 1 to ${mostRecords} records`);
  }
  if (records.some(({ byteLength }) => byteLength > mostRecordBytes)) {
    throw invalid(`A record takes at most ${mostRecordBytes} bytes`);
  }
  if (records.reduce((sum, { byteLength }) => sum + byteLength, 0) > mostRequestBytes) {
    throw invalid(`A request takes at most ${mostRequestBytes} bytes`);
  }
  return records;
}

function utcTime(now: number): string {
  return new Date(now).toISOString().slice(0, 19).replaceAll(/[T:]/g, '-');
}

/**
 * Firehose from PutRecord and PutRecordBatch to Parquet in S3: records taken apart, partitions by their values,
 * buffers that are delivered when they are full or old enough.
 *
 * @param folder for files on their way, which the engine may read and write
 * @param recordFault answers an error for a record that is to be refused
 */
export function createFirehoseService(options: {
  cloud: CloudIdentity;
  folder: string;
  engine: SqlEngine;
  objects: ObjectMirror;
  /** Holds rows until they are delivered. */
  rows: DeliveryRows;
  now(): number;
  recordFault(): AwsError | undefined;
  /** Told what Firehose measures of its deliveries. */
  record: RecordMetric;
  log(line: string): void;
}): FirehoseService {
  const { cloud, engine, folder, log, now, objects, rows } = options;
  const streams = new Map<string, RunningStream>();
  const delivering = new Set<Promise<void>>();
  let closed = false;

  const measured = (stream: RunningStream, name: string) => ({
    namespace: 'AWS/Firehose',
    name,
    dimensions: { DeliveryStreamName: stream.name },
  });

  const streamOf = (name: JsonValue | undefined): RunningStream => {
    const stream = streams.get(String(name));
    if (stream !== undefined) return stream;
    throw new AwsError('ResourceNotFoundException', `Firehose ${String(name)} not found.`);
  };

  const keepFailed = async (
    stream: RunningStream,
    why: ErrorOutput,
    message: string,
    lines: readonly string[],
  ): Promise<void> => {
    log(`${stream.name}: ${why}: ${message}`);
    if (why === 'format-conversion-failed') {
      options.record(measured(stream, 'FailedConversion.Records'), lines.length);
    }
    const prefix = stream.errorPrefix
      .replaceAll('!{firehose:error-output-type}', why)
      .replaceAll('!{timestamp:yyyy-MM-dd}', new Date(now()).toISOString().slice(0, 10));
    const body = lines.map((line) =>
      JSON.stringify({
        attemptsMade: 1,
        arrivalTimestamp: now(),
        errorMessage: message,
        rawData: Buffer.from(line).toString('base64'),
      }),
    );
    const key = `${prefix}${stream.name}-1-${utcTime(now())}-${randomUUID()}`;
    await objects.put(stream.client, stream.bucket, key, Buffer.from(`${body.join('\n')}\n`));
  };

  const convert = async (table: CatalogTable, lines: readonly string[]): Promise<Buffer> => {
    const name = join(folder, randomUUID());
    await mkdir(folder, { recursive: true });
    await writeFile(`${name}.json`, `${lines.join('\n')}\n`);
    const columns = table.columns
      .map((column) => `${sqlText(column.name)}: ${sqlText(engineType(column))}`)
      .join(', ');
    const selected = table.columns.map((column) => sqlName(column.name)).join(', ');
    try {
      await engine.use((connection) =>
        connection.run(
          `COPY (SELECT ${selected} FROM read_json(${sqlText(`${name}.json`)}, format = 'newline_delimited', columns = {${columns}}))
           TO ${sqlText(`${name}.parquet`)} (FORMAT parquet, COMPRESSION snappy)`,
        ),
      );
      return await readFile(`${name}.parquet`);
    } finally {
      await rm(`${name}.json`, { force: true });
      await rm(`${name}.parquet`, { force: true });
    }
  };

  const keyOf = ({ name, prefix }: DeliveryStream, { partition }: RowBuffer): string => {
    const place = prefix.replaceAll(
      /!\{partitionKeyFromQuery:(\w+)\}/g,
      (_, key: string) => partition[key] ?? '',
    );
    return `${place}${name}-1-${utcTime(now())}-${randomUUID()}.parquet`;
  };

  const deliver = async (stream: RunningStream, buffer: RowBuffer): Promise<void> => {
    const lines = rows.lines(buffer.ids);
    let body: Buffer;
    try {
      body = await convert(stream.table, lines);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      await keepFailed(stream, 'format-conversion-failed', said, lines);
      rows.remove(buffer.ids);
      return;
    }
    if (buffer.objectKey === undefined) {
      buffer.objectKey = keyOf(stream, buffer);
      rows.name(buffer.ids, buffer.objectKey);
    }
    await objects.put(stream.client, stream.bucket, buffer.objectKey, body);
    rows.remove(buffer.ids);
  };

  const startDelivery = (stream: RunningStream, key: string): void => {
    const buffer = stream.buffers.get(key);
    if (buffer === undefined) return;
    stream.buffers.delete(key);
    clearTimeout(buffer.timer);
    tryDelivery(stream, buffer);
  };

  const tryDelivery = (stream: RunningStream, buffer: RowBuffer): void => {
    stream.underWay.add(buffer);
    const delivery = deliver(stream, buffer).then(
      () => {
        stream.underWay.delete(buffer);
        options.record(measured(stream, 'DeliveryToS3.Success'), 1);
      },
      (error: unknown) => {
        const said = error instanceof Error ? error.message : String(error);
        log(`${stream.name}: not delivered: ${said}`);
        options.record(measured(stream, 'DeliveryToS3.Success'), 0);
        if (!closed) buffer.timer = setTimeout(() => tryDelivery(stream, buffer), RETRY_MS).unref();
      },
    );
    delivering.add(delivery);
    void delivery.finally(() => delivering.delete(delivery));
  };

  /** @param key the partition's values as JSON */
  const gather = (stream: RunningStream, key: string, id: number, bytes: number): void => {
    let buffer = stream.buffers.get(key);
    if (buffer === undefined) {
      const timer = setTimeout(() => startDelivery(stream, key), stream.bufferMs).unref();
      const partition = JSON.parse(key) as Record<string, string>;
      buffer = { partition, ids: [], bytes: 0, since: now(), timer };
      stream.buffers.set(key, buffer);
    }
    buffer.ids.push(id);
    buffer.bytes += bytes;
    if (buffer.bytes >= stream.bufferBytes) startDelivery(stream, key);
  };

  const addRow = (stream: RunningStream, row: Record<string, unknown>): boolean => {
    const partition = partitionOf(row, stream.partitionKeys);
    if (partition === undefined) return false;
    const key = JSON.stringify(partition);
    const line = JSON.stringify(row);
    gather(stream, key, rows.add(stream.name, key, line), line.length);
    return true;
  };

  /** Goes on with what an earlier run left: its buffers, and the deliveries that were under way. */
  const resume = (stream: RunningStream): void => {
    const underWay = new Map<string, RowBuffer>();
    for (const { bytes, id, objectKey, partition } of rows.left(stream.name)) {
      if (objectKey === undefined) {
        gather(stream, partition, id, bytes);
        continue;
      }
      const buffer = underWay.get(objectKey) ?? {
        partition: {},
        ids: [],
        bytes: 0,
        since: now(),
        objectKey,
      };
      buffer.ids.push(id);
      underWay.set(objectKey, buffer);
    }
    for (const buffer of underWay.values()) tryDelivery(stream, buffer);
  };

  /** Takes a record apart into rows. @returns what cannot become part of the table, and why */
  const take = (stream: RunningStream, record: Buffer): RefusedText[] => {
    const text = record.toString('utf8');
    const found = jsonObjectsOf(text);
    if (found === undefined) return [{ text, why: 'It cannot be taken apart as JSON' }];
    return found
      .filter((row) => !addRow(stream, row))
      .map((row) => ({ text: JSON.stringify(row), why: 'A partition key is null or missing' }));
  };

  const keepRefused = async (stream: RunningStream, refused: readonly RefusedText[]) => {
    for (const { text, why } of refused) await keepFailed(stream, 'processing-failed', why, [text]);
  };

  const flush = async (): Promise<void> => {
    for (const stream of streams.values()) {
      for (const key of [...stream.buffers.keys()]) startDelivery(stream, key);
    }
    await Promise.all(delivering);
  };

  const operations: Record<string, (parameters: JsonObject) => Promise<JsonObject>> = {
    async PutRecord(parameters) {
      const stream = streamOf(parameters.DeliveryStreamName);
      const [record] = recordsOf(parameters, 'Record');
      if (record !== undefined) await keepRefused(stream, take(stream, record));
      return { RecordId: randomUUID(), Encrypted: true };
    },
    async PutRecordBatch(parameters) {
      const stream = streamOf(parameters.DeliveryStreamName);
      const answers: JsonObject[] = [];
      const refused: RefusedText[] = [];
      rows.together(() => {
        for (const record of recordsOf(parameters, 'Records')) {
          const fault = options.recordFault();
          if (fault === undefined) {
            refused.push(...take(stream, record));
            answers.push({ RecordId: randomUUID() });
          } else answers.push({ ErrorCode: fault.code, ErrorMessage: fault.message });
        }
      });
      await keepRefused(stream, refused);
      const FailedPutCount = answers.filter(({ ErrorCode }) => ErrorCode !== undefined).length;
      return { FailedPutCount, Encrypted: true, RequestResponses: answers };
    },
    async DescribeDeliveryStream(parameters) {
      const { arn, name } = streamOf(parameters.DeliveryStreamName);
      return {
        DeliveryStreamDescription: {
          DeliveryStreamName: name,
          DeliveryStreamARN: arn,
          DeliveryStreamStatus: 'ACTIVE',
          DeliveryStreamType: 'DirectPut',
          VersionId: '1',
          Destinations: [],
          HasMoreDestinations: false,
        },
      };
    },
    async ListDeliveryStreams() {
      return { DeliveryStreamNames: [...streams.keys()], HasMoreDeliveryStreams: false };
    },
  };

  return {
    permissions({ operation, parameters }: AwsRequest) {
      const { DeliveryStreamName } = parameters;
      const resource =
        DeliveryStreamName === undefined
          ? '*'
          : arnOf(cloud, 'firehose', `deliverystream/${String(DeliveryStreamName)}`);
      return [{ action: `firehose:${operation}`, resource }];
    },
    async handle(request) {
      const operation = operations[request.operation];
      if (operation === undefined) {
        throw new AwsError(
          'UnknownOperationException',
          `Firehose ${request.operation} is not emulated`,
        );
      }
      return jsonResponse(await operation(request.parameters));
    },
    addStream(stream) {
      const arn = arnOf(cloud, 'firehose', `deliverystream/${stream.name}`);
      streams.set(stream.name, { ...stream, arn, buffers: new Map(), underWay: new Set() });
      return arn;
    },
    resume() {
      for (const stream of streams.values()) resume(stream);
    },
    flush,
    async measure(record) {
      for (const stream of streams.values()) {
        const waiting = [...stream.buffers.values(), ...stream.underWay];
        const oldest = Math.min(...waiting.map(({ since }) => since), now());
        record(measured(stream, 'DeliveryToS3.DataFreshness'), (now() - oldest) / 1_000);
      }
    },
    async close(deliver) {
      if (deliver) await flush();
      closed = true;
      for (const { buffers, underWay } of streams.values()) {
        for (const { timer } of [...buffers.values(), ...underWay]) clearTimeout(timer);
        buffers.clear();
      }
      await Promise.all(delivering);
    },
  };
}
