import { Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  type IGrantable,
  PolicyDocument,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { deliveryLogNames } from './delivery-log.ts';
import type { StageConfig } from './stage-config.ts';

/** The services through which the key may be used. */
export type KeyUser = 'dynamodb' | 'firehose' | 'kinesis' | 's3' | 'secretsmanager' | 'sns' | 'sqs';

const keyUsers: readonly KeyUser[] = [
  'dynamodb',
  'firehose',
  'kinesis',
  's3',
  'secretsmanager',
  'sns',
  'sqs',
];

/**
 * The value that AWS gives `kms:ViaService`. The region stays open because DynamoDB asks for it
 * ("the permission is not Region-specific"), the end because China's names end in `.com.cn`.
 */
const viaService = (service: KeyUser): string => `${service}.*.amazonaws.com*`;

export interface PipelineKeyProps {
  readonly config: StageConfig;
  /** The workflows, whose executions are encrypted under the key too. */
  readonly stateMachineArns: readonly string[];
}

/**
 * The customer-managed key under which everything that Forewarn keeps is encrypted. Its policy lets
 * the account administer it, but use it only through the services that hold the data: nobody can
 * decrypt with it directly, whatever his own policies say.
 */
export class PipelineKey extends Construct {
  readonly key: Key;
  /**
   * The same key for constructs that would widen its policy by themselves: CDK's secrets and state
   * machines add statements broader than those below, but leave a key alone that they only know.
   */
  readonly reference: IKey;
  private readonly stateMachineArns: readonly string[];

  constructor(scope: Construct, id: string, props: PipelineKeyProps) {
    super(scope, id);
    this.stateMachineArns = props.stateMachineArns;
    this.key = new Key(this, 'Key', {
      description: `Forewarn ${props.config.stage}: streams, tables, quarantine, secrets, logs`,
      enableKeyRotation: true,
      removalPolicy:
        props.config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      policy: this.policy(),
    });
    this.reference = Key.fromKeyArn(this, 'Reference', this.key.keyArn);
  }

  /** Lets an identity use the key for data that one service keeps. */
  allowThrough(service: KeyUser, grantee: IGrantable, ...actions: readonly string[]): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [...actions],
        resources: [this.key.keyArn],
        conditions: { StringLike: { 'kms:ViaService': viaService(service) } },
      }),
    );
  }

  /** Lets an identity start executions of a workflow, or answer their tasks. */
  allowForWorkflow(grantee: IGrantable, stateMachineArn: string): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [this.key.keyArn],
        conditions: ofWorkflows([stateMachineArn]),
      }),
    );
  }

  private policy(): PolicyDocument {
    const stack = Stack.of(this);
    const account = new AccountRootPrincipal();
    // Those of the stack, and those of SNS that the stack makes in its place.
    const logGroups = [`${stack.stackName}-*`, ...deliveryLogNames()].map((name) =>
      stack.formatArn({ service: 'logs', resource: `log-group:${name}` }),
    );
    // Step Functions encrypts what it logs under this very context, a literal asterisk at its end.
    const ofLogs = {
      StringEquals: {
        'kms:EncryptionContext:SourceArn': stack.formatArn({ service: 'logs', resource: '*' }),
      },
    };
    const onKey = { resources: ['*'] };
    return new PolicyDocument({
      statements: [
        new PolicyStatement({
          sid: 'AccountAdministersTheKey',
          principals: [account],
          actions: [
            'kms:CancelKeyDeletion',
            'kms:CreateAlias',
            'kms:DeleteAlias',
            'kms:DescribeKey',
            'kms:DisableKey',
            'kms:DisableKeyRotation',
            'kms:EnableKey',
            'kms:EnableKeyRotation',
            'kms:GetKeyPolicy',
            'kms:GetKeyRotationStatus',
            'kms:ListGrants',
            'kms:ListKeyPolicies',
            'kms:ListResourceTags',
            'kms:ListRetirableGrants',
            'kms:PutKeyPolicy',
            'kms:RevokeGrant',
            'kms:ScheduleKeyDeletion',
            'kms:TagResource',
            'kms:UntagResource',
            'kms:UpdateAlias',
            'kms:UpdateKeyDescription',
          ],
          ...onKey,
        }),
        new PolicyStatement({
          sid: 'AccountUsesTheKeyThroughServices',
          principals: [account],
          actions: [
            'kms:Decrypt',
            'kms:Encrypt',
            'kms:GenerateDataKey',
            'kms:GenerateDataKeyWithoutPlaintext',
            'kms:ReEncryptFrom',
            'kms:ReEncryptTo',
          ],
          ...onKey,
          conditions: { StringLike: { 'kms:ViaService': keyUsers.map(viaService) } },
        }),
        new PolicyStatement({
          sid: 'DynamoDbKeepsItsOwnGrants',
          principals: [account],
          actions: ['kms:CreateGrant'],
          ...onKey,
          conditions: {
            Bool: { 'kms:GrantIsForAWSResource': true },
            StringLike: { 'kms:ViaService': viaService('dynamodb') },
          },
        }),
        new PolicyStatement({
          sid: 'FirehoseKeepsItsOwnGrants',
          principals: [account],
          actions: ['kms:CreateGrant'],
          ...onKey,
          conditions: {
            Bool: { 'kms:GrantIsForAWSResource': true },
            StringLike: { 'kms:ViaService': viaService('firehose') },
          },
        }),
        new PolicyStatement({
          sid: 'WorkflowDataIsEncrypted',
          principals: [account],
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          ...onKey,
          conditions: ofWorkflows(this.stateMachineArns),
        }),
        new PolicyStatement({
          sid: 'WorkflowLogsAreEncrypted',
          principals: [account],
          actions: ['kms:GenerateDataKey'],
          ...onKey,
          conditions: ofLogs,
        }),
        new PolicyStatement({
          sid: 'WorkflowLogsAreDelivered',
          principals: [new ServicePrincipal('delivery.logs.amazonaws.com')],
          actions: ['kms:Decrypt'],
          ...onKey,
          conditions: ofLogs,
        }),
        new PolicyStatement({
          sid: 'CloudWatchLogsEncryptsLogGroups',
          principals: [new ServicePrincipal(`logs.${Aws.REGION}.${Aws.URL_SUFFIX}`)],
          actions: [
            'kms:Decrypt',
            'kms:DescribeKey',
            'kms:Encrypt',
            'kms:GenerateDataKey',
            'kms:GenerateDataKeyWithoutPlaintext',
            'kms:ReEncryptFrom',
            'kms:ReEncryptTo',
          ],
          ...onKey,
          conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups } },
        }),
        new PolicyStatement({
          sid: 'CloudWatchAlarmsReachTheTopic',
          principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          ...onKey,
          conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
        }),
      ],
    });
  }
}

/** Data of executions is encrypted in this context. */
function ofWorkflows(stateMachineArns: readonly string[]) {
  return {
    StringEquals: {
      'kms:EncryptionContext:aws:states:stateMachineArn':
        stateMachineArns.length === 1 ? stateMachineArns[0] : stateMachineArns,
    },
  };
}
