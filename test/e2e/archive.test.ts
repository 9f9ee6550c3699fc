import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Sealer, sealNumber } from '../../functions/adapters/sealing.ts';
import { liveWarnings } from '../../functions/study-day/live-warnings.ts';
import { dayAfter, startOfDay } from '../../lib/archive/archived-call.ts';
import { fillQuestion } from '../../lib/archive/question.ts';
import { readQuestion } from '../../lib/archive/read-question.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { simulateMorning } from '../../lib/simulation/simulate-morning.ts';
import { DuckDbStudyArchive } from '../../lib/study/duckdb-study-archive.ts';
import { loadDefaultReference } from '../../lib/study/measures/read-reference.ts';
import { whoseHoursAreOver } from '../../lib/study/measures/texted-people.ts';
import { studyDay } from '../../lib/study/study-day.ts';
import type { StudyResult } from '../../lib/study/study-result.ts';
import { STUDY_TABLES } from '../../lib/study/study-tables.ts';
import {
  CHENGDU_OFFSET,
  type ExpectedCall,
  expectedCalls,
  importRecords,
  temporaryArchive,
} from '../archive/simulated-archive.ts';
import { type LocalPipeline, startLocalPipeline } from './local-pipeline.ts';

const RECORDS = [...simulateMorning({ seed: 21, calls: 400 }).records()];

/** Of a mobile number; so many are met by no other column by chance. */
const DIGITS = 11;

const NIGHT_DEADLINE_MS = 60_000;

let pipeline: LocalPipeline;
let athena: AthenaClient;
let workflows: SFNClient;
let s3: S3Client;
let dynamoDB: DynamoDBClient;
let sealer: Sealer;

beforeAll(async () => {
  pipeline = await startLocalPipeline();
  const { credentials, endpoint, region } = pipeline.cloud;
  const config = { credentials, endpoint, region };
  athena = new AthenaClient(config);
  workflows = new SFNClient(config);
  s3 = new S3Client({ ...config, forcePathStyle: true });
  dynamoDB = new DynamoDBClient(config);
  sealer = await pipeline.sealer();
});

afterAll(async () => {
  for (const client of [athena, dynamoDB, workflows, s3]) client?.destroy();
  await pipeline?.close();
});

async function ask(sql: string): Promise<Record<string, string | undefined>[]> {
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      WorkGroup: pipeline.cloud.outputs.ArchiveWorkGroupName,
      QueryExecutionContext: { Database: pipeline.cloud.outputs.ArchiveDatabaseName },
    }),
  );
  await vi.waitFor(async () => {
    const { QueryExecution } = await athena.send(
      new GetQueryExecutionCommand({ QueryExecutionId }),
    );
    const { State, StateChangeReason } = QueryExecution?.Status ?? {};
    if (State === 'FAILED') throw new Error(StateChangeReason);
    expect(State).toBe('SUCCEEDED');
  }, 60_000);
  const rows: (string | undefined)[][] = [];
  let NextToken: string | undefined;
  do {
    const page = await athena.send(new GetQueryResultsCommand({ QueryExecutionId, NextToken }));
    NextToken = page.NextToken;
    for (const { Data } of page.ResultSet?.Rows ?? []) {
      rows.push((Data ?? []).map(({ VarCharValue }) => VarCharValue));
    }
  } while (NextToken !== undefined);
  const [names = [], ...values] = rows;
  return values.map((row) => Object.fromEntries(names.map((name, i) => [name ?? '', row[i]])));
}

/** Runs a workflow of the night to its end, and answers what it put out. */
async function night(workflow: 'ArchiveCompaction' | 'DailyStudy', input = {}): Promise<unknown> {
  const { executionArn } = await workflows.send(
    new StartExecutionCommand({
      stateMachineArn: pipeline.cloud.outputs[`${workflow}StateMachineArn`],
      input: JSON.stringify(input),
    }),
  );
  return vi.waitFor(async () => {
    const { cause, error, output, status } = await workflows.send(
      new DescribeExecutionCommand({ executionArn }),
    );
    if (status === 'FAILED') throw new Error(`${error}: ${cause}`);
    expect(status).toBe('SUCCEEDED');
    return JSON.parse(output ?? 'null') as unknown;
  }, NIGHT_DEADLINE_MS);
}

