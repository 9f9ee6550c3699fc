import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
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
  | 'connections';

/** What alarms and the dashboard look at. */
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
  readonly officersApi: HttpApi;
}

/** The counts that the functions write themselves, by the function that writes them. */
export type PipelineCount =
  | 'CallsReceived'
  | 'CallsAccepted'
  | 'CallsRejected'
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
  | 'CasesOpened'
  | 'TasksAssigned'
  | 'TasksCompleted'
  | 'TasksOverdue'
  | 'CasesClosed'
  | 'ConnectionsOpened'
  | 'ConnectionsRefused'
  | 'UpdatesSent'
  | 'UpdatesFailed'
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
  'officers-api',
  'officer-numbers',
] as const satisfies readonly FunctionName[];

/** The version of the live policy, as the function that judges callers took it on. */
export function policyVersion(period: Duration): Metric {
  return pipelineMetric('PolicyVersion', 'score-numbers', Stats.MAXIMUM, period);
}

/** The time from an operator's push to the text, at a statistic such as `p99`. */
export function pushToText(statistic: string, period: Duration): Metric {
  return pipelineMetric('PushToTextMs', 'send-warnings', statistic, period);
}

function pipelineMetric(
  metricName: string,
  by: FunctionName,
  statistic: string,
  period: Duration,
): Metric {
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service: by },
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

/** The records of a source that Lambda gave up on: put into the quarantine bucket, or dropped where there is none. */
export function abandonedRecords(source: StreamSource, period: Duration): Metric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName: source.keepsAbandoned
      ? 'OnFailureDestinationDeliveredEventCount'
      : 'DroppedEventCount',
    dimensionsMap: { EventSourceMappingUUID: source.mapping.eventSourceMappingId },
    statistic: Stats.SUM,
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
