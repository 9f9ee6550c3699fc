import type { KinesisStreamEvent } from 'aws-lambda';
import { createLegFolder } from '../../lib/domain/profile/fold-legs.ts';
import { createDynamoDBClient, createKinesisClient } from '../adapters/aws-clients.ts';
import { fromDeployedPolicies } from '../adapters/deployed-policies.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { putFindings } from '../adapters/findings-table.ts';
import { putRecords } from '../adapters/kinesis-records.ts';
import { pausingInOutage } from '../adapters/outage-pause.ts';
import { createProfilesTable } from '../adapters/profiles-table.ts';
import { countAll, lambdaHandler } from '../adapters/telemetry.ts';
import { processLegs } from './process-legs.ts';

const DAY_SECONDS = 86_400;

const exposuresStream = requiredSetting('EXPOSURES_STREAM_NAME');
const retentionSeconds = Number(requiredSetting('PROFILE_RETENTION_DAYS')) * DAY_SECONDS;
const subjectsTable = requiredSetting('SUBJECTS_TABLE_NAME');
const dynamoDB = createDynamoDBClient();
const profiles = createProfilesTable(dynamoDB, requiredSetting('PROFILES_TABLE_NAME'));
const kinesis = createKinesisClient();
const folder = fromDeployedPolicies((live, shadow) => createLegFolder(live, shadow));

export const handler = lambdaHandler(
  pausingInOutage(async (event: KinesisStreamEvent) =>
    processLegs(event, await folder(), retentionSeconds, {
      profiles,
      putExposures: (frames) => putRecords(kinesis, exposuresStream, frames),
      keepFindings: (findings) => putFindings(dynamoDB, subjectsTable, findings),
      count: (counts) =>
        countAll({
          LegsApplied: counts.applied,
          DuplicateLegs: counts.duplicates,
          LateLegs: counts.late,
          RedeliveredLegs: counts.redelivered,
          RiskyCallersFound: counts.findings,
          ShadowFindings: counts.shadowFindings,
          ExposuresEmitted: counts.exposures,
        }),
    }),
  ),
);
