import { DatabaseSync } from 'node:sqlite';
import { atomically, openDatabase } from '../kept/database.ts';

/** One record as it is kept; `data` is base64, as it came and as it will be asked for. */
export interface StoredRecord {
  place: number;
  arrivedAtMs: number;
  partitionKey: string;
  data: string;
}

export interface StoredStream {
  /** Never used again, not even by a stream of the same name. */
  id: number;
  name: string;
  shardCount: number;
  createdAtMs: number;
  retentionHours: number;
}

/** Streams and their records in an SQLite file, so that memory does not grow with them. */
export interface RecordStore {
  streams(): StoredStream[];
  addStream(stream: Omit<StoredStream, 'id'>): StoredStream;
  /** Adds records, all or none; `place` counts from 1 in each shard. */
  append(streamId: number, records: readonly (StoredRecord & { shardIndex: number })[]): void;
  /** Records from a place on, at most `limit` and about `maxCharacters` of data. */
  read(
    streamId: number,
    shardIndex: number,
    fromPlace: number,
    limit: number,
    maxCharacters: number,
  ): StoredRecord[];
  /** The place of the last record, 0 for none. */
  lastPlace(streamId: number, shardIndex: number): number;
  /** The place of the first record that arrived at this time or later. */
  firstPlaceSince(streamId: number, shardIndex: number, atMs: number): number | undefined;
  close(): void;
}

// A record's key: its stream, its shard, its place, in 53 bits: 511 streams of 256 shards, and
// 68 thousand million records in each.
const placesPerShard = 2 ** 36;
const shardsPerStream = 2 ** 8;

function firstKey(streamId: number, shardIndex: number): number {
  return (streamId * shardsPerStream + shardIndex) * placesPerShard;
}

/** @param keep whether the records are for a later run too, even after a crash of this one */
export function openRecordStore(file: string, keep: boolean): RecordStore {
  const database = keep ? openDatabase(file) : new DatabaseSync(file);
  // What a crash would lose is of no use after it.
  if (!keep) database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;');
  database.exec(`
    CREATE TABLE IF NOT EXISTS streams (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      shard_count INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      retention_hours INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS records (
      key INTEGER PRIMARY KEY,
      arrived_at INTEGER NOT NULL,
      partition_key TEXT NOT NULL,
      data TEXT NOT NULL
    );`);
  const insert = database.prepare('INSERT INTO records VALUES (?, ?, ?, ?)');
  const select = database.prepare(
    'SELECT key, arrived_at, partition_key, data FROM records WHERE key >= ? AND key < ? ORDER BY key LIMIT ?',
  );
  const selectLast = database.prepare(
    'SELECT max(key) AS key FROM records WHERE key >= ? AND key < ?',
  );
  const selectSince = database.prepare(
    'SELECT min(key) AS key FROM records WHERE key >= ? AND key < ? AND arrived_at >= ?',
  );

  return {
    streams: () =>
      database
        .prepare('SELECT * FROM streams')
        .all()
        .map((row) => ({
          id: Number(row.id),
          name: String(row.name),
          shardCount: Number(row.shard_count),
          createdAtMs: Number(row.created_at),
          retentionHours: Number(row.retention_hours),
        })),

    addStream(stream) {
      const { lastInsertRowid } = database
        .prepare(
          'INSERT INTO streams (name, shard_count, created_at, retention_hours) VALUES (?, ?, ?, ?)',
        )
        .run(stream.name, stream.shardCount, stream.createdAtMs, stream.retentionHours);
      return { id: Number(lastInsertRowid), ...stream };
    },

    append(streamId, records) {
      atomically(database, () => {
        for (const { shardIndex, place, arrivedAtMs, partitionKey, data } of records) {
          insert.run(firstKey(streamId, shardIndex) + place, arrivedAtMs, partitionKey, data);
        }
      });
    },

    read(streamId, shardIndex, fromPlace, limit, maxCharacters) {
      const base = firstKey(streamId, shardIndex);
      const found: StoredRecord[] = [];
      let characters = 0;
      for (const row of select.iterate(base + fromPlace, base + placesPerShard, limit)) {
        const data = String(row.data);
        characters += data.length;
        if (characters > maxCharacters && found.length > 0) break;
        found.push({
          place: Number(row.key) - base,
          arrivedAtMs: Number(row.arrived_at),
          partitionKey: String(row.partition_key),
          data,
        });
      }
      return found;
    },

    lastPlace(streamId, shardIndex) {
      const base = firstKey(streamId, shardIndex);
      const key = selectLast.get(base, base + placesPerShard)?.key;
      return key === null || key === undefined ? 0 : Number(key) - base;
    },

    firstPlaceSince(streamId, shardIndex, atMs) {
      const base = firstKey(streamId, shardIndex);
      const key = selectSince.get(base, base + placesPerShard, atMs)?.key;
      return key === null || key === undefined ? undefined : Number(key) - base;
    },

    close: () => database.close(),
  };
}
