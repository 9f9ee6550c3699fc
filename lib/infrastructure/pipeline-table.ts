import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  BillingMode,
  type CfnTable,
  type StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, type PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcard, inFinding } from './acknowledged-findings.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { StageConfig } from './stage-config.ts';

export interface PipelineTableProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly partitionKey: Attribute;
  readonly sortKey?: Attribute;
  /** What of changed items travels on through the table's stream; nothing by default. */
  readonly streamed?: StreamViewType;
  /** What the table itself refuses, whatever an identity's own policies say. */
  readonly resourcePolicy?: PolicyDocument;
}

/** An encrypted on-demand table whose items expire by their attribute `expiresAt`. */
export class PipelineTable extends Construct {
  readonly table: Table;
  private readonly key: PipelineKey;

  constructor(scope: Construct, id: string, props: PipelineTableProps) {
    super(scope, id);
    this.key = props.key;
    const retained = props.config.removalPolicy === 'retain';
    this.table = new Table(this, 'Table', {
      partitionKey: props.partitionKey,
      ...(props.sortKey && { sortKey: props.sortKey }),
      ...(props.streamed && { stream: props.streamed }),
      ...(props.resourcePolicy && { resourcePolicy: props.resourcePolicy }),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.key.key,
      timeToLiveAttribute: 'expiresAt',
      pointInTimeRecoverySpecification: {
        pointInTimeRecoveryEnabled: props.config.pointInTimeRecovery,
      },
      deletionProtection: retained,
      removalPolicy: retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }

  /** The named actions on the table's items, and the key to read and write them. */
  allowItems(grantee: IGrantable, ...actions: readonly `dynamodb:${string}`[]): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: [...actions], resources: [this.table.tableArn] }),
    );
    this.allowKey(grantee);
  }

  /** Listing what stands on some of the table's indexes. */
  allowIndexes(grantee: IGrantable, ...names: readonly string[]): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['dynamodb:Query'],
        resources: names.map((name) => `${this.table.tableArn}/index/${name}`),
      }),
    );
    this.allowKey(grantee);
  }

  private allowKey(grantee: IGrantable): void {
    // The least that DynamoDB documents for whoever uses a table under a customer-managed key;
    // creating grants stays with whoever deploys the table.
    this.key.allowThrough(
      'dynamodb',
      grantee,
      'kms:Decrypt',
      'kms:DescribeKey',
      'kms:Encrypt',
      'kms:GenerateDataKey',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
    );
  }

  /**
   * What Lambda's poller does on the table's stream in the name of a function.
   * @throws {Error} when the table has no stream
   */
  allowPolling(grantee: IGrantable & Construct): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
        resources: [this.streamArn],
      }),
    );
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['dynamodb:ListStreams'],
        resources: [`${this.table.tableArn}/stream/*`],
      }),
    );
    acknowledgeWildcard(
      grantee,
      `${inFinding(this.table.node.defaultChild as CfnTable, 'Arn')}/stream/*`,
      "Lambda lists the table's streams before it polls one; the narrowest resource that DynamoDB " +
        'takes for this action is all streams of the one table.',
    );
    this.key.allowThrough('dynamodb', grantee, 'kms:Decrypt');
  }

  get streamArn(): string {
    const arn = this.table.tableStreamArn;
    if (arn === undefined) throw new Error(`Table ${this.node.path} has no stream`);
    return arn;
  }
}