/** What the archive has to hold of the records, with the stack's own seals. */
function wanted(): ExpectedCall[] {
  return expectedCalls(RECORDS, (party) => sealNumber(party, sealer)).sort(byText);
}

const byText = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
const flag = (text: string | undefined) => (text === undefined ? null : text === 'true');

async function archivedCalls(): Promise<ExpectedCall[]> {
  const rows = await ask(
    `SELECT caller, callee, start, duration, answered, international, caller_is_service,
       callee_is_service, district, handset, day FROM calls`,
  );
  return rows
    .map(
      (row): ExpectedCall => ({
        caller: row.caller ?? '',
        callee: row.callee ?? '',
        start: Number(row.start),
        duration: row.duration === undefined ? null : Number(row.duration),
        answered: flag(row.answered),
        international: row.international === 'true',
        callerIsService: row.caller_is_service === 'true',
        calleeIsService: row.callee_is_service === 'true',
        district: Number(row.district),
        knownHandset: Number(row.handset) > 0,
        day: row.day ?? '',
      }),
    )
    .sort(byText);
}

describe('calls that were pushed', () => {
  test('are in the archive, one row each after the night, and sealed', async () => {
    // Firehose refuses some, as it may: none is lost.
    pipeline.cloud.faults.failNext(
      'firehose:PutRecordBatch record',
      { code: 'ServiceUnavailableException' },
      2,
    );
    await pipeline.push(RECORDS);
    // An operator's repeat of all, as after a broken connection.
    await pipeline.push(RECORDS.slice(0, 300));
    await pipeline.cloud.settled();
    await pipeline.cloud.deliverBuffered();
    const [{ records } = {}] = await ask('SELECT count(*) AS records FROM call_records');
    expect(Number(records)).toBeGreaterThan(wanted().length);
    expect(await archivedCalls()).toEqual([]);

    await night('ArchiveCompaction');
    expect(await archivedCalls()).toEqual(wanted());
    await expectNoClearNumbers();

    // The same night again changes nothing.
    await night('ArchiveCompaction');
    expect(await archivedCalls()).toEqual(wanted());
    const [first] = wanted();
    const contacts = fillQuestion(await readQuestion('contacts-of-number'), {
      number: first?.caller ?? '',
      firstDay: '2026-11-01',
    });
    const people = (await ask(contacts)).map(({ contact }) => contact);
    expect(people).toContain(first?.callee);
    const trouble = /not authorized|not delivered|cannot judge|-failed:/;
    expect(pipeline.logs.filter((line) => trouble.test(line))).toEqual([]);
  }, 240_000);
});

