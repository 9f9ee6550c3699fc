import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { TextLanguage } from '../../lib/domain/policy.ts';
import {
  createDynamoDBClient,
  createSecretsManagerClient,
  createSNSClient,
  createSQSClient,
} from '../adapters/aws-clients.ts';
import { optionalSetting, requiredSetting } from '../adapters/environment.ts';
import { createSealerOnce } from '../adapters/sealing.ts';
import { createSnsSender } from '../adapters/sms-sender.ts';
import { createWarningsTable } from '../adapters/subjects-table.ts';
import { countAll, countBy, lambdaHandler, logger, metrics } from '../adapters/telemetry.ts';
import { processWarnings, type WarningsEvent } from './process-warnings.ts';
import { sendWarning, type Visit } from './send-warning.ts';

const sealer = createSealerOnce(createSecretsManagerClient, requiredSetting('SEALING_SECRET_ARN'));
const queueUrl = requiredSetting('WARNING_RETRIES_QUEUE_URL');
const warnings = createWarningsTable(
  createDynamoDBClient(),
  requiredSetting('SUBJECTS_TABLE_NAME'),
);
const language = requiredSetting('TEXT_LANGUAGE') as TextLanguage;
const policy = loadDefaultPolicy();
const sqs = createSQSClient();
const sender = createSnsSender(createSNSClient(), {
  senderId: optionalSetting('SMS_SENDER_ID'),
  originationNumber: optionalSetting('SMS_ORIGINATION_NUMBER'),
  maxPriceUsd: optionalSetting('SMS_MAX_PRICE_USD'),
  entityId: optionalSetting('SMS_ENTITY_ID'),
  templateId: optionalSetting('SMS_TEMPLATE_ID'),
});

const UNDELIVERED: ReadonlySet<string> = new Set(['undeliverable', 'opted-out', 'expired']);

function countVisits(visits: readonly Visit[]): void {
  const of = (status: string) => visits.filter((visit) => visit.status === status);
  const ends = visits.filter((visit) => UNDELIVERED.has(visit.status));
  const undelivered = new Map<string, number>();
  for (const { reason = '' } of ends) {
    undelivered.set(reason, (undelivered.get(reason) ?? 0) + 1);
  }
  countAll({
    WarningsSent: of('sent').length,
    WarningsDeferred: of('deferred').length,
    WarningsUndeliverable: ends.length,
    DuplicateWarnings: of('sent').filter((visit) => visit.takenOver === true).length,
  });
  countBy('WarningsUndeliverable', 'reason', undelivered);
  for (const { pushToTextMs } of of('sent')) {
    if (pushToTextMs !== undefined)
      metrics.addMetric('PushToTextMs', MetricUnit.Milliseconds, pushToTextMs);
  }
}

export const handler = lambdaHandler(async (event: WarningsEvent) => {
  const ports = {
    warnings,
    sender,
    sealer: await sealer(),
    policy,
    language,
    comeBack: async (ref: object, delaySeconds: number) => {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(ref),
          DelaySeconds: delaySeconds,
        }),
      );
    },
    now: Date.now,
  };
  return processWarnings(event, {
    visit: (ref) => sendWarning(ref, ports),
    count: countVisits,
    onFailure: (message, cause) => logger.error(message, cause as Error),
  });
});
