import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledgeWildcard, inFinding } from './acknowledged-findings.ts';
import { allowTexting, textSettings } from './allow-texting.ts';
import { campaignDefinition } from './campaign-definition.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import { PipelineTable } from './pipeline-table.ts';
import { createWorkflow, workflowArn, workflowName } from './pipeline-workflow.ts';
import type { PolicyDelivery } from './policy-delivery.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import type { SealingSecret } from './sealing-secret.ts';
import type { StageConfig } from './stage-config.ts';

/** Where the lists of campaigns are, for the effect is counted over them. */
const LISTS_PREFIX = 'campaigns/';

export interface CampaignsProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly subjects: PipelineTable;
  readonly registers: PipelineTable;
  readonly quarantine: QuarantineBucket;
  readonly policies: PolicyDelivery;
  readonly sealing: SealingSecret;
}

/**
 * Education: campaigns, the lists of their people, and the workflow that texts them. Nothing invokes the functions but
 * the workflow, and administrators whom somebody allows to.
 */
export class Campaigns extends Construct {
  readonly table: PipelineTable;
  readonly lists: Bucket;
  readonly audience: PipelineFunction;
  readonly keep: PipelineFunction;
  readonly send: PipelineFunction;
  readonly stateMachine: StateMachine;
  private readonly key: PipelineKey;

  constructor(scope: Construct, id: string, props: CampaignsProps) {
    super(scope, id);
    const { config, key, policies, registers, sealing, subjects } = props;
    this.key = key;
    this.table = new PipelineTable(this, 'Campaigns', {
      config,
      key,
      partitionKey: { name: 'key', type: AttributeType.STRING },
      sortKey: { name: 'item', type: AttributeType.STRING },
    });
    this.lists = this.bucket(props);
    const tables = {
      CAMPAIGNS_TABLE_NAME: this.table.table.tableName,
      REGISTERS_TABLE_NAME: registers.table.tableName,
      SUBJECTS_TABLE_NAME: subjects.table.tableName,
    };
    this.audience = new PipelineFunction(this, 'CampaignAudience', {
      name: 'campaign-audience',
      description: 'Forewarn: draws whom a campaign texts, and counts what became of them',
      config,
      key,
      environment: {
        ...tables,
        CAMPAIGN_LISTS_BUCKET_NAME: this.lists.bucketName,
        SMS_MAX_PRICE_USD: String(config.sms.maxPriceUsd),
        TEXT_LANGUAGE: config.textLanguage,
        ...policies.settings('live'),
      },
    });
    this.table.allowItems(
      this.audience,
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:UpdateItem',
    );
    registers.allowItems(this.audience, 'dynamodb:BatchGetItem', 'dynamodb:Query');
    subjects.allowItems(this.audience, 'dynamodb:BatchGetItem');
    policies.allowReading(this.audience, 'live');
    this.allowLists(this.audience, 's3:GetObject', 's3:PutObject');
    this.keep = new PipelineFunction(this, 'KeepCampaign', {
      name: 'keep-campaign',
      description: 'Forewarn: starts, stops and resumes campaigns, and tells how they stand',
      config,
      key,
      environment: {
        CAMPAIGNS_TABLE_NAME: tables.CAMPAIGNS_TABLE_NAME,
        CAMPAIGN_STATE_MACHINE_ARN: workflowArn(Stack.of(this), 'campaigns'),
      },
    });
    this.table.allowItems(
      this.keep,
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    );
    this.allowRunning(this.keep);
    this.send = new PipelineFunction(this, 'SendNotices', {
      name: 'send-notices',
      description: 'Forewarn: texts each person of a campaign, once',
      config,
      key,
      environment: {
        ...tables,
        SEALING_SECRET_ARN: sealing.secret.secretArn,
        ...textSettings(config),
        ...policies.settings('live'),
      },
    });
    this.table.allowItems(
      this.send,
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:UpdateItem',
    );
    registers.allowItems(this.send, 'dynamodb:BatchGetItem', 'dynamodb:GetItem');
    // Opting out and the day's count of texts stand with the subjects.
    subjects.allowItems(this.send, 'dynamodb:BatchGetItem', 'dynamodb:UpdateItem');
    policies.allowReading(this.send, 'live');
    sealing.allowReading(this.send.role);
    allowTexting(this.send.role);
    this.stateMachine = this.workflow(config);
  }

