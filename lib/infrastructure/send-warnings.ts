import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allowTexting, textSettings } from './allow-texting.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { PipelineTable } from './pipeline-table.ts';
import type { PolicyDelivery } from './policy-delivery.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import type { SealingSecret } from './sealing-secret.ts';
import type { StageConfig } from './stage-config.ts';
import { StreamSource } from './stream-source.ts';

/** AWS: a queue hides its messages for at least six times the timeout of the function it feeds. */
const VISIBILITY_TIMEOUTS = 6;
const QUEUE_RETENTION = Duration.days(14);

export interface SendWarningsProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly subjects: PipelineTable;
  readonly quarantine: QuarantineBucket;
  readonly policies: PolicyDelivery;
  readonly sealing: SealingSecret;
}

/** New warnings in, one text each out; those that must wait come back through a queue. */
export class SendWarnings extends Construct {
  readonly function: PipelineFunction;
  readonly source: StreamSource;
  readonly retries: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: SendWarningsProps) {
    super(scope, id);
    const { config, key, policies, quarantine, sealing, subjects } = props;
    const sealed = {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key.key,
      enforceSSL: true,
      retentionPeriod: QUEUE_RETENTION,
      removalPolicy:
        config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };
    this.deadLetters = new Queue(this, 'DeadLetters', sealed);
    const { timeoutSeconds } = config.functions['send-warnings'];
    this.retries = new Queue(this, 'Retries', {
      ...sealed,
      visibilityTimeout: Duration.seconds(VISIBILITY_TIMEOUTS * timeoutSeconds),
      deadLetterQueue: {
        queue: this.deadLetters,
        maxReceiveCount: config.warningRetries.maxReceives,
      },
    });
    this.function = new PipelineFunction(this, 'SendWarnings', {
      name: 'send-warnings',
      description: 'Forewarn: texts each warning to the person it is for, once',
      config,
      key,
      environment: {
        SUBJECTS_TABLE_NAME: subjects.table.tableName,
        SEALING_SECRET_ARN: sealing.secret.secretArn,
        WARNING_RETRIES_QUEUE_URL: this.retries.queueUrl,
        ...textSettings(config),
        ...policies.settings('live'),
      },
    });
    subjects.allowItems(this.function, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    sealing.allowReading(this.function.role);
    policies.allowReading(this.function, 'live');
    allowTexting(this.function.role);
    this.allowDeferring(key);
    this.source = new StreamSource(this, 'NewWarnings', {
      name: 'subject-warnings',
      config,
      from: subjects,
      consumer: this.function,
      abandonTo: quarantine,
      itemPrefix: 'WARNING#',
    });
    this.readRetries(config, key);
  }

  private allowDeferring(key: PipelineKey): void {
    this.function.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        resources: [this.retries.queueArn],
      }),
    );
    key.allowThrough('sqs', this.function, 'kms:Decrypt', 'kms:GenerateDataKey');
  }

  private readRetries(config: StageConfig, key: PipelineKey): void {
    this.function.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        resources: [this.retries.queueArn],
      }),
    );
    key.allowThrough('sqs', this.function, 'kms:Decrypt');
    new EventSourceMapping(this, 'DeferredWarnings', {
      target: this.function.function,
      eventSourceArn: this.retries.queueArn,
      batchSize: config.warningRetries.batchSize,
      maxConcurrency: config.warningRetries.maxConcurrency,
      reportBatchItemFailures: true,
    });
  }
}
