import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { TextLanguage } from '../../lib/domain/policy.ts';
import {
  createDynamoDBClient,
  createSecretsManagerClient,
  createSNSClient,
  createSQSClient,
  createTextingClient,
} from '../adapters/aws-clients.ts';
import { fromDeployedPolicies } from '../adapters/deployed-policies.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { pausingInOutage } from '../adapters/outage-pause.ts';
import { createSealerOnce } from '../adapters/sealing.ts';
import { createSnsSender } from '../adapters/sms-sender.ts';
import { smsSettings } from '../adapters/sms-settings.ts';
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
const policy = fromDeployedPolicies((live) => live);
const sqs = createSQSClient();
const sender = createSnsSender(createTextingClient(), smsSettings(), createSNSClient());

const UNDELIVERED: ReadonlySet<string> = new Set(['undeliverable', 'opted-out', 'expired']);

function byReason(visits: readonly Visit[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { reason = '' } of visits) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts;
}

function countVisits(visits: readonly Visit[]): void {
  const of = (status: string) => visits.filter((visit) => visit.status === status);
  const ends = visits.filter((visit) => UNDELIVERED.has(visit.status));
  const overBudget = of('over-budget');
  countAll({
    WarningsSent: of('sent').filter((visit) => visit.resent !== true).length,
    TextsResent: of('sent').filter((visit) => visit.resent === true).length,
    WarningsDeferred: of('deferred').length,
    WarningsUndeliverable: ends.length,
    WarningsOverBudget: overBudget.length,
    DuplicateWarnings: of('sent').filter((visit) => visit.takenOver === true).length,
  });
  countBy('WarningsUndeliverable', 'reason', byReason(ends));
  countBy('WarningsOverBudget', 'band', byReason(overBudget));
  for (const { pushToTextMs } of of('sent')) {
    if (pushToTextMs !== undefined)
      metrics.addMetric('PushToTextMs', MetricUnit.Milliseconds, pushToTextMs);
  }
}

export const handler = lambdaHandler(
  pausingInOutage(async (event: WarningsEvent) => {
    const ports = {
      warnings,
      sender,
      sealer: await sealer(),
      policy: await policy(),
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
  }),
);
