import { Duration, Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import {
  abandonedRecords,
  deliveryMetric,
  failedTextsPercent,
  iteratorAge,
  POLICY_READERS,
  pipelineCount,
  policyVersion,
  pushToText,
  smsMonthlySpend,
  type TextGroup,
  textDwell,
  textGroups,
  type WatchedPipeline,
} from './watched-pipeline.ts';

export interface PipelineDashboardProps {
  readonly watched: WatchedPipeline;
  readonly alarms: readonly Alarm[];
}

const FULL_WIDTH = 24;
const PERIOD = Duration.minutes(1);

/** One dashboard a stack, read from the top: is it well, what goes through it, where does it hurt. */
export class PipelineDashboard extends Construct {
  constructor(scope: Construct, id: string, props: PipelineDashboardProps) {
    super(scope, id);
    const { alarms, watched } = props;
    new Dashboard(this, 'Dashboard', {
      dashboardName: Stack.of(this).stackName,
      defaultInterval: Duration.hours(3),
      widgets: [
        [
          new AlarmStatusWidget({
            title: 'Alarms',
            width: FULL_WIDTH,
            height: 6,
            alarms: [...alarms],
          }),
        ],
        ...throughput(),
        ...officers(watched),
        ...texts(watched),
        ...health(watched),
        ...stores(watched),
        ...archive(watched),
      ],
    });
  }
}

function archive({ archiveCompaction, archiveDelivery }: WatchedPipeline): IWidget[][] {
  const aDay = Duration.days(1);
  return [
    row(
      graph('Records on their way to the archive', [
        pipelineCount('RecordsArchived', 'archive-calls', PERIOD),
      ]),
      graph('Age of the oldest record not delivered, s', [
        deliveryMetric(archiveDelivery, 'DeliveryToS3.DataFreshness', Stats.MAXIMUM, PERIOD),
      ]),
      graph('Compactions', [
        archiveCompaction.metricSucceeded({ period: aDay }),
        archiveCompaction.metricFailed({ period: aDay }),
      ]),
    ),
  ];
}

function throughput(): IWidget[][] {
  return [
    row(
      graph('Calls', [
        pipelineCount('CallsReceived', 'intake', PERIOD),
        pipelineCount('CallsAccepted', 'intake', PERIOD),
        pipelineCount('CallsRejected', 'intake', PERIOD),
      ]),
      graph('Risky callers and exposures', [
        pipelineCount('RiskyCallersFound', 'score-numbers', PERIOD),
        pipelineCount('ExposuresEmitted', 'score-numbers', PERIOD),
        pipelineCount('ExposuresApplied', 'score-subjects', PERIOD),
      ]),
      graph('Duplicates dropped', [
        pipelineCount('DuplicateLegs', 'score-numbers', PERIOD),
        pipelineCount('DuplicateExposures', 'score-subjects', PERIOD),
        pipelineCount('DuplicateWarnings', 'send-warnings', PERIOD),
      ]),
    ),
    row(
      graph('Warnings', [
        pipelineCount('WarningsDecided', 'score-subjects', PERIOD),
        pipelineCount('WarningsSuppressed', 'score-subjects', PERIOD),
        pipelineCount('WarningsSent', 'send-warnings', PERIOD),
        pipelineCount('WarningsDeferred', 'send-warnings', PERIOD),
        pipelineCount('WarningsUndeliverable', 'send-warnings', PERIOD),
        pipelineCount('WarningsOverBudget', 'send-warnings', PERIOD),
      ]),
      graph(
        'From push to text (ms)',
        ['p50', 'p99'].flatMap((statistic) => [
          pushToText(statistic, PERIOD).with({ label: statistic }),
          textDwell(statistic, PERIOD).with({ label: `with the carrier, ${statistic}` }),
        ]),
      ),
      graph('Cases and tasks', [
        pipelineCount('CasesOpened', 'open-cases', PERIOD),
        pipelineCount('TasksAssigned', 'offer-task', PERIOD),
        pipelineCount('TasksCompleted', 'settle-task', PERIOD),
        pipelineCount('TasksOverdue', 'settle-task', PERIOD),
        pipelineCount('CasesClosed', 'close-case', PERIOD),
      ]),
    ),
  ];
}

function officers({ officersApi }: WatchedPipeline): IWidget[][] {
  const sum = { statistic: Stats.SUM, period: PERIOD };
  return [
    row(
      graph('Officers’ requests', [
        officersApi.metricCount({ ...sum, label: 'all' }),
        officersApi.metricClientError({ ...sum, label: 'refused' }),
        officersApi.metricServerError({ ...sum, label: 'failed' }),
      ]),
      graph(
        'Officers wait (ms)',
        ['p50', 'p99'].map((statistic) =>
          officersApi.metricLatency({ statistic, period: PERIOD, label: statistic }),
        ),
      ),
      graph('Live updates', [
        pipelineCount('ConnectionsOpened', 'live-connections', PERIOD),
        pipelineCount('ConnectionsRefused', 'live-connections', PERIOD),
        pipelineCount('UpdatesSent', 'push-updates', PERIOD),
        pipelineCount('UpdatesFailed', 'push-updates', PERIOD),
      ]),
    ),
  ];
}

function texts({ config }: WatchedPipeline): IWidget[][] {
  const { carrier, kind } = textGroups(config);
  const rates = (groups: readonly TextGroup[]) =>
    groups.map((group, i) => failedTextsPercent(group, 1, Duration.hours(1), i));
  return [
    row(
      graph('What became of texts', [
        pipelineCount('TextsDelivered', 'record-delivery', PERIOD),
        pipelineCount('TextsFailed', 'record-delivery', PERIOD),
        pipelineCount('TextsResent', 'send-warnings', PERIOD),
        pipelineCount('DeliveryReportsUnknown', 'record-delivery', PERIOD),
        pipelineCount('DeliveryReportsUnreadable', 'record-delivery', PERIOD),
      ]),
      graph('Texts that did not arrive, by kind of fraud (%)', rates(kind)),
      graph('Texts that did not arrive, by carrier (%)', rates(carrier)),
    ),
  ];
}

function health(watched: WatchedPipeline): IWidget[][] {
  return [
    row(
      graph(
        'Age of the oldest record read (ms)',
        watched.sources.map(({ consumer, source }) =>
          iteratorAge(consumer, PERIOD).with({ label: source.name }),
        ),
      ),
      graph(
        'Records given up',
        watched.sources.map(({ source }) =>
          abandonedRecords(source, PERIOD).with({ label: source.name }),
        ),
      ),
      graph('Calls stream', [
        watched.calls.stream.metricIncomingRecords({ statistic: Stats.SUM, period: PERIOD }),
        watched.calls.stream.metric('WriteProvisionedThroughputExceeded', {
          statistic: Stats.SUM,
          period: PERIOD,
        }),
      ]),
    ),
    row(
      graph(
        'Errors',
        watched.functions.map(({ function: fn, name }) =>
          fn.metricErrors({ period: PERIOD, label: name }),
        ),
      ),
      graph(
        'Throttles',
        watched.functions.map(({ function: fn, name }) =>
          fn.metricThrottles({ period: PERIOD, label: name }),
        ),
      ),
      graph(
        'Duration, p99 (ms)',
        watched.functions.map(({ function: fn, name }) =>
          fn.metricDuration({ statistic: 'p99', period: PERIOD, label: name }),
        ),
      ),
    ),
  ];
}

function stores(watched: WatchedPipeline): IWidget[][] {
  return [
    row(
      graph(
        'Table throttles',
        Object.entries(watched.tables).flatMap(([name, { table }]) =>
          ['ReadThrottleEvents', 'WriteThrottleEvents'].map((metric) =>
            table.metric(metric, {
              statistic: Stats.SUM,
              period: PERIOD,
              label: `${name} ${metric === 'ReadThrottleEvents' ? 'reads' : 'writes'}`,
            }),
          ),
        ),
      ),
      graph('Deferred warnings waiting', [
        watched.retries.metricApproximateNumberOfMessagesVisible({ label: 'waiting' }),
        watched.deadLetters.metricApproximateNumberOfMessagesVisible({ label: 'dead letters' }),
      ]),
      graph('Dissuasion workflows', [
        watched.stateMachine.metricStarted({ period: PERIOD }),
        watched.stateMachine.metricSucceeded({ period: PERIOD }),
        watched.stateMachine.metricFailed({ period: PERIOD }),
        watched.stateMachine.metricTimedOut({ period: PERIOD }),
      ]),
    ),
    row(
      graph('Texts this month (USD)', [smsMonthlySpend()]),
      graph('Policy version taken on', [policyVersion(PERIOD)]),
      graph(
        'Policies refused, AppConfig not reached',
        POLICY_READERS.flatMap((reader) => [
          pipelineCount('PolicyRefused', reader, PERIOD).with({ label: `${reader} refused` }),
          pipelineCount('PolicyUnreachable', reader, PERIOD).with({ label: `${reader} unreached` }),
        ]),
      ),
    ),
  ];
}

const row = (...widgets: IWidget[]): IWidget[] => widgets;

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: FULL_WIDTH / 3, height: 6, leftYAxis: { min: 0 } });
}
