import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { carrierLabel } from '../../lib/domain/delivery/text-delivery.ts';
import { createDynamoDBClient, createSQSClient } from '../adapters/aws-clients.ts';
import { createDeliveriesTable } from '../adapters/deliveries-table.ts';
import { fromDeployedPolicies } from '../adapters/deployed-policies.ts';
import { optionalSetting, requiredSetting } from '../adapters/environment.ts';
import { createWarningsTable } from '../adapters/subjects-table.ts';
import { countAll, countBy, lambdaHandler, logger, metrics } from '../adapters/telemetry.ts';
import { type DeliveriesEvent, processDeliveries } from './process-deliveries.ts';
import { type Recorded, recordDelivery } from './record-delivery.ts';

const table = requiredSetting('SUBJECTS_TABLE_NAME');
const sendingQueue = requiredSetting('WARNING_RETRIES_QUEUE_URL');
const earlyQueue = requiredSetting('EARLY_REPORTS_QUEUE_URL');
const carriers = (optionalSetting('CARRIERS') ?? '').split(';').filter((name) => name !== '');
const client = createDynamoDBClient();
const deliveries = createDeliveriesTable(client, table);
const people = createWarningsTable(client, table);
const policy = fromDeployedPolicies((live) => live);
const sqs = createSQSClient();

const queueOn = (queueUrl: string) => async (message: object, delaySeconds: number) => {
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(message),
      DelaySeconds: delaySeconds,
    }),
  );
};

type Changed = Extract<Recorded, { kind: 'changed' }>;

function counted(
  changes: readonly Changed[],
  nameOf: (change: Changed) => string | undefined,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const change of changes) {
    const name = nameOf(change);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Every dimension has a few values that are known beforehand: reasons, kinds of fraud, carriers of the stage. */
function countChanges(name: string, changes: readonly Changed[]): void {
  countAll({ [name]: changes.length });
  countBy(
    name,
    'reason',
    counted(changes, ({ report }) => report.failure),
  );
  countBy(
    name,
    'kind',
    counted(changes, ({ fraud }) => fraud),
  );
  countBy(
    name,
    'carrier',
    counted(changes, ({ report }) => carrierLabel(report.carrier, carriers)),
  );
}

function countRecorded(recorded: readonly Recorded[], unreadable: number): void {
  const changes = recorded.filter((one) => one.kind === 'changed');
  const of = (kind: Recorded['kind']) => recorded.filter((one) => one.kind === kind).length;
  countChanges(
    'TextsDelivered',
    changes.filter(({ report }) => report.failure === undefined),
  );
  countChanges(
    'TextsFailed',
    changes.filter(({ report }) => report.failure !== undefined),
  );
  countAll({
    DeliveryReportsEarly: of('early'),
    DeliveryReportsRepeated: of('repeated'),
    DeliveryReportsUnknown: of('unknown'),
    DeliveryReportsUnreadable: unreadable,
  });
  for (const { report } of changes) {
    if (report.failure === undefined && report.dwellMs !== undefined) {
      metrics.addMetric('TextDwellMs', MetricUnit.Milliseconds, report.dwellMs);
    }
  }
}

export const handler = lambdaHandler(async (event: DeliveriesEvent) => {
  const ports = {
    deliveries,
    people,
    policy: await policy(),
    sendAgain: queueOn(sendingQueue),
    lookAgain: queueOn(earlyQueue),
    now: Date.now,
  };
  return processDeliveries(event, {
    record: (early) => recordDelivery(early, ports),
    count: countRecorded,
    onFailure: (message, cause) => logger.error(message, cause as Error),
    now: ports.now,
  });
});
