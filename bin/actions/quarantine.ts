import { setTimeout as delay } from 'node:timers/promises';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import Table from 'cli-table3';
import { type KinesisEntry, putRecords } from '../../functions/adapters/kinesis-records.ts';
import {
  deleteQuarantine,
  getQuarantine,
  listQuarantineKeys,
  type QuarantineEntry,
  type QuarantineObject,
} from '../../functions/adapters/quarantine-bucket.ts';
import { maskNumbersIn } from '../../lib/domain/mask-numbers.ts';
import { clientConfig, needsPathStyle, stackOutputs } from '../aws-connection.ts';
import type {
  FilterOptions,
  ListOptions,
  ReplayOptions,
  ShowOptions,
} from '../commands/quarantine.ts';
import type { ConnectionOptions } from '../connection-options.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { safeJson } from '../terminal/plain-text.ts';
import { print } from '../terminal/print.ts';

/** An object of the bucket, with those of its entries that were asked for. */
interface Found {
  readonly key: string;
  readonly object: QuarantineObject;
  readonly entries: readonly QuarantineEntry[];
}

function s3Client(options: ConnectionOptions): S3Client {
  return new S3Client({ ...clientConfig(options), forcePathStyle: needsPathStyle(options) });
}

/** Reads ahead by this many objects: one at a time would cost a round trip each. */
const READ_AHEAD = 16;

async function* find(
  client: S3Client,
  bucket: string,
  options: FilterOptions,
): AsyncGenerator<Found> {
  const reading: Promise<Found | undefined>[] = [];
  for await (const key of listQuarantineKeys(client, bucket, options.day)) {
    reading.push(readObject(client, bucket, key, options.reason));
    if (reading.length < READ_AHEAD) continue;
    const found = await reading.shift();
    if (found !== undefined) yield found;
  }
  for (const found of await Promise.all(reading)) if (found !== undefined) yield found;
}

async function readObject(
  client: S3Client,
  bucket: string,
  key: string,
  reason: string | undefined,
): Promise<Found | undefined> {
  const object = await getQuarantine(client, bucket, key);
  if (object === undefined) return undefined;
  const entries = object.entries.filter((entry) => reason === undefined || entry.reason === reason);
  return entries.length === 0 ? undefined : { key, object, entries };
}

/** Counts what is in quarantine, and lists it. Returns the exit code. */
export async function listEntries(options: ListOptions): Promise<number> {
  const [bucket] = await stackOutputs(options, 'QuarantineBucketName');
  const counts = new Map<string, number>();
  const listed: { key: string; arrivedAt: string; entries: QuarantineEntry[] }[] = [];
  for await (const { key, object, entries } of find(s3Client(options), bucket, options)) {
    for (const { reason } of entries) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    if (listed.length < options.limit) {
      const arrivedAt = new Date(object.arrivedAt).toISOString();
      listed.push({ key: shortKey(key), arrivedAt, entries: [...entries] });
    }
  }
  if (options.json) {
    const records = listed.map(({ entries, ...rest }) => ({
      ...rest,
      entries: entries.map(({ raw: _raw, encoding: _encoding, ...entry }) => entry),
    }));
    print(safeJson({ counts: Object.fromEntries(counts), records }, 2));
    return EXIT.ok;
  }
  if (counts.size === 0) {
    print('Nothing is in quarantine that fits.');
    return EXIT.ok;
  }
  const reasons = table(['reason', 'records']);
  for (const [reason, count] of [...counts].sort(([, a], [, b]) => b - a)) {
    reasons.push([reason, count]);
  }
  const records = table(['arrived', 'reason', 'field', 'key']);
  for (const { key, arrivedAt, entries } of listed) {
    const of = (read: (entry: QuarantineEntry) => string) => [...new Set(entries.map(read))];
    const fields = of(({ field }) => field ?? '').filter((field) => field !== '');
    const reasonsHere = of(({ reason }) => reason).join(', ');
    const times = entries.length > 1 ? ` (${entries.length})` : '';
    records.push([arrivedAt, reasonsHere + times, fields.join(', '), key]);
  }
  print(`${reasons.toString()}\n${records.toString()}`);
  return EXIT.ok;
}

