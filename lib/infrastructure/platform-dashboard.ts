import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  type IWidget,
  MathExpression,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { everySeries, FULL_WIDTH, GRAPH_PERIOD, graph, row } from './dashboard-widgets.ts';
import { METRICS_NAMESPACE } from './pipeline-function.ts';
import {
  abandonedRecords,
  deliveryMetric,
  failedTextsPercent,
  iteratorAge,
  POLICY_READERS,
  pipelineCount,
  policyVersion,
  smsMonthlySpend,
  type TextGroup,
  textDwell,
  textGroups,
  type WatchedPipeline,
} from './watched-pipeline.ts';

const SUM = { statistic: Stats.SUM, period: GRAPH_PERIOD };

/** For the platform team, from the top: is it well, what does it cost, where does it hurt. */
export function platformDashboard(watched: WatchedPipeline, alarms: readonly Alarm[]): IWidget[][] {
  return [
    row(
      new AlarmStatusWidget({
        title: 'Alarms',
        width: FULL_WIDTH,
        height: 8,
        alarms: [...alarms],
      }),
    ),
    ...costs(watched),
    ...health(watched),
    ...queues(watched),
    ...texts(watched),
    ...archive(watched),
  ];
}

function costs({
  archiveDelivery,
  calls,
  config,
  functions,
  tables,
}: WatchedPipeline): IWidget[][] {
  const consumed = (metric: string, what: string) =>
    Object.entries(tables).map(([name, { table }]) =>
      table.metric(metric, { ...SUM, label: `${name} ${what}` }),
    );
  const durations = functions.map(({ function: fn, name }, i) => ({
    id: `ms${i}`,
    gigabytes: config.functions[name].memoryMb / 1024,
    metric: fn.metricDuration(SUM),
  }));
  return [
    row(
      graph('Written units of tables', consumed('ConsumedWriteCapacityUnits', 'written')),
      graph('Read units of tables', consumed('ConsumedReadCapacityUnits', 'read')),
      graph('Lambda (GB-seconds)', [
        new MathExpression({
          expression: durations
            .map(({ gigabytes, id }) => `FILL(${id}, 0) * ${gigabytes} / 1000`)
            .join(' + '),
          usingMetrics: Object.fromEntries(durations.map(({ id, metric }) => [id, metric])),
          label: 'all functions',
          period: GRAPH_PERIOD,
        }),
      ]),
    ),
    row(
      graph('Texts this month (USD)', [smsMonthlySpend()]),
      graph('Texts sent', [
        pipelineCount('WarningsSent', 'send-warnings', GRAPH_PERIOD),
        pipelineCount('TextsResent', 'send-warnings', GRAPH_PERIOD),
        pipelineCount('NoticesSent', 'send-notices', GRAPH_PERIOD),
      ]),
      graph('Bytes in', [
        calls.stream.metricIncomingBytes({ ...SUM, label: 'calls' }),
        deliveryMetric(archiveDelivery, 'IncomingBytes', Stats.SUM, GRAPH_PERIOD).with({
          label: 'archive',
        }),
      ]),
    ),
  ];
}

function health({ functions, sources, tables }: WatchedPipeline): IWidget[][] {
  return [
    row(
      graph(
        'Age of the oldest record read (ms)',
        sources.map(({ consumer, source }) =>
          iteratorAge(consumer, GRAPH_PERIOD).with({ label: source.name }),
        ),
      ),
      graph(
        'Records given up',
        sources.map(({ source }) =>
          abandonedRecords(source, GRAPH_PERIOD).with({ label: source.name }),
        ),
      ),
      graph(
        'Table throttles',
        Object.entries(tables).flatMap(([name, { table }]) => [
          table.metric('ReadThrottleEvents', { ...SUM, label: `${name} reads` }),
          table.metric('WriteThrottleEvents', { ...SUM, label: `${name} writes` }),
        ]),
      ),
    ),
    row(
      graph(
        'Errors',
        functions.map(({ function: fn, name }) =>
          fn.metricErrors({ period: GRAPH_PERIOD, label: name }),
        ),
      ),
      graph(
        'Throttles',
        functions.map(({ function: fn, name }) =>
          fn.metricThrottles({ period: GRAPH_PERIOD, label: name }),
        ),
      ),
      graph(
        'Duration, p99 (ms)',
        functions.map(({ function: fn, name }) =>
          fn.metricDuration({ statistic: 'p99', period: GRAPH_PERIOD, label: name }),
        ),
      ),
    ),
  ];
}

