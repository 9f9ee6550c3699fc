import { Duration } from 'aws-cdk-lib';
import {
  EventSourceMapping,
  FilterCriteria,
  FilterRule,
  MetricType,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { PipelineFunction } from './pipeline-function.ts';
import type { PipelineStream } from './pipeline-stream.ts';
import type { PipelineTable } from './pipeline-table.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import type { StageConfig, StreamSourceName } from './stage-config.ts';

export interface StreamSourceProps {
  readonly name: StreamSourceName;
  readonly config: StageConfig;
  /** The stream to read, or the table whose stream to read. */
  readonly from: PipelineStream | PipelineTable;
  readonly consumer: PipelineFunction;
  /** Where records go that Lambda gave up on. Absent: nowhere, for what is worth nothing later. */
  readonly abandonTo?: QuarantineBucket;
  /** Take only new items whose sort key begins so (table streams). */
  readonly itemPrefix?: string;
  /** New and changed items, not deleted ones. */
  readonly changesToo?: boolean;
}

/**
 * Feeds a stream into a function from its oldest record on. Failing batches are bisected down to the
 * poisonous record, retried within limits, and then kept whole in the quarantine bucket, so that
 * no record blocks its shard and none is lost, but where a source has no use for old records.
 */
export class StreamSource extends Construct {
  readonly name: StreamSourceName;
  readonly mapping: EventSourceMapping;
  /** What it reads, if that is a stream of its own and not a table's. */
  readonly stream: PipelineStream | undefined;
  /** Whether records that Lambda gave up on are kept. */
  readonly keepsAbandoned: boolean;

  constructor(scope: Construct, id: string, props: StreamSourceProps) {
    super(scope, id);
    this.name = props.name;
    const { abandonTo, config, consumer, from } = props;
    const source = config.sources[props.name];
    this.stream = 'stream' in from ? from : undefined;
    from.allowPolling(consumer.role);
    abandonTo?.allowAbandoning(consumer.role);
    this.keepsAbandoned = abandonTo !== undefined;
    this.mapping = new EventSourceMapping(this, 'Mapping', {
      target: consumer.function,
      eventSourceArn: 'stream' in from ? from.stream.streamArn : from.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: source.batchSize,
      maxBatchingWindow: Duration.seconds(source.windowSeconds),
      parallelizationFactor: source.parallelization,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: source.retryAttempts,
      maxRecordAge: Duration.seconds(source.maxRecordAgeSeconds),
      ...(abandonTo && {
        supportS3OnFailureDestination: true,
        onFailure: { bind: () => ({ destination: abandonTo.bucket.bucketArn }) },
      }),
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
      ...((props.itemPrefix !== undefined || props.changesToo) && {
        filters: [itemsOf(props.itemPrefix, props.changesToo === true)],
      }),
    });
  }
}

function itemsOf(prefix: string | undefined, changesToo: boolean): { [key: string]: unknown } {
  return FilterCriteria.filter({
    eventName: changesToo ? FilterRule.or('INSERT', 'MODIFY') : FilterRule.isEqual('INSERT'),
    ...(prefix !== undefined && {
      dynamodb: { Keys: { item: { S: FilterRule.beginsWith(prefix) } } },
    }),
  });
}
