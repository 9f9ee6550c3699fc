import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventInvokeConfig, EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, SubscriptionFilter } from 'aws-cdk-lib/aws-logs';
import { LambdaDestination } from 'aws-cdk-lib/aws-logs-destinations';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { DeliveryLog } from './delivery-log.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { PipelineTable } from './pipeline-table.ts';
import type { PolicyDelivery } from './policy-delivery.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import type { StageConfig } from './stage-config.ts';

/** AWS: a queue hides its messages for at least six times the timeout of the function it feeds. */
const VISIBILITY_TIMEOUTS = 6;
/** Lambda tries an asynchronous invocation twice more at most, for six hours at most. */
const RETRY_ATTEMPTS = 2;
const MOST_EVENT_AGE = Duration.hours(6);

export interface RecordDeliveryProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly log: DeliveryLog;
  readonly subjects: PipelineTable;
  readonly quarantine: QuarantineBucket;
  readonly policies: PolicyDelivery;
  /** From where the sender takes warnings once more. */
  readonly retries: IQueue;
  readonly deadLetters: Queue;
}

/** SNS's log of texts in; what became of each warning's text, and of whom no text reaches people are told. */
export class RecordDelivery extends Construct {
  readonly function: PipelineFunction;
  /** Reports that came before their text was written down. They name nobody. */
  readonly early: Queue;

  constructor(scope: Construct, id: string, props: RecordDeliveryProps) {
    super(scope, id);
    const { config, deadLetters, key, log, policies, quarantine, retries, subjects } = props;
    const { timeoutSeconds } = config.functions['record-delivery'];
    this.early = new Queue(this, 'Early', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key.key,
      enforceSSL: true,
      visibilityTimeout: Duration.seconds(VISIBILITY_TIMEOUTS * timeoutSeconds),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: config.warningRetries.maxReceives },
      removalPolicy:
        config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.function = new PipelineFunction(this, 'RecordDelivery', {
      name: 'record-delivery',
      description: 'Forewarn: records what became of each text, and hands over whom none reaches',
      config,
      key,
      environment: {
        SUBJECTS_TABLE_NAME: subjects.table.tableName,
        WARNING_RETRIES_QUEUE_URL: retries.queueUrl,
        EARLY_REPORTS_QUEUE_URL: this.early.queueUrl,
        CARRIERS: config.sms.carriers.join(';'),
        ...policies.settings('live'),
      },
    });
    subjects.allowItems(this.function, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    policies.allowReading(this.function, 'live');
    this.useQueues(key, retries);
    this.readLog(log, quarantine);
    new EventSourceMapping(this, 'EarlyReports', {
      target: this.function.function,
      eventSourceArn: this.early.queueArn,
      batchSize: config.warningRetries.batchSize,
      maxConcurrency: config.warningRetries.maxConcurrency,
      reportBatchItemFailures: true,
    });
  }

  private useQueues(key: PipelineKey, retries: IQueue): void {
    const { role } = this.function;
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        resources: [retries.queueArn, this.early.queueArn],
      }),
    );
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
        resources: [this.early.queueArn],
      }),
    );
    key.allowThrough('sqs', this.function, 'kms:Decrypt', 'kms:GenerateDataKey');
  }

  /** What Lambda gives up on holds clear numbers, so it goes where other such things are. */
  private readLog(log: DeliveryLog, quarantine: QuarantineBucket): void {
    quarantine.allowAbandoning(this.function.role);
    new EventInvokeConfig(this, 'Invocations', {
      function: this.function.function,
      retryAttempts: RETRY_ATTEMPTS,
      maxEventAge: MOST_EVENT_AGE,
      onFailure: { bind: () => ({ destination: quarantine.bucket.bucketArn }) },
    });
    for (const group of log.groups) {
      new SubscriptionFilter(this, `${group.node.id}Texts`, {
        logGroup: group,
        destination: new LambdaDestination(this.function.function),
        filterPattern: FilterPattern.allEvents(),
      });
    }
  }
}