describe('the study of a day', () => {
  test('comes to the same by Athena, statement by statement, as in a folder, and is written down', async () => {
    const [first] = wanted();
    const day = first?.day ?? '';
    const policy = loadDefaultPolicy();
    const warnings = await liveWarnings(
      dynamoDB,
      pipeline.cloud.outputs.SubjectsTableName ?? '',
      day,
      CHENGDU_OFFSET,
    );
    await using archive = await temporaryArchive();
    await importRecords(archive, RECORDS, { tokenOf: (party) => sealNumber(party, sealer) });
    const known = [...warnings.callers.keys()];
    const reference = loadDefaultReference();
    const { measures: folder, ...expected } = await studyDay(
      await DuckDbStudyArchive.open(archive),
      { day, policy, known, reference },
    );

    // What a statement that failed half-way left behind.
    for (const { name } of STUDY_TABLES) {
      const Key = `${name}/day=${day}/left-behind.parquet`;
      const Bucket = pipeline.cloud.outputs.ArchiveBucketName;
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'half a file' }));
    }

    // So few calls show people at risk and no caller, so that there is nobody to hand on, either.
    const { groups, subjects } = expected;
    expect(subjects.length).toBeGreaterThan(0);
    expect(await night('DailyStudy', { day })).toEqual({
      day,
      found: { callers: 0, groups: groups.length, subjects: subjects.length },
      fed: { waiting: 0, listed: 0, refused: 0 },
    });
    const { measures, ...found } = JSON.parse(await studyFile(day, 'study.json')) as StudyResult;
    expect(found).toEqual(JSON.parse(JSON.stringify(expected)));
    expect(measures).toMatchObject({ precision: {}, queues: {}, missed: {}, campaigns: [] });
    expect(measures?.drift?.callers).toBeGreaterThan(0);
    expect(measures?.drift).toEqual(folder?.drift);
    for (const language of ['zh-CN', 'en']) {
      expect(await studyFile(day, `report.${language}.html`)).toContain(
        `<html lang="${language}">`,
      );
    }
    await expectNoClearNumbers();
  }, 120_000);
});

describe('the study of the next day', () => {
  test('measures what texts changed, by what is remembered of the people texted', async () => {
    const [first] = wanted();
    const day = dayAfter(first?.day ?? '', 1);
    const start = (startOfDay(day, CHENGDU_OFFSET) + 9 * 3_600) * 1000;
    await pipeline.push([...simulateMorning({ seed: 22, calls: 60, start }).records()]);
    await pipeline.cloud.settled();
    await pipeline.cloud.deliverBuffered();
    await night('ArchiveCompaction');
    await night('DailyStudy', { day });
    const { measures } = JSON.parse(await studyFile(day, 'study.json')) as StudyResult;
    const { people } = await liveWarnings(
      dynamoDB,
      pipeline.cloud.outputs.SubjectsTableName ?? '',
      day,
      CHENGDU_OFFSET,
    );
    const { texted } = whoseHoursAreOver(people, startOfDay(dayAfter(day, 1), CHENGDU_OFFSET));
    expect(texted.length).toBeGreaterThan(0);
    expect(measures?.textEffect?.people).toBe(texted.length);
    // They were texted because of calls just before.
    expect(measures?.textEffect?.before.calls).toBeGreaterThan(0);
  }, 120_000);
});

async function studyFile(day: string, name: string): Promise<string> {
  const { Body } = await s3.send(
    new GetObjectCommand({
      Bucket: pipeline.cloud.outputs.ArchiveBucketName,
      Key: `studies/day=${day}/${name}`,
    }),
  );
  return (await Body?.transformToString()) ?? '';
}

/** Reads every byte that the bucket has: the columns are compressed, so the tables are asked as text, too. */
async function expectNoClearNumbers(): Promise<void> {
  const bucket = pipeline.cloud.outputs.ArchiveBucketName;
  const clear = new Set(
    RECORDS.flatMap((record) =>
      typeof record === 'string' ? [] : [record.caller, record.callee],
    ).map((number) => number.replace(/\D/g, '').slice(-DIGITS)),
  );
  let objects = 0;
  for await (const { Contents } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
    for (const { Key = '' } of Contents ?? []) {
      objects++;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      expectNone(clear, `${Key}\n${await Body?.transformToString('latin1')}`);
    }
  }
  expect(objects).toBeGreaterThan(8);
  for (const table of ['calls', 'call_records']) {
    expectNone(clear, JSON.stringify(await ask(`SELECT * FROM ${table}`)));
  }
}

function expectNone(clear: ReadonlySet<string>, text: string): void {
  const found = [...text.matchAll(/\d+/g)].filter(([digits]) => {
    for (let i = 0; i + DIGITS <= digits.length; i++)
      if (clear.has(digits.slice(i, i + DIGITS))) return true;
    return false;
  });
  expect(found.map(([digits]) => digits)).toEqual([]);
}
