import { createRequire } from 'node:module';
import { DatabaseSync } from 'node:sqlite';
import { LocalCloudError } from '../errors.ts';
import { findFreePort } from './free-port.ts';
import { type GuardedProcess, spawnGuarded } from './guarded-process.ts';

export interface DynamoDbProcess {
  port: number;
  pid: number | undefined;
  stop(): Promise<void>;
}

function findBinary(): string {
  try {
    return createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
  } catch (cause) {
    throw new LocalCloudError(
      'platform-unsupported',
      `The local DynamoDB runs on linux-x64 only, this is ${process.platform}-${process.arch} (or npm ci left out optional packages)`,
      { cause },
    );
  }
}

/** Starts dynoxide on a database file; resolves when it takes requests. */
export async function startDynamoDbProcess(file: string): Promise<DynamoDbProcess> {
  const port = await findFreePort();
  const child: GuardedProcess = spawnGuarded(findBinary(), [
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--db-path',
    file,
  ]);
  try {
    await child.printed('listening on');
  } catch (cause) {
    throw new LocalCloudError('database-failed', 'The local DynamoDB did not start', { cause });
  }
  return { port, pid: child.pid, stop: () => child.stop() };
}

const indexName = 'forewarn_stream_order';

/**
 * Gives dynoxide's table of stream records an index. Without it every write to a table with a
 * stream scans all stream records. The process must not be running.
 *
 * @throws LocalCloudError `database-failed` when the index cannot be made.
 */
export function indexStreamRecords(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec(
      `CREATE INDEX IF NOT EXISTS ${indexName} ON _stream_records(table_name, CAST(sequence_number AS INTEGER))`,
    );
    const made = database
      .prepare("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?")
      .get(indexName);
    if (made === undefined) {
      throw new LocalCloudError('database-failed', 'The index on stream records was not made');
    }
  } catch (cause) {
    if (cause instanceof LocalCloudError) throw cause;
    throw new LocalCloudError('database-failed', 'Cannot index the stream records', { cause });
  } finally {
    database.close();
  }
}
