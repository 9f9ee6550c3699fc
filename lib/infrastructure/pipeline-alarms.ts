import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import {
  ALL_TEXTS,
  deliveryMetric,
  failedTextsPercent,
  iteratorAge,
  lostRecords,
  POLICY_READERS,
  pipelineCount,
  quarantinePercent,
  smsMonthlySpend,
  type TextGroup,
  textGroups,
  unreadRecords,
  unreportedTexts,
  type WatchedPipeline,
} from './watched-pipeline.ts';

export interface PipelineAlarmsProps {
  readonly watched: WatchedPipeline;
  readonly topic: ITopic;
}

interface AlarmRule {
  /** Kebab-case; the alarm is called `<stack>-<name>`. */
  readonly name: string;
  readonly metric: IMetric;
  readonly above: number;
  /** Periods in a row; one by default. */
  readonly periods?: number;
  readonly description: string;
  /** Of the runbook, by its anchor; the name by default. */
  readonly entry?: string;
}

/** An alarm for each way in which the pipeline can fail the people it works for. */
export class PipelineAlarms extends Construct {
  readonly all: readonly Alarm[];
  /** Goes off when functions cannot use the policy that was published. */
  readonly policyRefused: Alarm;

  constructor(scope: Construct, id: string, props: PipelineAlarmsProps) {
    super(scope, id);
    const action = new SnsAction(props.topic);
    const { stackName } = Stack.of(this);
    const create = (rule: AlarmRule): Alarm => {
      const alarm = new Alarm(this, rule.name, {
        alarmName: `${stackName}-${rule.name}`,
        alarmDescription: `${rule.description} See docs/runbook.md#${rule.entry ?? rule.name}`,
        metric: rule.metric,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        threshold: rule.above,
        evaluationPeriods: rule.periods ?? 1,
        // No data means that nothing arrived, which is quiet and not ill.
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
      return alarm;
    };
    this.policyRefused = create(policyRule(props.watched));
    this.all = [...alarmRules(props.watched).map(create), this.policyRefused];
  }
}

function alarmRules(watched: WatchedPipeline): AlarmRule[] {
  const thresholds = watched.config.alarms;
  const period = Duration.minutes(thresholds.periodMinutes);
  return [
    ...watched.sources.flatMap(({ source, consumer }): AlarmRule[] => [
      {
        name: `${source.name}-iterator-age`,
        metric: iteratorAge(consumer, period),
        above: thresholds.iteratorAgeSeconds * 1000,
        description: `${consumer.name} falls behind: ${source.name} waits too long to be read.`,
      },
      {
        name: `${source.name}-abandoned`,
        metric: lostRecords(source, period),
        above: thresholds.abandonedRecords,
        description: source.keepsAbandoned
          ? `Lambda gave up on records of ${source.name}; they are in the quarantine bucket, if it took them.`
          : `Lambda gave up on records of ${source.name}, which are kept nowhere.`,
      },
      ...(source.stream === undefined
        ? []
        : [
            {
              name: `${source.name}-unread`,
              metric: unreadRecords(source.stream, consumer, period),
              above: 0,
              // What comes at the end of a period is read in the next.
              periods: 2,
              description: `Records come for ${source.name}, and ${consumer.name} is not called at all.`,
            },
          ]),
    ]),
    ...watched.functions.flatMap((watchedFunction): AlarmRule[] => [
      {
        name: `${watchedFunction.name}-errors`,
        metric: watchedFunction.function.metricErrors({ period }),
        above: thresholds.functionErrors,
        description: `${watchedFunction.name} fails.`,
      },
      {
        name: `${watchedFunction.name}-throttles`,
        metric: watchedFunction.function.metricThrottles({ period }),
        above: thresholds.functionThrottles,
        description: `${watchedFunction.name} is throttled: the account's concurrency is used up.`,
      },
    ]),
    {
      name: 'calls-pushes-refused',
      metric: watched.calls.stream.metric('WriteProvisionedThroughputExceeded', {
        statistic: Stats.SUM,
        period,
      }),
      above: thresholds.refusedPushes,
      description: 'The calls stream refuses records for want of capacity.',
    },
    {
      name: 'quarantine-rate',
      metric: quarantinePercent(thresholds.quarantineMinimumCalls, period),
      above: thresholds.quarantinePercent,
      description: 'Too large a share of the calls is refused and goes to quarantine, in percent.',
    },
    {
      name: 'warnings-undeliverable',
      metric: pipelineCount('WarningsUndeliverable', 'send-warnings', period),
      above: thresholds.undeliverableWarnings,
      description: 'Warnings cannot reach their people.',
    },
    {
      name: 'warnings-deferred',
      metric: pipelineCount('WarningsDeferred', 'send-warnings', period),
      above: thresholds.deferredWarnings,
      description: 'Warnings wait because SNS throttles texts or the spending limit is reached.',
    },
    {
      name: 'warnings-over-budget',
      metric: pipelineCount('WarningsOverBudget', 'send-warnings', period),
      above: thresholds.overBudgetWarnings,
      description:
        'The day’s budget of texts has no place for warnings: a wave of fraud, or somebody floods it.',
    },
    {
      name: 'warnings-dead-letters',
      metric: watched.deadLetters.metricApproximateNumberOfMessagesVisible({
        statistic: Stats.MAXIMUM,
        period,
      }),
      above: thresholds.deadLetters,
      description:
        'Deferred warnings or early delivery reports failed to the end and lie in the dead-letter queue.',
    },
    ...textRules(watched),
    ...archiveRules(watched, period),
    {
      name: 'dissuasion-failed',
      metric: watched.stateMachine.metricFailed({ period }),
      above: thresholds.failedWorkflows,
      description: 'The dissuasion workflow of a case failed.',
    },
    {
      name: 'dissuasion-timed-out',
      metric: watched.stateMachine.metricTimedOut({ period }),
      above: thresholds.failedWorkflows,
      description: 'The dissuasion workflow of a case ran out of time as a whole.',
    },
    {
      name: 'tasks-overdue',
      metric: pipelineCount('TasksOverdue', 'settle-task', period),
      above: thresholds.overdueTasks,
      description: 'Officers do not get to their tasks in time: too many cases, or too few people.',
    },
    {
      name: 'campaign-failed',
      metric: watched.campaignWorkflow.metricFailed({ period }),
      above: thresholds.failedWorkflows,
      description: 'A stage of a campaign was not worked through.',
    },
    {
      name: 'notices-refused',
      metric: pipelineCount('NoticesRefused', 'send-notices', period),
      above: thresholds.refusedNotices,
      description: 'The carrier refuses notices of a campaign: look before the next stage.',
    },
    {
      name: 'api-failures',
      metric: apiFailurePercent(watched, thresholds.apiMinimumRequests, period),
      above: thresholds.apiFailurePercent,
      description:
        'The officers’ API fails to answer too large a share of the requests, in percent.',
    },
    {
      name: 'api-latency',
      metric: watched.officersApi.metricLatency({ statistic: 'p99', period }),
      above: thresholds.apiLatencyMs,
      // A few cold starts are no reason to wake anybody.
      periods: 3,
      description: 'Officers wait too long for the slowest percent of their requests, in ms.',
    },
    {
      name: 'clue-bursts',
      metric: pipelineCount('ClueBursts', 'take-clue', period),
      above: thresholds.clueBursts,
      description:
        'A number is reported in a burst, which counts once: a wave of fraud, or a campaign.',
    },
    {
      name: 'numbers-shown',
      metric: pipelineCount('NumbersShown', 'officer-numbers', period),
      above: thresholds.shownNumbers,
      description: 'Officers look at more clear numbers than their work asks for.',
    },
    {
      name: 'updates-failed',
      metric: pipelineCount('UpdatesFailed', 'push-updates', period),
      above: thresholds.failedUpdates,
      description: 'Officers’ pages are not told of changes at once; they see them when they look.',
    },
    {
      name: 'sms-spend',
      metric: smsMonthlySpend(),
      above: thresholds.smsMonthlySpendUsd,
      description: 'The texts of this month cost more than planned, in dollars.',
    },
  ];
}

/** Executions of a workflow of the night that came to no good end. */
function failedNights(workflow: StateMachine, label: string, period: Duration): MathExpression {
  return new MathExpression({
    expression: 'FILL(failed, 0) + FILL(late, 0)',
    usingMetrics: {
      failed: workflow.metricFailed({ period }),
      late: workflow.metricTimedOut({ period }),
    },
    label,
    period,
  });
}

function archiveRules(watched: WatchedPipeline, period: Duration): AlarmRule[] {
  const { archiveCompaction, archiveDelivery, config, contactSearch, dailyStudy } = watched;
  const { alarms } = config;
  return [
    {
      name: 'archive-late',
      metric: deliveryMetric(archiveDelivery, 'DeliveryToS3.DataFreshness', Stats.MAXIMUM, period),
      above: alarms.archiveDelaySeconds,
      description: 'Calls wait too long to be laid into the archive, in seconds.',
    },
    {
      name: 'archive-failing',
      metric: new MathExpression({
        expression: '100 * (1 - success)',
        usingMetrics: {
          success: deliveryMetric(archiveDelivery, 'DeliveryToS3.Success', Stats.AVERAGE, period),
        },
        label: 'Share of the deliveries to the archive that fail, percent',
        period,
      }),
      above: alarms.archiveFailedPercent,
      description: 'Firehose cannot write into the archive bucket; it tries for a day.',
    },
    {
      name: 'archive-refused',
      metric: deliveryMetric(archiveDelivery, 'FailedConversion.Records', Stats.SUM, period),
      above: alarms.archiveRefusedRows,
      description: 'Rows cannot be converted; they lie below failed/ in the archive bucket.',
    },
    {
      name: 'compaction-failed',
      metric: failedNights(archiveCompaction, 'Compactions of the archive that failed', period),
      above: alarms.failedWorkflows,
      description: 'The archive was not compacted: a day lacks its calls, or has old ones.',
    },
    {
      name: 'study-failed',
      metric: failedNights(dailyStudy, 'Daily studies that failed', period),
      above: alarms.failedWorkflows,
      description: 'The day that ended was not studied: it has no report.',
    },
    {
      name: 'contacts-failed',
      metric: new MathExpression({
        expression: 'FILL(failed, 0) + FILL(late, 0) + FILL(unstarted, 0) + FILL(leftOut, 0)',
        usingMetrics: {
          failed: contactSearch.metricFailed({ period }),
          late: contactSearch.metricTimedOut({ period }),
          unstarted: pipelineCount('ContactSearchesNotStarted', 'officer-numbers', period),
          leftOut: pipelineCount('ContactCallsLeftOut', 'expose-contacts', period),
        },
        label: 'Case numbers whose contacts were not all found',
        period,
      }),
      above: alarms.failedWorkflows,
      description: 'People who were in touch with a case number earlier are not exposed to it.',
    },
  ];
}

/** An hour, because carriers take their time to report, and a few texts show no rate. */
const TEXTS_PERIOD = Duration.hours(1);

function textRules({ config }: WatchedPipeline): AlarmRule[] {
  const { failedTextsMinimum, failedTextsPercent: above, unreportedTexts: most } = config.alarms;
  const { carrier, kind } = textGroups(config);
  const failing = (group: TextGroup): AlarmRule => ({
    name: group.name === '' ? 'texts-failing' : `texts-failing-${group.name}`,
    metric: failedTextsPercent(group, failedTextsMinimum, TEXTS_PERIOD),
    above,
    description: `Too large a share of the texts (${group.label}) does not arrive, in percent.`,
  });
  return [
    ...[ALL_TEXTS, ...kind].map(failing),
    // The carriers are a setting, so that the runbook cannot name them all.
    ...carrier.map((group) => ({ ...failing(group), entry: 'texts-failing-carrier' })),
    {
      name: 'texts-unreported',
      metric: unreportedTexts(TEXTS_PERIOD),
      above: most,
      description:
        'Texts are sent and nothing is heard of any: SNS does not log what becomes of them.',
    },
  ];
}

/** Named by texts alone, for what watches it comes before the functions that it is about. */
function policyRule({ config }: WatchedPipeline): AlarmRule {
  // Short, because it has to go off while AppConfig still watches the policy.
  const period = Duration.minutes(1);
  const counts = POLICY_READERS.map((reader) => pipelineCount('PolicyRefused', reader, period));
  return {
    name: 'policy-refused',
    metric: new MathExpression({
      expression: counts.map((_, i) => `FILL(refused${i}, 0)`).join(' + '),
      usingMetrics: Object.fromEntries(counts.map((count, i) => [`refused${i}`, count])),
      label: 'Policies refused',
      period,
    }),
    above: config.alarms.refusedPolicies,
    description: 'Functions cannot use the policy that was published, and go by the one before.',
  };
}

function apiFailurePercent(
  { officersApi }: WatchedPipeline,
  minimumRequests: number,
  period: Duration,
): MathExpression {
  return new MathExpression({
    expression: `IF(requests >= ${minimumRequests}, 100 * FILL(failures, 0) / requests, 0)`,
    usingMetrics: {
      requests: officersApi.metricCount({ statistic: Stats.SUM, period }),
      failures: officersApi.metricServerError({ statistic: Stats.SUM, period }),
    },
    label: 'Share of requests that the API failed to answer, percent',
    period,
  });
}
