import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { METRICS_NAMESPACE, type PipelineFunction } from './pipeline-function.ts';
import type { PipelineStream } from './pipeline-stream.ts';
import type { PipelineTable } from './pipeline-table.ts';
import type { FunctionName, StageConfig } from './stage-config.ts';
import type { StreamSource } from './stream-source.ts';

type WatchedTable =
  | 'profiles'
  | 'subjects'
  | 'cases'
  | 'tasks'
  | 'requests'
  | 'audit'
  | 'lists'
  | 'clues'
  | 'campaigns'
  | 'connections';

/** What alarms and dashboards look at. */
export interface WatchedPipeline {
  readonly config: StageConfig;
  readonly calls: PipelineStream;
  readonly functions: readonly PipelineFunction[];
  readonly sources: readonly {
    readonly source: StreamSource;
    readonly consumer: PipelineFunction;
  }[];
  readonly tables: Readonly<Record<WatchedTable, PipelineTable>>;
  readonly retries: Queue;
  readonly deadLetters: Queue;
  readonly stateMachine: StateMachine;
  /** The workflow of campaigns. */
  readonly campaignWorkflow: StateMachine;
  readonly officersApi: HttpApi;
  readonly archiveDelivery: CfnDeliveryStream;
  readonly archiveCompaction: StateMachine;
  readonly dailyStudy: StateMachine;
  readonly contactSearch: StateMachine;
}

/** The counts that the functions write themselves, by the function that writes them. */
export type PipelineCount =
  | 'CallsReceived'
  | 'CallsAccepted'
  | 'CallsRejected'
  | 'RecordsArchived'
  | 'LegsApplied'
  | 'DuplicateLegs'
  | 'RiskyCallersFound'
  | 'ExposuresEmitted'
  | 'ExposuresApplied'
  | 'DuplicateExposures'
  | 'WarningsDecided'
  | 'WarningsSuppressed'
  | 'WarningsSent'
  | 'DuplicateWarnings'
  | 'WarningsDeferred'
  | 'WarningsOverBudget'
  | 'WarningsUndeliverable'
  | 'TextsDelivered'
  | 'TextsFailed'
  | 'TextsResent'
  | 'DeliveryReportsUnknown'
  | 'DeliveryReportsUnreadable'
  | 'CasesOpened'
  | 'TasksAssigned'
  | 'TasksCompleted'
  | 'TasksOverdue'
  | 'CasesClosed'
  | 'ConnectionsOpened'
  | 'ConnectionsRefused'
  | 'UpdatesSent'
  | 'UpdatesFailed'
  | 'NoticesSent'
  | 'NoticesRefused'
  | 'NoticesDeferred'
  | 'NoticesSkipped'
  | 'ContactsExposed'
  | 'ContactCallsLeftOut'
  | 'ContactSearchesNotStarted'
  | 'CluesTaken'
  | 'CluesCounted'
  | 'ClueBursts'
  | 'AppealsLodged'
  | 'NumbersShown'
  | 'PolicyRefused'
  | 'PolicyUnreachable';

/** The sum of a count over a period. */
export function pipelineCount(name: PipelineCount, by: FunctionName, period: Duration): Metric {
  return pipelineMetric(name, by, Stats.SUM, period);
}

/** The functions that go by the policy. */
export const POLICY_READERS = [
  'score-numbers',
  'score-subjects',
  'send-warnings',
  'record-delivery',
  'officers-api',
  'officer-numbers',
  'campaign-audience',
  'send-notices',
  'take-clue',
] as const satisfies readonly FunctionName[];

/** The version of the live policy, as the function that judges callers took it on. */
export function policyVersion(period: Duration): Metric {
  return pipelineMetric('PolicyVersion', 'score-numbers', Stats.MAXIMUM, period);
}

/** The time from an operator's push to the text, at a statistic such as `p99`. */
export function pushToText(statistic: string, period: Duration): Metric {
  return pipelineMetric('PushToTextMs', 'send-warnings', statistic, period);
}

/** How long tasks stood on their queue before somebody took them, in seconds. */
export function queueWait(statistic: string, period: Duration): Metric {
  return pipelineMetric('TaskWaitSeconds', 'officers-api', statistic, period);
}

/** How long texts were with the carrier, at a statistic such as `p99`. */
export function textDwell(statistic: string, period: Duration): Metric {
  return pipelineMetric('TextDwellMs', 'record-delivery', statistic, period);
}

/** The kinds of fraud by which texts are counted: the domain's, which this room does not know. */
export const TEXT_KINDS = [
  'loan',
  'fake-orders',
  'impersonating-police',
  'romance-investment',
  'impersonating-customer-service',
  'impersonating-acquaintance',
  'credit-repair',
  'gaming-trade',
  'other',
] as const;

