import type { DatabaseSync } from 'node:sqlite';
import { atomically } from './database.ts';

/** Rows that a delivery stream has taken and not delivered. */
export interface DeliveryRows {
  /** What an earlier run left, oldest first: buffers by the object that they are to become. */
  left(stream: string): KeptRow[];
  add(stream: string, partition: string, line: string): number;
  /** Keeps all rows that `work` adds, or none. */
  together<Result>(work: () => Result): Result;
  /** Names the object before it is written, so that a second try writes the same one. */
  name(ids: readonly number[], objectKey: string): void;
  remove(ids: readonly number[]): void;
  lines(ids: readonly number[]): string[];
}

export interface KeptRow {
  readonly id: number;
  readonly partition: string;
  readonly bytes: number;
  /** Of the delivery that was under way. */
  readonly objectKey: string | undefined;
}

export function createDeliveryRows(database: DatabaseSync): DeliveryRows {
  database.exec(`
    CREATE TABLE IF NOT EXISTS delivery_rows (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      stream TEXT NOT NULL,
      partition TEXT NOT NULL,
      object TEXT,
      line TEXT NOT NULL
    )`);
  const insert = database.prepare(
    'INSERT INTO delivery_rows (stream, partition, line) VALUES (?, ?, ?)',
  );
  const name = database.prepare(
    'UPDATE delivery_rows SET object = ? WHERE id IN (SELECT value FROM json_each(?))',
  );
  const remove = database.prepare(
    'DELETE FROM delivery_rows WHERE id IN (SELECT value FROM json_each(?))',
  );
  const select = database.prepare(
    'SELECT line FROM delivery_rows WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id',
  );
  return {
    left: (stream) =>
      database
        .prepare(
          'SELECT id, partition, object, length(line) AS bytes FROM delivery_rows WHERE stream = ? ORDER BY id',
        )
        .all(stream)
        .map((row) => ({
          id: Number(row.id),
          partition: String(row.partition),
          bytes: Number(row.bytes),
          objectKey: row.object === null ? undefined : String(row.object),
        })),
    add: (stream, partition, line) => Number(insert.run(stream, partition, line).lastInsertRowid),
    together: (work) => atomically(database, work),
    name: (ids, objectKey) => void name.run(objectKey, JSON.stringify(ids)),
    remove: (ids) => void remove.run(JSON.stringify(ids)),
    lines: (ids) => select.all(JSON.stringify(ids)).map((row) => String(row.line)),
  };
}
