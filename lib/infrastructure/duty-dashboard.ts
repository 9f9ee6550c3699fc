import {
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { everySeries, FULL_WIDTH, GRAPH_PERIOD, graph, row } from './dashboard-widgets.ts';
import { METRICS_NAMESPACE } from './pipeline-function.ts';
import { pipelineCount, pushToText, queueWait, type WatchedPipeline } from './watched-pipeline.ts';

/** For the duty officer: are people reached, what is open, what is late, and where does work pile up. */
export function dutyDashboard({
  functions,
  officersApi,
  stateMachine,
}: WatchedPipeline): IWidget[][] {
  const period = GRAPH_PERIOD;
  return [
    row(
      graph('Warnings', [
        pipelineCount('WarningsDecided', 'score-subjects', period),
        pipelineCount('WarningsSuppressed', 'score-subjects', period),
        pipelineCount('WarningsSent', 'send-warnings', period),
        pipelineCount('WarningsDeferred', 'send-warnings', period),
        pipelineCount('WarningsUndeliverable', 'send-warnings', period),
        pipelineCount('WarningsOverBudget', 'send-warnings', period),
      ]),
      graph(
        'From push to text (ms)',
        ['p50', 'p99'].map((statistic) => pushToText(statistic, period).with({ label: statistic })),
      ),
      graph('Cases opened and closed', [
        pipelineCount('CasesOpened', 'open-cases', period),
        pipelineCount('CasesClosed', 'close-case', period),
      ]),
    ),
    row(
      graph('Open cases, against the left edge', [openCases()]),
      graph('Tasks offered by tier', [
        everySeries(`${METRICS_NAMESPACE},service,tier`, 'TasksAssigned', Stats.SUM),
      ]),
      graph('Tasks done and overdue', [
        pipelineCount('TasksCompleted', 'settle-task', period),
        pipelineCount('TasksOverdue', 'settle-task', period),
      ]),
    ),
    row(
      graph(
        'Tasks wait in their queue (s)',
        ['p50', 'p90'].map((statistic) => queueWait(statistic, period).with({ label: statistic })),
      ),
      ...tasksByQueue(functions),
      graph('Cases whose workflow broke', [
        stateMachine.metricFailed({ period }),
        stateMachine.metricTimedOut({ period }),
      ]),
    ),
    row(
      graph('What people report', [
        pipelineCount('CluesTaken', 'take-clue', period),
        pipelineCount('CluesCounted', 'take-clue', period),
        pipelineCount('ClueBursts', 'take-clue', period),
        pipelineCount('AppealsLodged', 'take-clue', period),
      ]),
      graph('Live updates', [
        pipelineCount('ConnectionsOpened', 'live-connections', period),
        pipelineCount('ConnectionsRefused', 'live-connections', period),
        pipelineCount('UpdatesSent', 'push-updates', period),
        pipelineCount('UpdatesFailed', 'push-updates', period),
      ]),
      graph(
        'Pages wait for answers (ms)',
        ['p50', 'p99'].map((statistic) =>
          officersApi.metricLatency({ statistic, period, label: statistic }),
        ),
      ),
    ),
  ];
}

/** CloudWatch counts events and knows no stock: more or fewer than when the graph begins. */
function openCases(): MathExpression {
  return new MathExpression({
    expression: 'RUNNING_SUM(FILL(opened, 0)) - RUNNING_SUM(FILL(closed, 0))',
    usingMetrics: {
      opened: pipelineCount('CasesOpened', 'open-cases', GRAPH_PERIOD),
      closed: pipelineCount('CasesClosed', 'close-case', GRAPH_PERIOD),
    },
    label: 'more open than at first',
    period: GRAPH_PERIOD,
  });
}

/** Out of the log: a metric for each of some hundred stations would cost more than looking now and then. */
function tasksByQueue(functions: WatchedPipeline['functions']): IWidget[] {
  return functions
    .filter(({ name }) => name === 'offer-task')
    .map(
      (offerTask) =>
        new LogQueryWidget({
          title: 'Tasks offered by station and tier',
          logGroupNames: [offerTask.function.logGroup.logGroupName],
          view: LogQueryVisualizationType.TABLE,
          width: FULL_WIDTH / 3,
          height: 6,
          queryLines: [
            'filter message = "a task was offered"',
            'stats count(*) as tasks by queue, tier',
            'sort tasks desc',
          ],
        }),
    );
}
