import { readAnswer } from '../adapters/athena-answers.ts';
import {
  createAthenaClient,
  createDynamoDBClient,
  createKinesisClient,
  createS3Client,
} from '../adapters/aws-clients.ts';
import { fromDeployedPolicies } from '../adapters/deployed-policies.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { putRecords } from '../adapters/kinesis-records.ts';
import { createListingsTable } from '../adapters/listings-table.ts';
import { countAll, lambdaHandler, logger } from '../adapters/telemetry.ts';
import {
  type AnsweredSearch,
  type ExposeContactsPorts,
  exposeContacts,
} from './expose-contacts.ts';

const bucket = requiredSetting('ARCHIVE_BUCKET_NAME');
const exposuresStream = requiredSetting('EXPOSURES_STREAM_NAME');
const athena = createAthenaClient();
const s3 = createS3Client();
const kinesis = createKinesisClient();

const ports: ExposeContactsPorts = {
  listings: createListingsTable(createDynamoDBClient(), requiredSetting('PROFILES_TABLE_NAME')),
  policy: fromDeployedPolicies((live) => live),
  readAnswer: (id) => readAnswer({ athena, s3, bucket, prefix: 'answers/' }, id),
  putExposures: (frames) => putRecords(kinesis, exposuresStream, frames),
  now: Date.now,
};

export const handler = lambdaHandler(async (search: AnsweredSearch) => {
  const exposed = await exposeContacts(search, ports);
  logger.info('the archive was searched for the contacts of a case number', { ...exposed });
  countAll({ ContactsExposed: exposed.people, ContactCallsLeftOut: exposed.leftOut });
  return exposed;
});
