import { setTimeout as sleep } from 'node:timers/promises';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { officersOfLocalCloud } from '../../bin/replay/officers-of-local-cloud.ts';
import type { OfficersClient } from '../../lib/api/officers-client.ts';
import type { CallRecordInput } from '../../lib/domain/call-record.ts';
import type { LocalCloud } from '../../lib/local/local-cloud.ts';
import { endOfCalls, MORNING, swindlerCalls } from '../e2e/fraud-history.ts';

/** The local system as a game day breaks it, with the hands of operators, officers and administrators. */
export interface GameSystem {
  readonly cloud: LocalCloud;
  readonly firehose: FirehoseClient;
  readonly kinesis: KinesisClient;
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly stepFunctions: SFNClient;
  /** Pushes lines to the calls stream, some to a record, as an operator would: what is refused is pushed again. */
  push(lines: readonly string[]): Promise<void>;
  /** Numbers of people who were never called before. */
  newPeople(count: number): string[];
  /** Calls of a new swindler who is found out, and then talks with each of these people. */
  swindle(people: readonly string[]): string[];
  officer(name: string): Promise<OfficersClient>;
  /** The whole name of a function of the stack, by what its logical id begins with. */
  functionName(logicalId: string): string;
  /** The address of a queue of the stack, by what its logical id begins with. */
  queueUrl(logicalId: string): Promise<string>;
  /** Waits for a condition. @throws {Error} when it does not come true within 60 seconds */
  until(what: string, condition: () => boolean): Promise<void>;
  close(): void;
}

const LINES_PER_RECORD = 10;
const RECORDS_PER_REQUEST = 100;
/** Calls after which a swindler is known. */
const FOUND_OUT = 14;
const TALK_SECONDS = 420;
const CALL_EVERY_MS = 480_000;
const LONGEST_WAIT_MS = 60_000;
const LOOK_MS = 20;

function payloadsOf(lines: readonly string[]): Buffer[] {
  return Array.from({ length: Math.ceil(lines.length / LINES_PER_RECORD) }, (_, i) =>
    Buffer.from(lines.slice(i * LINES_PER_RECORD, (i + 1) * LINES_PER_RECORD).join('\n')),
  );
}

/** Takes hold of a local cloud that runs. */
export function gameSystem(cloud: LocalCloud): GameSystem {
  const { credentials, endpoint, outputs, region } = cloud;
  const config = { credentials, endpoint, region };
  const kinesis = new KinesisClient(config);
  const sqs = new SQSClient(config);
  const clients = {
    firehose: new FirehoseClient(config),
    kinesis,
    lambda: new LambdaClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    sqs,
    stepFunctions: new SFNClient(config),
  };
  let people = 0;
  let swindlers = 0;
  let officers: Promise<(name: string) => OfficersClient> | undefined;

  const put = async (payloads: readonly Buffer[]): Promise<Buffer[]> => {
    const { Records = [] } = await kinesis.send(
      new PutRecordsCommand({
        StreamName: outputs.CallsStreamName,
        Records: payloads.map((Data) => ({ Data, PartitionKey: 'operator' })),
      }),
    );
    return payloads.filter((_, i) => Records[i]?.ErrorCode !== undefined);
  };

  return {
    cloud,
    ...clients,
    async push(lines) {
      const payloads = payloadsOf(lines);
      for (let i = 0; i < payloads.length; i += RECORDS_PER_REQUEST) {
        let rest = payloads.slice(i, i + RECORDS_PER_REQUEST);
        while (rest.length > 0) rest = await put(rest);
      }
    },
    newPeople: (count) =>
      Array.from({ length: count }, () => `1385${String(1_000_000 + people++)}`),
    swindle(reached) {
      swindlers += 1;
      const caller = `1391113${1_000 + swindlers}`;
      const from = endOfCalls(FOUND_OUT, MORNING);
      const talks = reached.map(
        (callee, i): CallRecordInput => ({
          callId: `${caller}-${callee}`,
          caller,
          callee,
          start: from + i * CALL_EVERY_MS,
          duration: TALK_SECONDS,
          answered: true,
        }),
      );
      return [...swindlerCalls(caller, FOUND_OUT), ...talks].map((call) => JSON.stringify(call));
    },
    async officer(name) {
      officers ??= officersOfLocalCloud(cloud);
      return (await officers)(name);
    },
    functionName(logicalId) {
      const name = Object.keys(cloud.usedActions()).find((one) => one.includes(`-${logicalId}`));
      if (name === undefined) throw new Error(`The stack has no function ${logicalId}`);
      return name;
    },
    async queueUrl(logicalId) {
      const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
      const name = QueueUrls.find((url) => url.includes(logicalId))
        ?.split('/')
        .at(-1);
      if (name === undefined) throw new Error(`The stack has no queue ${logicalId}`);
      return `${endpoint}/${cloud.accountId}/${name}`;
    },
    async until(what, condition) {
      const deadline = performance.now() + LONGEST_WAIT_MS;
      while (!condition()) {
        if (performance.now() > deadline) throw new Error(`It did not come to this: ${what}`);
        await sleep(LOOK_MS);
      }
    },
    close() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