function queues({ deadLetters, officersApi, retries, stateMachine }: WatchedPipeline): IWidget[][] {
  return [
    row(
      graph('Deferred warnings waiting, dead letters', [
        retries.metricApproximateNumberOfMessagesVisible({ label: 'waiting' }),
        deadLetters.metricApproximateNumberOfMessagesVisible({ label: 'dead letters' }),
      ]),
      graph('Dissuasion workflows', [
        stateMachine.metricStarted({ period: GRAPH_PERIOD }),
        stateMachine.metricSucceeded({ period: GRAPH_PERIOD }),
        stateMachine.metricFailed({ period: GRAPH_PERIOD }),
        stateMachine.metricTimedOut({ period: GRAPH_PERIOD }),
      ]),
      graph('Officers’ requests', [
        officersApi.metricCount({ ...SUM, label: 'all' }),
        officersApi.metricClientError({ ...SUM, label: 'refused' }),
        officersApi.metricServerError({ ...SUM, label: 'failed' }),
      ]),
    ),
    row(
      graph('Policy version taken on', [policyVersion(GRAPH_PERIOD)]),
      graph(
        'Policies refused, AppConfig not reached',
        POLICY_READERS.flatMap((reader) => [
          pipelineCount('PolicyRefused', reader, GRAPH_PERIOD).with({ label: `${reader} refused` }),
          pipelineCount('PolicyUnreachable', reader, GRAPH_PERIOD).with({
            label: `${reader} unreached`,
          }),
        ]),
      ),
      graph('Risky callers and exposures', [
        pipelineCount('RiskyCallersFound', 'score-numbers', GRAPH_PERIOD),
        pipelineCount('ExposuresEmitted', 'score-numbers', GRAPH_PERIOD),
        pipelineCount('ExposuresApplied', 'score-subjects', GRAPH_PERIOD),
        pipelineCount('DuplicateWarnings', 'send-warnings', GRAPH_PERIOD),
      ]),
    ),
  ];
}

function texts({ config, retries }: WatchedPipeline): IWidget[][] {
  const { carrier, kind } = textGroups(config);
  const rates = (groups: readonly TextGroup[]) =>
    groups.map((group, i) => failedTextsPercent(group, 1, Duration.hours(1), i));
  return [
    row(
      graph('What became of texts', [
        pipelineCount('TextsDelivered', 'record-delivery', GRAPH_PERIOD),
        pipelineCount('TextsFailed', 'record-delivery', GRAPH_PERIOD),
        pipelineCount('DeliveryReportsUnknown', 'record-delivery', GRAPH_PERIOD),
        pipelineCount('DeliveryReportsUnreadable', 'record-delivery', GRAPH_PERIOD),
      ]),
      graph('Texts that did not arrive, by kind of fraud (%)', rates(kind)),
      graph('Texts that did not arrive, by carrier (%)', rates(carrier)),
    ),
    row(
      graph('Texts that failed, by reason', [
        everySeries(`${METRICS_NAMESPACE},reason,service`, 'TextsFailed', Stats.SUM),
      ]),
      graph('Age of the oldest deferred warning (s)', [
        retries.metricApproximateAgeOfOldestMessage({ period: GRAPH_PERIOD }),
      ]),
      graph(
        'Texts are with the carrier (ms)',
        ['p50', 'p99'].map((statistic) =>
          textDwell(statistic, GRAPH_PERIOD).with({ label: statistic }),
        ),
      ),
    ),
  ];
}

function archive({ archiveCompaction, archiveDelivery, dailyStudy }: WatchedPipeline): IWidget[][] {
  const period = Duration.days(1);
  return [
    row(
      graph('Age of the oldest record not delivered to the archive (s)', [
        deliveryMetric(archiveDelivery, 'DeliveryToS3.DataFreshness', Stats.MAXIMUM, GRAPH_PERIOD),
      ]),
      graph('Compactions of the archive', [
        archiveCompaction.metricSucceeded({ period }),
        archiveCompaction.metricFailed({ period }),
      ]),
      graph('Daily studies', [
        dailyStudy.metricSucceeded({ period }),
        dailyStudy.metricFailed({ period }),
      ]),
    ),
  ];
}