  private bucket({ config, key, quarantine }: CampaignsProps): Bucket {
    return new Bucket(this, 'Lists', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      encryption: BucketEncryption.KMS,
      encryptionKey: key.key,
      bucketKeyEnabled: true,
      removalPolicy:
        config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      // CDK's Bucket may hold `policy: undefined`, which its own IBucket does not spell out.
      serverAccessLogsBucket: quarantine.accessLogs as IBucket,
      serverAccessLogsPrefix: LISTS_PREFIX,
      lifecycleRules: [
        {
          expiration: Duration.days(config.retention.subjectDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
    });
  }

  private allowLists(grantee: IGrantable & Construct, ...actions: string[]): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions,
        resources: [this.lists.arnForObjects(`${LISTS_PREFIX}*`)],
      }),
    );
    const arn = inFinding(this.lists.node.defaultChild as CfnBucket, 'Arn');
    acknowledgeWildcard(
      grantee,
      `${arn}/${LISTS_PREFIX}*`,
      'Each campaign has its lists below this one prefix, under its own name.',
    );
    const key = actions.includes('s3:PutObject') ? ['kms:GenerateDataKey'] : [];
    this.key.allowThrough('s3', grantee, 'kms:Decrypt', ...key);
  }

  /** Starting runs of the workflow, and stopping them. */
  private allowRunning(grantee: PipelineFunction): void {
    const stack = Stack.of(this);
    // By name: the workflow's role names the functions, so they cannot name the workflow.
    grantee.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['states:StartExecution'],
        resources: [workflowArn(stack, 'campaigns')],
      }),
    );
    grantee.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['states:StopExecution'],
        resources: [campaignExecutions(stack)],
      }),
    );
    this.key.allowForWorkflow(grantee, workflowArn(stack, 'campaigns'));
    this.acknowledgeExecutions(grantee);
  }

  private acknowledgeExecutions(grantee: Construct): void {
    acknowledgeWildcard(
      grantee,
      `arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${workflowName(Stack.of(this), 'campaigns')}:*`,
      'Executions have the names of their runs, which are made when they start.',
    );
  }

  private workflow(config: StageConfig): StateMachine {
    const stack = Stack.of(this);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: `Forewarn ${config.stage}: what the workflow of a campaign may do`,
    });
    const arnOf = ({ function: { functionArn } }: PipelineFunction) => functionArn;
    const functions = {
      campaignAudienceArn: arnOf(this.audience),
      sendNoticesArn: arnOf(this.send),
      keepCampaignArn: arnOf(this.keep),
    };
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: Object.values(functions),
      }),
    );
    this.allowLists(role, 's3:GetObject');
    // What Step Functions documents for a distributed map: each batch is an execution of the same workflow.
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['states:StartExecution'],
        resources: [workflowArn(stack, 'campaigns')],
      }),
    );
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['states:DescribeExecution', 'states:StopExecution'],
        resources: [campaignExecutions(stack)],
      }),
    );
    this.acknowledgeExecutions(role);
    this.key.allowForWorkflow(role, workflowArn(stack, 'campaigns'));
    const definition = campaignDefinition({
      invoke: `arn:${Aws.PARTITION}:states:::lambda:invoke`,
      getObject: `arn:${Aws.PARTITION}:states:::s3:getObject`,
      listsBucket: this.lists.bucketName,
      ...functions,
      timeoutSeconds: timeoutOf(config),
    });
    return createWorkflow(this, { config, key: this.key, name: 'campaigns', role, definition });
  }
}

/** Longer than any of the workflow's functions may run. */
function timeoutOf({ functions }: StageConfig): number {
  const longest = Math.max(
    ...(['campaign-audience', 'keep-campaign', 'send-notices'] as const).map(
      (name) => functions[name].timeoutSeconds,
    ),
  );
  return longest + 30;
}

/** All executions of the campaigns' workflow. */
function campaignExecutions(stack: Stack): string {
  return `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:execution:${workflowName(stack, 'campaigns')}:*`;
}
