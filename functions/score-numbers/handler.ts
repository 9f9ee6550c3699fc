import type { KinesisStreamEvent } from 'aws-lambda';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { createLegFolder } from '../../lib/domain/profile/fold-legs.ts';
import { createDynamoDBClient, createKinesisClient } from '../adapters/aws-clients.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { putRecords } from '../adapters/kinesis-records.ts';
import { createProfilesTable } from '../adapters/profiles-table.ts';
import { countAll, lambdaHandler } from '../adapters/telemetry.ts';
import { processLegs } from './process-legs.ts';

const DAY_SECONDS = 86_400;

const exposuresStream = requiredSetting('EXPOSURES_STREAM_NAME');
const retentionSeconds = Number(requiredSetting('PROFILE_RETENTION_DAYS')) * DAY_SECONDS;
const profiles = createProfilesTable(
  createDynamoDBClient(),
  requiredSetting('PROFILES_TABLE_NAME'),
);
const kinesis = createKinesisClient();
const fold = createLegFolder(loadDefaultPolicy());

export const handler = lambdaHandler((event: KinesisStreamEvent) =>
  processLegs(event, fold, retentionSeconds, {
    profiles,
    putExposures: (frames) => putRecords(kinesis, exposuresStream, frames),
    count: (counts) =>
      countAll({
        LegsApplied: counts.applied,
        DuplicateLegs: counts.duplicates,
        LateLegs: counts.late,
        RedeliveredLegs: counts.redelivered,
        RiskyCallersFound: counts.findings,
        ExposuresEmitted: counts.exposures,
      }),
  }),
);
