import { hash } from 'node:crypto';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/**
 * The Kinesis Producer Library packs many user records into one Kinesis record:
 *
 *     F3 89 9A C2 | protobuf AggregatedRecord | MD5 of the protobuf (16 bytes)
 *
 * https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
 * The magic is no valid UTF-8, so no JSON text can be mistaken for an aggregate.
 */
const MAGIC = Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2);
const DIGEST_BYTES = 16;

const AGGREGATED_RECORD = { partitionKeyTable: 1, explicitHashKeyTable: 2, records: 3 } as const;
const USER_RECORD = { partitionKeyIndex: 1, explicitHashKeyIndex: 2, data: 3 } as const;

export interface UserRecord {
  readonly partitionKey: string;
  /** Decimal text of a 128-bit integer, as in the Kinesis API. */
  readonly explicitHashKey?: string;
  readonly data: Uint8Array;
}

export type Deaggregated =
  | { readonly ok: true; readonly records: readonly UserRecord[] }
  | { readonly ok: false; readonly reason: 'bad-aggregate' | 'too-large'; readonly detail: string };

/** Whether the bytes claim to be a KPL aggregate. Costs one comparison for anything else. */
export function isAggregate(data: Uint8Array): boolean {
  return (
    data[0] === MAGIC[0] && data[1] === MAGIC[1] && data[2] === MAGIC[2] && data[3] === MAGIC[3]
  );
}

/**
 * Takes a KPL aggregate apart. It is all or nothing: an aggregate that is truncated or damaged
 * anywhere yields no records, because its digest cannot vouch for the rest.
 * The records' data are views on `data`, not copies.
 *
 * @param maxRecords more user records than this are `too-large`
 */
export function deaggregate(data: Uint8Array, maxRecords: number): Deaggregated {
  if (!isAggregate(data)) return bad('it does not begin with the KPL magic number');
  if (data.length < MAGIC.length + DIGEST_BYTES) return bad('it ends before its digest');
  const message = data.subarray(MAGIC.length, data.length - DIGEST_BYTES);
  if (!digestOf(message).equals(data.subarray(data.length - DIGEST_BYTES))) {
    return bad('its digest does not match: it is truncated or damaged');
  }
  return readAggregatedRecord(message, maxRecords);
}

/**
 * Packs user records into one KPL aggregate, each key stored once.
 *
 * @example
 * const data = aggregate([{ partitionKey: '17', data: Buffer.from('{"caller":…}') }]);
 */
export function aggregate(records: readonly UserRecord[]): Buffer {
  const partitionKeys = indexed(records.map((record) => record.partitionKey));
  const hashKeys = indexed(records.flatMap((record) => record.explicitHashKey ?? []));
  const writer = new BinaryWriter();
  for (const key of partitionKeys.keys()) {
    writer.tag(AGGREGATED_RECORD.partitionKeyTable, WireType.LengthDelimited).string(key);
  }
  for (const key of hashKeys.keys()) {
    writer.tag(AGGREGATED_RECORD.explicitHashKeyTable, WireType.LengthDelimited).string(key);
  }
  for (const record of records) {
    const partitionKeyIndex = partitionKeys.get(record.partitionKey) ?? 0;
    writer.tag(AGGREGATED_RECORD.records, WireType.LengthDelimited).fork();
    writer.tag(USER_RECORD.partitionKeyIndex, WireType.Varint).uint64(partitionKeyIndex);
    if (record.explicitHashKey !== undefined) {
      const hashKeyIndex = hashKeys.get(record.explicitHashKey) ?? 0;
      writer.tag(USER_RECORD.explicitHashKeyIndex, WireType.Varint).uint64(hashKeyIndex);
    }
    writer.tag(USER_RECORD.data, WireType.LengthDelimited).bytes(record.data);
    writer.join();
  }
  const message = writer.finish();
  return Buffer.concat([MAGIC, message, digestOf(message)]);
}

interface RawUserRecord {
  partitionKeyIndex: number;
  explicitHashKeyIndex: number | undefined;
  data: Uint8Array | undefined;
}

function readAggregatedRecord(message: Uint8Array, maxRecords: number): Deaggregated {
  const partitionKeys: string[] = [];
  const hashKeys: string[] = [];
  const rawRecords: RawUserRecord[] = [];
  try {
    const reader = new BinaryReader(message);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (wireType !== WireType.LengthDelimited) reader.skip(wireType, field);
      else if (field === AGGREGATED_RECORD.partitionKeyTable) partitionKeys.push(reader.string());
      else if (field === AGGREGATED_RECORD.explicitHashKeyTable) hashKeys.push(reader.string());
      else if (field === AGGREGATED_RECORD.records) {
        if (rawRecords.length === maxRecords) return tooMany(maxRecords);
        rawRecords.push(readUserRecord(reader.bytes()));
      } else reader.skip(wireType, field);
    }
  } catch (error) {
    return bad(`its protobuf is broken: ${error instanceof Error ? error.message : String(error)}`);
  }
  return resolveKeys(rawRecords, partitionKeys, hashKeys);
}

function readUserRecord(message: Uint8Array): RawUserRecord {
  const record: RawUserRecord = {
    partitionKeyIndex: -1,
    explicitHashKeyIndex: undefined,
    data: undefined,
  };
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === USER_RECORD.partitionKeyIndex && wireType === WireType.Varint) {
      record.partitionKeyIndex = Number(reader.uint64());
    } else if (field === USER_RECORD.explicitHashKeyIndex && wireType === WireType.Varint) {
      record.explicitHashKeyIndex = Number(reader.uint64());
    } else if (field === USER_RECORD.data && wireType === WireType.LengthDelimited) {
      record.data = reader.bytes();
    } else reader.skip(wireType, field);
  }
  return record;
}

function resolveKeys(
  rawRecords: readonly RawUserRecord[],
  partitionKeys: readonly string[],
  hashKeys: readonly string[],
): Deaggregated {
  const records: UserRecord[] = [];
  for (const { partitionKeyIndex, explicitHashKeyIndex, data } of rawRecords) {
    const partitionKey = partitionKeys[partitionKeyIndex];
    if (partitionKey === undefined || data === undefined) {
      return bad(`its user record ${records.length + 1} lacks data or a known partition key`);
    }
    if (explicitHashKeyIndex === undefined) {
      records.push({ partitionKey, data });
      continue;
    }
    const explicitHashKey = hashKeys[explicitHashKeyIndex];
    if (explicitHashKey === undefined) {
      return bad(`its user record ${records.length + 1} names an unknown explicit hash key`);
    }
    records.push({ partitionKey, explicitHashKey, data });
  }
  return { ok: true, records };
}

function indexed(keys: readonly string[]): Map<string, number> {
  return new Map([...new Set(keys)].map((key, index) => [key, index]));
}

function digestOf(message: Uint8Array): Buffer {
  return hash('md5', message, 'buffer');
}

function bad(detail: string): Deaggregated {
  return { ok: false, reason: 'bad-aggregate', detail };
}

function tooMany(maxRecords: number): Deaggregated {
  return {
    ok: false,
    reason: 'too-large',
    detail: `the aggregate holds more than ${maxRecords} user records`,
  };
}
