import { ArnFormat, Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import {
  CustomerManagedEncryptionConfiguration,
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledgeWildcard } from './acknowledged-findings.ts';
import type { Archive } from './archive.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { StageConfig } from './stage-config.ts';

const DAY_MINUTES = 24 * 60;

/** What the workflows of the night call. */
export const INTEGRATIONS = {
  askAthena: `arn:${Aws.PARTITION}:states:::athena:startQueryExecution.sync`,
  readAnswer: `arn:${Aws.PARTITION}:states:::athena:getQueryResults`,
  invoke: `arn:${Aws.PARTITION}:states:::lambda:invoke`,
} as const;

export interface NightlyWorkflowProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly archive: Archive;
  /** Of the workflow, after the stack's. */
  readonly name: NightlyName;
  /** What it does, as in: compacts the archive. */
  readonly does: string;
  /** Local time at which it begins, minutes after midnight. */
  readonly localMinutes: number;
  readonly definition: object;
  /** The functions that it calls. */
  readonly functions: readonly PipelineFunction[];
}

export type NightlyName = 'archive-compaction' | 'daily-study';

/** A workflow over the archive that begins every night. */
export class NightlyWorkflow extends Construct {
  readonly role: Role;
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: NightlyWorkflowProps) {
    super(scope, id);
    const { config, does, functions } = props;
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: `Forewarn ${config.stage}: what the workflow may do that ${does}`,
    });
    this.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: functions.map((one) => one.function.functionArn),
      }),
    );
    acknowledgeWildcard(
      this.role,
      '*',
      'X-Ray takes no resource for traces, and CloudWatch Logs none for the log deliveries that ' +
        'Step Functions sets up for its execution log.',
    );
    this.stateMachine = this.workflow(props);
    this.schedule(props);
  }

  private workflow({ archive, config, definition, key, name }: NightlyWorkflowProps): StateMachine {
    const stack = Stack.of(this);
    const stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: nightlyName(stack, name),
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(stack.toJsonString(definition)),
      role: this.role,
      tracingEnabled: true,
      encryptionConfiguration: new CustomerManagedEncryptionConfiguration(key.reference),
      logs: {
        destination: new LogGroup(this, 'Logs', {
          encryptionKey: key.key,
          retention: config.retention.logDays,
          removalPolicy:
            config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
    });
    stateMachine.node.addDependency(archive.workGroup);
    return stateMachine;
  }

  private schedule({ config, does, key, localMinutes, name }: NightlyWorkflowProps): void {
    const { stateMachineArn } = this.stateMachine;
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      description: `Forewarn ${config.stage}: starts the workflow that ${does}`,
    });
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachineArn] }),
    );
    key.allowForWorkflow(role, nightlyArn(Stack.of(this), name));
    const minutes =
      (localMinutes - config.archive.utcOffsetMinutes + 2 * DAY_MINUTES) % DAY_MINUTES;
    const schedule = new CfnSchedule(this, 'Nightly', {
      description: `Forewarn: ${does} every night`,
      scheduleExpression: `cron(${minutes % 60} ${Math.floor(minutes / 60)} * * ? *)`,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: { arn: stateMachineArn, roleArn: role.roleArn, input: '{}' },
    });
    schedule.node.addDependency(role);
  }
}

/** Fixed, so that the key can be bound to the ARN before the workflow exists. */
function nightlyName(stack: Stack, name: NightlyName): string {
  return `${stack.stackName}-${name}`;
}

/** The ARN that the workflow of a stack has or will have. */
export function nightlyArn(stack: Stack, name: NightlyName): string {
  return stack.formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: nightlyName(stack, name),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
