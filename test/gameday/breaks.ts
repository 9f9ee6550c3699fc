import { PutRecordCommand } from '@aws-sdk/client-firehose';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import {
  DeleteFunctionConcurrencyCommand,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SetSMSAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { PurgeQueueCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { logTextDeliveries } from '../../bin/replay/local-stack.ts';
import type { SmsEnd } from '../../lib/local/services/sms-inbox.ts';
import { MORNING } from '../e2e/fraud-history.ts';
import type { GameSystem } from './system.ts';

/** One way to break the system, and to mend it as the runbook says. */
export interface Break {
  readonly name: string;
  /** What is broken, in a sentence. */
  readonly what: string;
  /** Alarms that have to go off, by their names without the stack's. */
  readonly expected: readonly string[];
  readonly start: (system: GameSystem) => Promise<void>;
  /** Says what was done. */
  readonly mend: (system: GameSystem) => Promise<string>;
}

/** Enough of anything that is counted from 20 on. */
const CROWD = 30;
/** More faults than a break can use up; what is left is forgotten when it is mended. */
const ALWAYS = 100_000;

/** Calls between people of whom nobody calls twice. */
const goodCalls = (system: GameSystem, count: number): string[] =>
  system.newPeople(count).map((callee, i) =>
    JSON.stringify({
      callId: `good-${callee}`,
      caller: `136${callee.slice(3)}`,
      callee,
      start: MORNING + i * 1_000,
      duration: 60,
      answered: true,
    }),
  );

async function swindleCrowd(system: GameSystem, end?: SmsEnd): Promise<void> {
  const people = system.newPeople(CROWD);
  for (const person of people) {
    if (end !== undefined) system.cloud.inbox.letTextsEnd(`+86${person}`, end);
  }
  await system.push(system.swindle(people));
}

/** Lets an action of AWS fail until it is mended. */
function refusing(
  action: string,
  fault: { code: string; status?: number },
): Pick<Break, 'start' | 'mend'> {
  return {
    start: async ({ cloud }) => cloud.faults.failNext(action, fault, ALWAYS),
    async mend({ cloud }) {
      cloud.faults.mend(action);
      return `${action} is answered again; what waited was worked off by itself`;
    },
  };
}

const tableRefuses = refusing('dynamodb:BatchExecuteStatement', {
  code: 'ProvisionedThroughputExceededException',
});
const transactionsRefused = refusing('dynamodb:TransactWriteItems', {
  code: 'InternalServerError',
  status: 500,
});
const bucketRefuses = refusing('s3:PutObject', { code: 'AccessDenied', status: 403 });
const queriesFail = refusing('dynamodb:Query', { code: 'InternalServerError', status: 500 });

/** Puts what Lambda gave up on the stream again, and deletes it, as the runbook says. */
async function replayAbandoned(
  { cloud, kinesis, s3 }: GameSystem,
  stream: string,
): Promise<number> {
  const Bucket = cloud.outputs.QuarantineBucketName;
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket, Prefix: 'aws/lambda/' }),
  );
  let replayed = 0;
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const { payload } = JSON.parse((await Body?.transformToString()) ?? '{}') as {
      payload: string;
    };
    const { Records } = JSON.parse(payload) as {
      Records: { kinesis: { data: string; partitionKey: string } }[];
    };
    await kinesis.send(
      new PutRecordsCommand({
        StreamName: stream,
        Records: Records.map(({ kinesis: { data, partitionKey } }) => ({
          Data: Buffer.from(data, 'base64'),
          PartitionKey: partitionKey,
        })),
      }),
    );
    await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    replayed += Records.length;
  }
  return replayed;
}

const BAD_RECORDS: Break = {
  name: 'bad-records',
  what: 'an operator’s export is cut off: three calls in five are no JSON',
  expected: ['quarantine-rate'],
  async start(system) {
    const cutOff = Array.from({ length: 90 }, () => '{"caller":"1380013');
    await system.push([...goodCalls(system, 60), ...cutOff]);
  },
  async mend(system) {
    await system.push(goodCalls(system, 150));
    return 'the operator pushes whole records again';
  },
};

const STREAM_FULL: Break = {
  name: 'stream-full',
  what: 'the calls stream takes no more records for a moment',
  expected: ['calls-pushes-refused'],
  async start(system) {
    const fault = { code: 'ProvisionedThroughputExceededException' };
    system.cloud.faults.failNext('kinesis:PutRecords record', fault, 5);
    await system.push(goodCalls(system, 100));
  },
  async mend({ cloud }) {
    cloud.faults.mend('kinesis:PutRecords record');
    return 'the producer pushed the refused records again';
  },
};

