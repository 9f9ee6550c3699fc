import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveDay, dayAfter } from '../../lib/archive/archived-call.ts';
import type { AnswerRow } from '../../lib/archive/duckdb-archive.ts';
import type { ListEntry } from '../../lib/domain/listing/list-entry.ts';
import { TEXT_LANGUAGES } from '../../lib/domain/policy.ts';
import { studyPage } from '../../lib/study/report/study-page.ts';
import type { StudyResult } from '../../lib/study/study-result.ts';
import { readAnswer } from '../adapters/athena-answers.ts';
import {
  createAthenaClient,
  createDynamoDBClient,
  createLambdaClient,
  createPatientLambdaClient,
  createS3Client,
} from '../adapters/aws-clients.ts';
import { createBriefMemory } from '../adapters/brief-memory.ts';
import { type CampaignFunctions, campaignEffects } from '../adapters/campaign-effects.ts';
import { createCampaignKeeper } from '../adapters/campaign-keeper.ts';
import { casesOfState } from '../adapters/cases-of-state.ts';
import { fromDeployedPolicies } from '../adapters/deployed-policies.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { AUDIT_KEPT_SECONDS, casesTable } from '../adapters/ladder-stores.ts';
import { createListingsTable } from '../adapters/listings-table.ts';
import { createListsTable } from '../adapters/lists-table.ts';
import { createItemReader } from '../adapters/read-items.ts';
import { createStudyFindingsTable } from '../adapters/study-findings-table.ts';
import { createStudyObjects, putStudyFile } from '../adapters/study-objects.ts';
import { createStateReader } from '../adapters/subject-states.ts';
import { countAll, lambdaHandler, logger } from '../adapters/telemetry.ts';
import { continueStudy, type StudyPorts, type StudyTurn } from './continue-study.ts';
import { type FeedPorts, feedFindings } from './feed-findings.ts';
import { type LiveWarnings, liveWarnings } from './live-warnings.ts';
import { measureNight, type NightPorts } from './measure-night.ts';
import { referenceOfCentre } from './reference-of-centre.ts';

const bucket = requiredSetting('ARCHIVE_BUCKET_NAME');
const subjects = requiredSetting('SUBJECTS_TABLE_NAME');
const lists = requiredSetting('LISTS_TABLE_NAME');
const profiles = requiredSetting('PROFILES_TABLE_NAME');
const utcOffsetMinutes = Number(requiredSetting('UTC_OFFSET_MINUTES'));
const s3 = createS3Client();
const athena = createAthenaClient();
const dynamoDB = createDynamoDBClient();

const cases = casesTable();
const officerLists = createListsTable(dynamoDB, lists, AUDIT_KEPT_SECONDS);
const campaigns: CampaignFunctions = {
  keep: createCampaignKeeper(createLambdaClient(), requiredSetting('CAMPAIGN_FUNCTION_NAME')),
  client: createPatientLambdaClient(),
  audienceFunction: requiredSetting('CAMPAIGN_AUDIENCE_FUNCTION_NAME'),
  onFailure: (message, details) => logger.warn(message, { details }),
};

const night: NightPorts = {
  cases: async (state, from) => (await casesOfState(cases, state, from)).found,
  caseNumbers,
  campaigns: (since) => campaignEffects(campaigns, since),
  states: createStateReader(createItemReader(dynamoDB), subjects),
};

async function caseNumbers(): Promise<readonly ListEntry[]> {
  const entries: ListEntry[] = [];
  let next: string | undefined;
  do {
    const page = await officerLists.entries('case-numbers', next === undefined ? {} : { next });
    entries.push(...page.items);
    next = page.next;
  } while (next !== undefined);
  return entries;
}

const feedPorts: FeedPorts = {
  findings: createStudyFindingsTable(dynamoDB, lists, AUDIT_KEPT_SECONDS),
  listings: createListingsTable(dynamoDB, profiles),
};

/** A study takes many turns, and each begins with all that the ones before had read. */
const TURNS_MS = 15 * 60_000;
const answersRead = createBriefMemory<readonly AnswerRow[]>(TURNS_MS);
const warningsRead = createBriefMemory<LiveWarnings>(TURNS_MS);

const objects = createStudyObjects(s3, bucket);

const ports: StudyPorts = {
  objects,
  question: (name) =>
    readFile(join(requiredSetting('LAMBDA_TASK_ROOT'), 'questions', `${name}.sql`), 'utf8'),
  readAnswer: (id) =>
    answersRead.recall(id, Date.now(), () =>
      readAnswer({ athena, s3, bucket, prefix: 'answers/' }, id),
    ),
  policy: fromDeployedPolicies((live) => live),
  reference: () =>
    referenceOfCentre(objects, ({ message }) => logger.warn('drift is not measured', { message })),
  warnings: (day) =>
    warningsRead.recall(day, Date.now(), () =>
      liveWarnings(dynamoDB, subjects, day, utcOffsetMinutes),
    ),
  measure: (result, warnings) => measureNight(result, warnings, night),
  publish,
  feed: (result, policy) => feedFindings(result, policy, feedPorts, Date.now()),
};

async function publish(result: StudyResult): Promise<void> {
  const put = (name: string, type: string, body: string) =>
    putStudyFile(s3, bucket, result.day, { name, type, body });
  await put('study.json', 'application/json', JSON.stringify(result));
  for (const language of TEXT_LANGUAGES) {
    await put(`report.${language}.html`, 'text/html; charset=utf-8', studyPage(result, language));
  }
}

/** Without a day, the one that ended last. A study that begins reads all anew. */
export const handler = lambdaHandler(async ({ day, ...turn }: Partial<StudyTurn>) => {
  const yesterday = dayAfter(archiveDay(Date.now() / 1000, utcOffsetMinutes), -1);
  if (turn.answers === undefined) {
    answersRead.clear();
    warningsRead.clear();
  }
  const answer = await continueStudy({ day: day ?? yesterday, ...turn }, ports);
  if ('found' in answer) {
    logger.info('a day was studied', answer);
    countAll({
      StudiesDone: 1,
      StudyCallersFound: answer.found.callers ?? 0,
      StudyFindingsWaiting: answer.fed.waiting,
      StudyFindingsListed: answer.fed.listed,
    });
  }
  return answer;
});