/** Shows one quarantined record. Returns the exit code. */
export async function showEntry(key: string, options: ShowOptions): Promise<number> {
  const [bucket] = await stackOutputs(options, 'QuarantineBucketName');
  const object = await getQuarantine(s3Client(options), bucket, fullKey(key));
  if (object === undefined) {
    throw new UsageError(`There is no ${key} in quarantine (any more); list shows the keys.`);
  }
  const entries = object.entries.map((entry) => ({
    ...entry,
    raw: options.reveal ? entry.raw : maskedRaw(entry),
  }));
  if (options.json) {
    // Operators may take the caller's number for the key by which they spread their records.
    const partitionKey = options.reveal ? object.partitionKey : maskNumbersIn(object.partitionKey);
    print(safeJson({ ...object, partitionKey, entries }, 2));
    return EXIT.ok;
  }
  print(`arrived       ${new Date(object.arrivedAt).toISOString()}`);
  print(`shard         ${object.shardId}`);
  print(`sequence      ${object.sequenceNumber}`);
  for (const { reason, field, detail, position, raw } of entries) {
    const { subRecord, line } = position;
    const where = [
      subRecord === undefined ? '' : `user record ${subRecord}`,
      line === undefined ? '' : `line ${line}`,
    ].filter((part) => part !== '');
    print(`\n${where.join(', ') || 'the whole record'}: ${reason}${field ? ` (${field})` : ''}`);
    print(`  ${detail}`);
    print(`  ${raw}`);
  }
  if (!options.reveal) print('\nNumbers are masked; --reveal shows them.');
  return EXIT.ok;
}

function maskedRaw({ raw, encoding }: QuarantineEntry): string {
  if (encoding === 'utf8') return maskNumbersIn(raw);
  return `(${Buffer.byteLength(raw, 'base64')} bytes that are no text; --reveal shows them as base64)`;
}

/** Pushes quarantined records again. Returns the exit code. */
export async function replayEntries(options: ReplayOptions): Promise<number> {
  const [bucket, stream] = await stackOutputs(options, 'QuarantineBucketName', 'CallsStreamName');
  const s3 = s3Client(options);
  const kinesis = new KinesisClient({
    ...clientConfig(options),
    requestHandler: new NodeHttpHandler(),
  });
  const patience = { attempts: 20, random: Math.random, delay };
  let pushed = 0;
  for await (const { key, object, entries } of find(s3, bucket, options)) {
    pushed += entries.length;
    if (options.dryRun) continue;
    await putRecords(kinesis, stream, replayRecords(object.partitionKey, entries), patience);
    const complete = entries.length === object.entries.length;
    if (options.delete && complete) await deleteQuarantine(s3, bucket, key);
  }
  if (options.dryRun) print(`${pushed} records would be pushed again.`);
  else
    print(`${pushed} records were pushed again. What is still not valid comes back to quarantine.`);
  return EXIT.ok;
}

/** Text goes out as lines of one record; what was no text (gzip, an aggregate) as it was. */
function replayRecords(partitionKey: string, entries: readonly QuarantineEntry[]): KinesisEntry[] {
  const lines = entries.filter(({ encoding }) => encoding === 'utf8').map(({ raw }) => raw);
  const whole = entries.filter(({ encoding }) => encoding === 'base64');
  return [
    ...(lines.length > 0 ? [{ partitionKey, data: Buffer.from(`${lines.join('\n')}\n`) }] : []),
    ...whole.map(({ raw }) => ({ partitionKey, data: Buffer.from(raw, 'base64') })),
  ];
}

const KEY_PREFIX = 'quarantine/';

function shortKey(key: string): string {
  return key.slice(KEY_PREFIX.length).replace(/\.json$/, '');
}

function fullKey(key: string): string {
  const name = key.startsWith(KEY_PREFIX) ? key.slice(KEY_PREFIX.length) : key;
  return `${KEY_PREFIX}${name.replace(/\.json$/, '')}.json`;
}

function table(head: string[]) {
  return new Table({ head, style: { head: [], border: [] } });
}
