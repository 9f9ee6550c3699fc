import type { DatabaseSync } from 'node:sqlite';
import type { JsonValue } from '../json-value.ts';
import type { HistoryEvent } from '../workflows/execution-history.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** An execution as it began, and as it ended if it has. */
export interface KeptExecution {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  /** JSON text as it was given. */
  readonly input: string;
  readonly status: ExecutionStatus;
  readonly startedAt: Date;
  readonly endedAt?: Date;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly history: readonly HistoryEvent[];
}

/** How a task ended; a task of which nothing stands was under way. */
export type TaskOutcome =
  | { readonly type: 'output'; readonly output: JsonValue }
  | {
      readonly type: 'error';
      readonly name: string;
      readonly cause: string;
      readonly recoverable: boolean;
    }
  | { readonly type: 'timeout' };

export interface KeptTask {
  readonly id: number;
  /** State and input: what tells one task from the others of an execution. */
  readonly key: string;
  /** Epoch milliseconds. */
  readonly enteredAt: number;
  readonly token: string | undefined;
  /** Whether the function took the token. */
  readonly invoked: boolean;
  readonly outcome: TaskOutcome | undefined;
}

export interface KeptWait {
  readonly id: number;
  readonly state: string;
  /** Epoch milliseconds. */
  readonly enteredAt: number;
  readonly done: boolean;
}

/** Executions of workflows, and what those under way have done so far. */
export interface KeptExecutions {
  /** Oldest first. */
  all(): KeptExecution[];
  add(execution: KeptExecution): void;
  /** Keeps the end and forgets the way to it. */
  end(execution: KeptExecution): void;
  tasks(executionArn: string): KeptTask[];
  addTask(executionArn: string, key: string, enteredAt: number): number;
  keepToken(taskId: number, token: string): void;
  keepInvoked(taskId: number): void;
  keepOutcome(taskId: number, outcome: TaskOutcome): void;
  waits(executionArn: string): KeptWait[];
  addWait(executionArn: string, state: string, enteredAt: number): number;
  endWait(waitId: number): void;
}

type Row = Record<string, unknown>;

const textOf = (value: unknown): string | undefined => (value === null ? undefined : String(value));

function executionOf(row: Row): KeptExecution {
  const optional = { output: row.output, error: row.error, cause: row.cause };
  return {
    arn: String(row.arn),
    name: String(row.name),
    stateMachineArn: String(row.machine),
    input: String(row.input),
    status: String(row.status) as ExecutionStatus,
    startedAt: new Date(Number(row.started_at)),
    ...(row.ended_at === null ? {} : { endedAt: new Date(Number(row.ended_at)) }),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)),
    history: JSON.parse(String(row.history)) as HistoryEvent[],
  };
}

function taskOf(row: Row): KeptTask {
  const outcome = textOf(row.outcome);
  return {
    id: Number(row.id),
    key: String(row.key),
    enteredAt: Number(row.entered_at),
    token: textOf(row.token),
    invoked: row.invoked === 1,
    outcome: outcome === undefined ? undefined : (JSON.parse(outcome) as TaskOutcome),
  };
}

export function createKeptExecutions(database: DatabaseSync): KeptExecutions {
  database.exec(`
    CREATE TABLE IF NOT EXISTS executions (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      arn TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      machine TEXT NOT NULL,
      input TEXT NOT NULL,
      status TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      output TEXT,
      error TEXT,
      cause TEXT,
      history TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS execution_tasks (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      execution TEXT NOT NULL,
      key TEXT NOT NULL,
      entered_at INTEGER NOT NULL,
      token TEXT,
      invoked INTEGER NOT NULL DEFAULT 0,
      outcome TEXT
    );
    CREATE INDEX IF NOT EXISTS tasks_of_execution ON execution_tasks (execution);
    CREATE TABLE IF NOT EXISTS execution_waits (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      execution TEXT NOT NULL,
      state TEXT NOT NULL,
      entered_at INTEGER NOT NULL,
      done INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX IF NOT EXISTS waits_of_execution ON execution_waits (execution);`);
  const addTask = database.prepare(
    'INSERT INTO execution_tasks (execution, key, entered_at) VALUES (?, ?, ?)',
  );
  const keepOutcome = database.prepare('UPDATE execution_tasks SET outcome = ? WHERE id = ?');
  const keepToken = database.prepare('UPDATE execution_tasks SET token = ? WHERE id = ?');
  const keepInvoked = database.prepare('UPDATE execution_tasks SET invoked = 1 WHERE id = ?');
  return {
    all: () => database.prepare('SELECT * FROM executions ORDER BY id').all().map(executionOf),
    add: ({ arn, input, name, startedAt, stateMachineArn, status }) =>
      void database
        .prepare(
          `INSERT INTO executions (arn, name, machine, input, status, started_at, history)
           VALUES (?, ?, ?, ?, ?, ?, '[]')`,
        )
        .run(arn, name, stateMachineArn, input, status, startedAt.getTime()),
    end({ arn, cause, endedAt, error, history, output, status }) {
      database
        .prepare(
          `UPDATE executions
           SET status = ?, ended_at = ?, output = ?, error = ?, cause = ?, history = ? WHERE arn = ?`,
        )
        .run(
          status,
          endedAt?.getTime() ?? null,
          output ?? null,
          error ?? null,
          cause ?? null,
          JSON.stringify(history),
          arn,
        );
      database.prepare('DELETE FROM execution_tasks WHERE execution = ?').run(arn);
      database.prepare('DELETE FROM execution_waits WHERE execution = ?').run(arn);
    },
    tasks: (arn) =>
      database
        .prepare('SELECT * FROM execution_tasks WHERE execution = ? ORDER BY id')
        .all(arn)
        .map(taskOf),
    addTask: (arn, key, enteredAt) => Number(addTask.run(arn, key, enteredAt).lastInsertRowid),
    keepToken: (id, token) => void keepToken.run(token, id),
    keepInvoked: (id) => void keepInvoked.run(id),
    keepOutcome: (id, outcome) => void keepOutcome.run(JSON.stringify(outcome), id),
    waits: (arn) =>
      database
        .prepare('SELECT * FROM execution_waits WHERE execution = ? ORDER BY id')
        .all(arn)
        .map((row) => ({
          id: Number(row.id),
          state: String(row.state),
          enteredAt: Number(row.entered_at),
          done: row.done === 1,
        })),
    addWait: (arn, state, enteredAt) =>
      Number(
        database
          .prepare('INSERT INTO execution_waits (execution, state, entered_at) VALUES (?, ?, ?)')
          .run(arn, state, enteredAt).lastInsertRowid,
      ),
    endWait: (id) =>
      void database.prepare('UPDATE execution_waits SET done = 1 WHERE id = ?').run(id),
  };
}
