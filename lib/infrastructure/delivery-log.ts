import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { PipelineKey } from './pipeline-key.ts';
import type { StageConfig } from './stage-config.ts';

/**
 * The names of the log groups into which SNS writes what became of texts to phone numbers: those that arrived, and
 * those that failed. SNS chooses them.
 */
export function deliveryLogNames(): readonly [arrived: string, failed: string] {
  const name = `sns/${Aws.REGION}/${Aws.ACCOUNT_ID}/DirectPublishToPhoneNumber`;
  return [name, `${name}/Failure`];
}

export interface DeliveryLogProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
}

/**
 * SNS's log of texts. Its lines name the person's clear number, so the groups are made here before SNS makes them:
 * under the stage's key, for a day or a few, and gone with the stack in every stage.
 *
 * SNS writes only once the account's own settings name the role. No CloudFormation resource sets them, and they are the
 * whole account's in this region, texts of others included: whoever deploys sets them knowingly, by one command of
 * docs/deploying.md, and an alarm tells when nobody has.
 */
export class DeliveryLog extends Construct {
  readonly groups: readonly LogGroup[];
  readonly role: Role;

  constructor(scope: Construct, id: string, props: DeliveryLogProps) {
    super(scope, id);
    const { config, key } = props;
    const [arrived, failed] = deliveryLogNames();
    const group = (groupId: string, logGroupName: string) =>
      new LogGroup(this, groupId, {
        logGroupName,
        encryptionKey: key.key,
        retention: config.retention.deliveryLogDays,
        removalPolicy: RemovalPolicy.DESTROY,
      });
    this.groups = [group('Arrived', arrived), group('Failed', failed)];
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('sns.amazonaws.com'),
      description: `Forewarn ${config.stage}: lets SNS log what became of texts`,
    });
    this.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: this.groups.map(({ logGroupArn }) => logGroupArn),
      }),
    );
  }
}
