import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledgeWildcard, inFinding } from './acknowledged-findings.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { StageConfig } from './stage-config.ts';

/** Where intake puts the records that it cannot accept. */
const REJECTED_PREFIX = 'quarantine/';
/** Where Lambda puts batches it gave up on; the prefix is Lambda's own and cannot be chosen. */
const ABANDONED_PREFIX = 'aws/lambda/';

export interface QuarantineBucketProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
}

/**
 * Holds what the pipeline could not take: refused records and batches that failed to the end.
 * Both hold clear phone numbers, so objects are encrypted, expire, and every access is logged.
 */
export class QuarantineBucket extends Construct {
  readonly bucket: Bucket;
  /** Who looked at what, of this bucket and of others. */
  readonly accessLogs: Bucket;
  private readonly key: PipelineKey;

  constructor(scope: Construct, id: string, props: QuarantineBucketProps) {
    super(scope, id);
    this.key = props.key;
    const { config } = props;
    const removalPolicy =
      config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const shut = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy,
    };
    this.accessLogs = new Bucket(this, 'AccessLogs', {
      ...shut,
      // S3 delivers its access logs only into buckets under its own keys.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(config.retention.accessLogDays) }],
    });
    this.bucket = new Bucket(this, 'Bucket', {
      ...shut,
      encryption: BucketEncryption.KMS,
      encryptionKey: props.key.key,
      bucketKeyEnabled: true,
      // CDK's Bucket may hold `policy: undefined`, which its own IBucket does not spell out.
      serverAccessLogsBucket: this.accessLogs as IBucket,
      serverAccessLogsPrefix: 'quarantine/',
      lifecycleRules: [
        {
          expiration: Duration.days(config.retention.quarantineDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
  }

  /** Putting refused records in, without reading any. */
  allowRejecting(grantee: IGrantable & Construct): void {
    this.allowPutting(
      grantee,
      REJECTED_PREFIX,
      'Each refused record becomes an object of its own name below this one prefix.',
    );
  }

  /** What Lambda does in the name of a function when it gives up on a batch. */
  allowAbandoning(grantee: IGrantable & Construct): void {
    this.allowPutting(
      grantee,
      ABANDONED_PREFIX,
      'Lambda names the object of each abandoned batch itself, below this one prefix.',
    );
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }),
    );
  }

  private allowPutting(grantee: IGrantable & Construct, prefix: string, reason: string): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:PutObject'],
        resources: [this.bucket.arnForObjects(`${prefix}*`)],
      }),
    );
    const arn = inFinding(this.bucket.node.defaultChild as CfnBucket, 'Arn');
    acknowledgeWildcard(grantee, `${arn}/${prefix}*`, reason);
    this.key.allowThrough('s3', grantee, 'kms:GenerateDataKey');
  }
}
