import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, inject } from 'vitest';
import { LOCAL_STACK, logTextDeliveries } from '../../bin/replay/local-stack.ts';
import { createSealer, readSealingKeys, type Sealer } from '../../functions/adapters/sealing.ts';
import type { CallRecordInput } from '../../lib/domain/call-record.ts';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import { scanTable, type TableItem } from '../support/final-state.ts';

/** A pipeline on a local cloud, wherever that runs. */
export interface PipelineClient {
  /** Environment for command line tools that are to talk to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Pushes records (or raw lines), so many lines to a Kinesis record, in order. */
  push(records: readonly (CallRecordInput | string)[], linesPerRecord?: number): Promise<void>;
  pushRaw(data: Uint8Array): Promise<void>;
  /** Every item of a table. */
  scan(output: `${string}TableName`): Promise<TableItem[]>;
  sealer(): Promise<Sealer>;
  /** Ends the clients. */
  disconnect(): void;
}

/** The whole pipeline on the local cloud, as a test drives it. */
export interface LocalPipeline extends PipelineClient {
  readonly cloud: LocalCloud;
  readonly logs: readonly string[];
  close(): Promise<void>;
}

/** How to reach a local cloud, and what its stack put out. */
export type PipelineConnection = Pick<
  LocalCloud,
  'endpoint' | 'region' | 'credentials' | 'outputs'
>;

const RECORDS_PER_REQUEST = 100;

export function connectPipeline({
  credentials,
  endpoint,
  outputs,
  region,
}: PipelineConnection): PipelineClient {
  const config = { endpoint, region, credentials };
  const kinesis = new KinesisClient(config);
  const dynamodb = new DynamoDBClient(config);
  const put = async (payloads: readonly Uint8Array[]) => {
    await kinesis.send(
      new PutRecordsCommand({
        StreamName: outputs.CallsStreamName,
        Records: payloads.map((Data) => ({ Data, PartitionKey: 'test' })),
      }),
    );
  };
  return {
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    async push(records, linesPerRecord = 50) {
      const lines = records.map((record) =>
        typeof record === 'string' ? record : JSON.stringify(record),
      );
      const payloads: Uint8Array[] = [];
      for (let i = 0; i < lines.length; i += linesPerRecord) {
        payloads.push(Buffer.from(lines.slice(i, i + linesPerRecord).join('\n')));
      }
      for (let i = 0; i < payloads.length; i += RECORDS_PER_REQUEST) {
        await put(payloads.slice(i, i + RECORDS_PER_REQUEST));
      }
    },
    pushRaw: (data) => put([data]),
    scan: (output) => scanTable(dynamodb, outputs[output] ?? ''),
    async sealer() {
      const client = new SecretsManagerClient(config);
      try {
        return createSealer(await readSealingKeys(client, outputs.SealingSecretArn ?? ''));
      } finally {
        client.destroy();
      }
    },
    disconnect() {
      kinesis.destroy();
      dynamodb.destroy();
    },
  };
}

export async function startLocalPipeline(): Promise<LocalPipeline> {
  const logs: string[] = [];
  const cloud = await startLocalCloud({
    assemblyDir: inject('assemblyDir'),
    stackName: LOCAL_STACK,
    onLog: (name, line) => logs.push(`${name}: ${line}`),
  });
  await logTextDeliveries(cloud);
  const client = connectPipeline(cloud);
  return {
    ...client,
    cloud,
    logs,
    async close() {
      client.disconnect();
      await cloud.close();
      await keepAccessRecord(cloud);
    },
  };
}

/** Leaves what the roles did for the tests of permissions, which run after all others. */
async function keepAccessRecord(cloud: LocalCloud): Promise<void> {
  const file = `${basename(expect.getState().testPath ?? '')}.json`;
  const text = JSON.stringify(cloud.accessRecord());
  await writeFile(join(inject('accessRecordsDir'), file), text);
}