/** Some of the texts: all, those of a kind of fraud, or those through a carrier. */
export interface TextGroup {
  /** Kebab-case; empty for all. */
  readonly name: string;
  readonly label: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export const ALL_TEXTS: TextGroup = { name: '', label: 'all', dimensions: {} };

/** The groups that are watched by themselves: each kind, and each carrier of the stage beside all others. */
export function textGroups({
  sms,
}: StageConfig): Readonly<Record<'kind' | 'carrier', TextGroup[]>> {
  const groupsBy = (dimension: string, values: readonly string[]): TextGroup[] =>
    values.map((value) => ({
      name: `${dimension}-${value.toLowerCase().replaceAll(' ', '-')}`,
      label: value,
      dimensions: { [dimension]: value },
    }));
  return {
    kind: groupsBy('kind', TEXT_KINDS),
    carrier: groupsBy('carrier', [...sms.carriers, 'other']),
  };
}

/**
 * The share of a group's texts that did not arrive, in percent of those that anything is known of; 0 below a minimum.
 *
 * @param id tells the group's metrics from those of others in one graph
 */
export function failedTextsPercent(
  { dimensions, label }: TextGroup,
  minimumTexts: number,
  period: Duration,
  id = 0,
): MathExpression {
  const count = (name: PipelineCount) =>
    pipelineMetric(name, 'record-delivery', Stats.SUM, period, dimensions);
  const [failed, arrived] = [`failed${id}`, `delivered${id}`];
  const all = `(FILL(${failed}, 0) + FILL(${arrived}, 0))`;
  return new MathExpression({
    expression: `IF(${all} >= ${minimumTexts}, 100 * FILL(${failed}, 0) / ${all}, 0)`,
    usingMetrics: { [failed]: count('TextsFailed'), [arrived]: count('TextsDelivered') },
    label,
    period,
  });
}

/** The texts that were sent over a period in which nobody reported anything of any. */
export function unreportedTexts(period: Duration): MathExpression {
  return new MathExpression({
    expression: 'IF(FILL(delivered, 0) + FILL(failed, 0) > 0, 0, FILL(sent, 0))',
    usingMetrics: {
      sent: pipelineCount('WarningsSent', 'send-warnings', period),
      delivered: pipelineCount('TextsDelivered', 'record-delivery', period),
      failed: pipelineCount('TextsFailed', 'record-delivery', period),
    },
    label: 'Texts of which nothing was reported',
    period,
  });
}

/** The share of the calls that are refused, in percent; 0 where there are too few to say. */
export function quarantinePercent(minimumCalls: number, period: Duration): MathExpression {
  return new MathExpression({
    expression: `IF(received >= ${minimumCalls}, 100 * FILL(rejected, 0) / received, 0)`,
    usingMetrics: {
      received: pipelineCount('CallsReceived', 'intake', period),
      rejected: pipelineCount('CallsRejected', 'intake', period),
    },
    label: 'Share of calls in quarantine, percent',
    period,
  });
}

function pipelineMetric(
  metricName: string,
  by: FunctionName,
  statistic: string,
  period: Duration,
  dimensions: Readonly<Record<string, string>> = {},
): Metric {
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service: by, ...dimensions },
    statistic,
    period,
  });
}

/** The age of the oldest record that a function was given, in milliseconds. */
export function iteratorAge(consumer: PipelineFunction, period: Duration): Metric {
  return consumer.function.metric('IteratorAge', {
    statistic: Stats.MAXIMUM,
    period,
  });
}

/**
 * The records that came into a stream over a period in which its function was not called once. The age of records tells
 * nothing of that: Lambda measures it as it calls the function.
 */
export function unreadRecords(
  { stream }: PipelineStream,
  consumer: PipelineFunction,
  period: Duration,
): MathExpression {
  return new MathExpression({
    expression: 'IF(FILL(called, 0) > 0, 0, FILL(incoming, 0))',
    usingMetrics: {
      called: consumer.function.metricInvocations({ statistic: Stats.SUM, period }),
      incoming: stream.metricIncomingRecords({ statistic: Stats.SUM, period }),
    },
    label: 'Records that nobody reads',
    period,
  });
}

/** The records of a source that Lambda gave up on: put into the quarantine bucket, or dropped where there is none. */
export function abandonedRecords(source: StreamSource, period: Duration): Metric {
  const { keepsAbandoned } = source;
  return eventCount(source, keepsAbandoned ? KEPT_EVENTS : DROPPED_EVENTS, period);
}

/** As {@link abandonedRecords}, with those that could not be put into the bucket either: Lambda drops them then. */
export function lostRecords(source: StreamSource, period: Duration): IMetric {
  if (!source.keepsAbandoned) return abandonedRecords(source, period);
  return new MathExpression({
    expression: 'FILL(kept, 0) + FILL(dropped, 0)',
    usingMetrics: {
      kept: eventCount(source, KEPT_EVENTS, period),
      dropped: eventCount(source, DROPPED_EVENTS, period),
    },
    label: 'Records given up',
    period,
  });
}

const KEPT_EVENTS = 'OnFailureDestinationDeliveredEventCount';
const DROPPED_EVENTS = 'DroppedEventCount';

function eventCount({ mapping }: StreamSource, metricName: string, period: Duration): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { EventSourceMappingUUID: mapping.eventSourceMappingId },
    statistic: Stats.SUM,
    period,
  });
}

/** A metric of the delivery to the archive, by Firehose's own name for it. */
export function deliveryMetric(
  delivery: CfnDeliveryStream,
  metricName: string,
  statistic: string,
  period: Duration,
): Metric {
  return new Metric({
    namespace: 'AWS/Firehose',
    metricName,
    dimensionsMap: { DeliveryStreamName: delivery.ref },
    statistic,
    period,
  });
}

/** What the account has spent on texts this month, in dollars; SNS publishes it without dimensions. */
export function smsMonthlySpend(): Metric {
  return new Metric({
    namespace: 'AWS/SNS',
    metricName: 'SMSMonthToDateSpentUSD',
    statistic: Stats.MAXIMUM,
    period: Duration.hours(1),
  });
}
