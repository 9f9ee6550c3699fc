import type { DatabaseSync } from 'node:sqlite';

/** An invocation that nobody waits for. */
export interface KeptInvocation {
  readonly id: number;
  readonly functionName: string;
  readonly payload: string;
}

/** The queue of invocations that nobody waits for, until each has ended. */
export interface KeptInvocations {
  /** What an earlier run left. */
  left(): KeptInvocation[];
  add(functionName: string, payload: string): number;
  remove(id: number): void;
}

export function createKeptInvocations(database: DatabaseSync): KeptInvocations {
  database.exec(`
    CREATE TABLE IF NOT EXISTS invocations (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      function TEXT NOT NULL,
      payload TEXT NOT NULL
    )`);
  const insert = database.prepare('INSERT INTO invocations (function, payload) VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM invocations WHERE id = ?');
  return {
    left: () =>
      database
        .prepare('SELECT * FROM invocations ORDER BY id')
        .all()
        .map((row) => ({
          id: Number(row.id),
          functionName: String(row.function),
          payload: String(row.payload),
        })),
    add: (functionName, payload) => Number(insert.run(functionName, payload).lastInsertRowid),
    remove: (id) => void remove.run(id),
  };
}