const TABLE_REFUSES: Break = {
  name: 'table-refuses',
  what: 'the table of profiles refuses every write for want of capacity',
  expected: ['legs-iterator-age'],
  async start(system) {
    await tableRefuses.start(system);
    await system.push(goodCalls(system, 50));
  },
  mend: tableRefuses.mend,
};

const STORE_DOWN: Break = {
  name: 'store-down',
  what: 'no transaction of the table of subjects succeeds until Lambda gives up on exposures',
  expected: ['exposures-abandoned'],
  async start(system) {
    await transactionsRefused.start(system);
    await system.push(system.swindle(system.newPeople(3)));
  },
  async mend(system) {
    await transactionsRefused.mend(system);
    const before = system.cloud.inbox.texts.length;
    const stream = system.cloud.outputs.ExposuresStreamName ?? '';
    const replayed = await replayAbandoned(system, stream);
    await system.until(
      'people are texted after all',
      () => system.cloud.inbox.texts.length > before,
    );
    return `${replayed} records were put back from quarantine, and their people are texted`;
  },
};

const FUNCTION_CRASHES: Break = {
  name: 'function-crashes',
  what: 'intake is killed in the middle of its work',
  expected: ['intake-errors'],
  async start(system) {
    const lines = goodCalls(system, 2_000);
    const pushing = system.push(lines);
    await system.until(
      'intake is killed while it works',
      () => system.cloud.killFunction('intake') > 0,
    );
    await pushing;
  },
  mend: async () => 'Lambda started it afresh and tried the batch again',
};

const FUNCTION_STOPPED: Break = {
  name: 'function-stopped',
  what: 'somebody reserves no concurrency at all for send-warnings',
  expected: ['send-warnings-throttles'],
  async start(system) {
    const FunctionName = system.functionName('SendWarnings');
    await system.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }),
    );
    await system.push(system.swindle(system.newPeople(2)));
  },
  async mend(system) {
    const FunctionName = system.functionName('SendWarnings');
    const before = system.cloud.inbox.texts.length;
    await system.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    await system.until(
      'people are texted after all',
      () => system.cloud.inbox.texts.length > before,
    );
    return 'the reserve is deleted, and the warnings that waited are texted';
  },
};

const TEXTS_THROTTLED: Break = {
  name: 'spending-limit',
  what: 'SNS has reached the monthly spending limit',
  expected: ['warnings-deferred'],
  async start(system) {
    system.cloud.inbox.failNext('SpendLimitExceeded', CROWD - 5);
    await swindleCrowd(system);
  },
  mend: async () => 'the limit is raised; the queue brings the deferred warnings back',
};

const DEAD_LETTERS: Break = {
  name: 'dead-letters',
  what: 'a deferred warning failed to the end: it is put where SQS puts it then',
  expected: ['warnings-dead-letters'],
  async start(system) {
    const QueueUrl = await system.queueUrl('SendWarningsDeadLetters');
    const MessageBody = JSON.stringify({ subject: 'nobody', id: 'none' });
    await system.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  },
  async mend(system) {
    const QueueUrl = await system.queueUrl('SendWarningsDeadLetters');
    await system.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    return 'the message names nobody: it is thrown away';
  },
};

const TEXTS_BLOCKED: Break = {
  name: 'texts-blocked',
  what: 'a carrier’s filter takes the texts for spam',
  expected: ['texts-failing', 'texts-failing-carrier-china-mobile'],
  start: (system) => swindleCrowd(system, 'spam'),
  mend: async () => 'the carrier allows the sender: texts to new people arrive',
};

const NO_REPORTS: Break = {
  name: 'no-reports',
  what: 'somebody takes the role away by which SNS logs what becomes of texts',
  expected: ['texts-unreported'],
  async start(system) {
    const { credentials, endpoint, region } = system.cloud;
    const sns = new SNSClient({ credentials, endpoint, region });
    const attributes = { DeliveryStatusIAMRole: '' };
    await sns.send(new SetSMSAttributesCommand({ attributes }));
    sns.destroy();
    await swindleCrowd(system);
  },
  async mend(system) {
    await logTextDeliveries(system.cloud);
    await system.push(system.swindle(system.newPeople(2)));
    return 'the role is set again, and the next texts are reported';
  },
};

const LANDLINES: Break = {
  name: 'landlines',
  what: 'a swindler works through the landlines of an old quarter',
  expected: ['warnings-undeliverable'],
  start: (system) =>
    system.push(system.swindle(Array.from({ length: CROWD }, (_, i) => `028866${61_000 + i}`))),
  mend: async () => 'nothing is broken: their cases are on the call desk',
};

