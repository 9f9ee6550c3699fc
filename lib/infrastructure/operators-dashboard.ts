import { type IWidget, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { everySeries, GRAPH_PERIOD, graph, row } from './dashboard-widgets.ts';
import { METRICS_NAMESPACE } from './pipeline-function.ts';
import {
  abandonedRecords,
  iteratorAge,
  pipelineCount,
  quarantinePercent,
  type WatchedPipeline,
} from './watched-pipeline.ts';

/** For whoever speaks with the phone operators: what they push, what is refused and why, and how far behind we are. */
export function operatorsDashboard({ calls, config, sources }: WatchedPipeline): IWidget[][] {
  const { stream } = calls;
  const sum = { statistic: Stats.SUM, period: GRAPH_PERIOD };
  const [intake] = sources;
  return [
    row(
      graph('Records pushed and refused for want of capacity', [
        stream.metricIncomingRecords({ ...sum, label: 'pushed' }),
        stream.metric('WriteProvisionedThroughputExceeded', { ...sum, label: 'refused' }),
      ]),
      graph('Calls in the records', [
        pipelineCount('CallsReceived', 'intake', GRAPH_PERIOD),
        pipelineCount('CallsAccepted', 'intake', GRAPH_PERIOD),
        pipelineCount('CallsRejected', 'intake', GRAPH_PERIOD),
      ]),
      graph('Calls in quarantine by reason', [
        everySeries(`${METRICS_NAMESPACE},reason,service`, 'CallsRejected', Stats.SUM),
      ]),
    ),
    row(
      graph('Share of calls in quarantine (%)', [
        quarantinePercent(config.alarms.quarantineMinimumCalls, GRAPH_PERIOD),
      ]),
      graph('Age of records when they are read, by shard (ms)', [
        everySeries(
          'AWS/Kinesis,ShardId,StreamName',
          'IteratorAgeMilliseconds',
          Stats.MAXIMUM,
          `StreamName="${stream.streamName}"`,
        ),
      ]),
      graph('Age of the oldest record read, and records given up', [
        ...(intake === undefined
          ? []
          : [
              iteratorAge(intake.consumer, GRAPH_PERIOD).with({ label: 'age, ms' }),
              abandonedRecords(intake.source, GRAPH_PERIOD).with({ label: 'given up' }),
            ]),
      ]),
    ),
    row(
      graph('Duplicates dropped', [
        pipelineCount('DuplicateLegs', 'score-numbers', GRAPH_PERIOD),
        pipelineCount('DuplicateExposures', 'score-subjects', GRAPH_PERIOD),
      ]),
      graph('Records on their way to the archive', [
        pipelineCount('RecordsArchived', 'archive-calls', GRAPH_PERIOD),
      ]),
    ),
  ];
}
