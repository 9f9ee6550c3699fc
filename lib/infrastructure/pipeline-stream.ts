import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ShardLevelMetrics, Stream, StreamEncryption, StreamMode } from 'aws-cdk-lib/aws-kinesis';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledged-findings.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { StageConfig, StreamName } from './stage-config.ts';

export interface PipelineStreamProps {
  readonly name: StreamName;
  readonly config: StageConfig;
  readonly key: PipelineKey;
  /** Whether the age of records is measured by shard too, at the price of a metric each. */
  readonly measuresShards?: boolean;
}

/** An encrypted Kinesis stream between two stages of the pipeline. */
export class PipelineStream extends Construct {
  readonly stream: Stream;
  private readonly key: PipelineKey;

  constructor(scope: Construct, id: string, props: PipelineStreamProps) {
    super(scope, id);
    this.key = props.key;
    const { mode, retentionHours, shards } = props.config.streams;
    this.stream = new Stream(this, 'Stream', {
      ...(mode === 'on-demand' || shards === undefined
        ? { streamMode: StreamMode.ON_DEMAND }
        : { streamMode: StreamMode.PROVISIONED, shardCount: shards[props.name] }),
      ...(props.measuresShards && {
        shardLevelMetrics: [ShardLevelMetrics.ITERATOR_AGE_MILLISECONDS],
      }),
      retentionPeriod: Duration.hours(retentionHours),
      encryption: StreamEncryption.KMS,
      encryptionKey: props.key.key,
      removalPolicy:
        props.config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(
      this.stream,
      'KDS3',
      "The rule asks for the account's shared aws/kinesis key; this stream is under the stack's own " +
        'rotated key, whose policy says who may read.',
    );
  }

  /** Writing in batches, and nothing else. */
  allowWriting(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['kinesis:PutRecords'],
        resources: [this.stream.streamArn],
      }),
    );
    this.key.allowThrough('kinesis', grantee, 'kms:GenerateDataKey');
  }

  /** What Lambda's poller does in the name of a function. */
  allowPolling(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [
          'kinesis:DescribeStream',
          'kinesis:DescribeStreamSummary',
          'kinesis:GetRecords',
          'kinesis:GetShardIterator',
          'kinesis:ListShards',
        ],
        resources: [this.stream.streamArn],
      }),
    );
    this.key.allowThrough('kinesis', grantee, 'kms:Decrypt');
  }
}