const CLUE_BURST: Break = {
  name: 'clue-burst',
  what: 'a number is reported by many within minutes',
  expected: ['clue-bursts'],
  async start(system) {
    const analyst = await system.officer('analyst');
    const when = new Date().toISOString();
    const clues = Array.from({ length: 25 }, (_, i) => ({
      number: '13911119932',
      kind: 'loan' as const,
      when,
      reference: `burst ${i}`,
    }));
    await analyst('importClues', { body: { clues } });
  },
  mend: async () => 'nothing is to be undone: a burst counts once',
};

const API_DOWN: Break = {
  name: 'api-down',
  what: 'the tables that the officers’ API asks do not answer',
  expected: ['api-failures'],
  async start(system) {
    const desk = await system.officer('desk-1');
    await desk('listTasks');
    await queriesFail.start(system);
    await Promise.allSettled(Array.from({ length: CROWD }, () => desk('listTasks')));
  },
  async mend(system) {
    await queriesFail.mend(system);
    const desk = await system.officer('desk-1');
    await desk('listTasks');
    return 'the tables answer, and so does the API';
  },
};

const ROWS_REFUSED: Break = {
  name: 'rows-refused',
  what: 'something else puts rows on the way to the archive that do not fit its table',
  expected: ['archive-refused'],
  async start({ cloud, firehose }) {
    const row = { day: '2026-11-02', bucket: '0', start: 'yesterday', duration: 'long' };
    await firehose.send(
      new PutRecordCommand({
        DeliveryStreamName: cloud.outputs.ArchiveDeliveryStreamName,
        Record: { Data: Buffer.from(JSON.stringify(row)) },
      }),
    );
    await cloud.deliverBuffered();
  },
  mend: async () => 'the other writer is stopped; the rows lie below failed/',
};

const BUCKET_REFUSES: Break = {
  name: 'bucket-refuses',
  what: 'somebody’s policy denies writing into the archive bucket',
  expected: ['archive-failing', 'archive-late'],
  async start(system) {
    await system.push(goodCalls(system, 20));
    await system.cloud.settled();
    await bucketRefuses.start(system);
    await system.cloud.deliverBuffered();
  },
  mend: bucketRefuses.mend,
};

const WORKFLOWS_FAIL: Break = {
  name: 'workflows-fail',
  what: 'a case is gone whose workflow starts; a workflow and a study are started in a wrong way',
  expected: ['dissuasion-failed', 'plan-move-errors', 'study-failed', 'study-day-errors'],
  async start({ cloud, stepFunctions }) {
    const { DailyStudyStateMachineArn, DissuasionStateMachineArn } = cloud.outputs;
    for (const [stateMachineArn, input] of [
      // Tried again for ten minutes: its function fails meanwhile.
      [DissuasionStateMachineArn, { caseId: 'gone' }],
      [DissuasionStateMachineArn, {}],
      [DailyStudyStateMachineArn, { day: 'yesterday' }],
    ] as const) {
      await stepFunctions.send(
        new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
      );
    }
  },
  mend: async () => 'nobody waits for either: there is nothing to redrive',
};

/** In the order in which they are played; the slowest last. */
export const BREAKS: readonly Break[] = [
  BAD_RECORDS,
  STREAM_FULL,
  TABLE_REFUSES,
  STORE_DOWN,
  FUNCTION_CRASHES,
  FUNCTION_STOPPED,
  TEXTS_THROTTLED,
  DEAD_LETTERS,
  LANDLINES,
  CLUE_BURST,
  API_DOWN,
  ROWS_REFUSED,
  BUCKET_REFUSES,
  TEXTS_BLOCKED,
  NO_REPORTS,
  WORKFLOWS_FAIL,
];

/**
 * How the stage of a game day differs from the local one. Minutes pass quickly and the machine does not work faster
 * for it, so that few things happen in a period: fewer are enough. Lag has to be one that somebody can wait for, one
 * source gives up soon and another does not, and nobody asks for the money of so many texts.
 */
export const GAMEDAY_SETTINGS = {
  sources: { legs: { retryAttempts: 1_000 }, exposures: { retryAttempts: 1 } },
  alarms: {
    iteratorAgeSeconds: 5,
    archiveDelaySeconds: 75,
    deferredWarnings: 5,
    undeliverableWarnings: 5,
    smsMonthlySpendUsd: 1_000,
  },
};
