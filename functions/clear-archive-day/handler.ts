import { clearCallsOfDay } from '../adapters/archive-bucket.ts';
import { createS3Client } from '../adapters/aws-clients.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { lambdaHandler, logger } from '../adapters/telemetry.ts';

const bucket = requiredSetting('ARCHIVE_BUCKET_NAME');
const s3 = createS3Client();

export const handler = lambdaHandler(async ({ day }: { readonly day: string }) => {
  const cleared = await clearCallsOfDay(s3, bucket, day);
  logger.info('a day of the archive is about to be written anew', { day, cleared });
  return { cleared };
});
