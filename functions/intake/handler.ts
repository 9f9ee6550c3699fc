import type { KinesisStreamEvent } from 'aws-lambda';
import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';
import {
  createKinesisClient,
  createS3Client,
  createSecretsManagerClient,
} from '../adapters/aws-clients.ts';
import { optionalSetting, requiredSetting } from '../adapters/environment.ts';
import { putRecords } from '../adapters/kinesis-records.ts';
import { pausingInOutage } from '../adapters/outage-pause.ts';
import { putQuarantine } from '../adapters/quarantine-bucket.ts';
import { createSealerOnce } from '../adapters/sealing.ts';
import { countAll, countBy, lambdaHandler, logger } from '../adapters/telemetry.ts';
import { processCalls } from './process-calls.ts';

const HOUR_MS = 3_600_000;
/** A replay of history takes records of any age since telephones keep records of this kind. */
const YEAR_2000_MS = Date.UTC(2000, 0, 1);

const legsStream = requiredSetting('LEGS_STREAM_NAME');
const quarantineBucket = requiredSetting('QUARANTINE_BUCKET_NAME');
const sealer = createSealerOnce(createSecretsManagerClient, requiredSetting('SEALING_SECRET_ARN'));
const retentionMs = Number(requiredSetting('RECORD_RETENTION_HOURS')) * HOUR_MS;
const maxFutureMs = Number(requiredSetting('MAX_FUTURE_SECONDS')) * 1000;
const onRecordsTime = optionalSetting('CLOCK') === 'records';
const normaliseNumber = createNumberNormaliser(requiredSetting('DEFAULT_COUNTRY'));

const kinesis = createKinesisClient();
const s3 = createS3Client();
export const handler = lambdaHandler(
  pausingInOutage(async (event: KinesisStreamEvent) => {
    const nowMs = Date.now();
    const context = {
      normaliseNumber,
      nowMs,
      retentionMs: onRecordsTime ? nowMs - YEAR_2000_MS : retentionMs,
      maxFutureMs,
    };
    return processCalls(event, context, await sealer(), {
      putLegs: (frames) => putRecords(kinesis, legsStream, frames),
      putQuarantine: (object) => putQuarantine(s3, quarantineBucket, object),
      count: ({ received, accepted, legs, rejected }) => {
        countAll({
          CallsReceived: received,
          CallsAccepted: accepted,
          CallsRejected: received - accepted,
          LegsEmitted: legs,
        });
        countBy('CallsRejected', 'reason', rejected);
      },
      onFailure: (message, cause) => logger.error(message, cause as Error),
    });
  }),
);
