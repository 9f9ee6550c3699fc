import { ArnFormat, Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
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

/** What the workflows over the archive call. */
export const INTEGRATIONS = {
  askAthena: `arn:${Aws.PARTITION}:states:::athena:startQueryExecution.sync`,
  readAnswer: `arn:${Aws.PARTITION}:states:::athena:getQueryResults`,
  invoke: `arn:${Aws.PARTITION}:states:::lambda:invoke`,
} as const;

export interface ArchiveWorkflowProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly archive: Archive;
  /** Of the workflow, after the stack's. */
  readonly name: ArchiveWorkflowName;
  /** What it does, as in: compacts the archive. */
  readonly does: string;
  readonly definition: object;
  /** The functions that it calls. */
  readonly functions: readonly PipelineFunction[];
}

export type ArchiveWorkflowName = 'archive-compaction' | 'contacts' | 'daily-study';

/** A workflow over the archive. */
export class ArchiveWorkflow extends Construct {
  readonly role: Role;
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: ArchiveWorkflowProps) {
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
  }

  private workflow({ archive, config, definition, key, name }: ArchiveWorkflowProps): StateMachine {
    const stack = Stack.of(this);
    const stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: workflowName(stack, name),
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
}

/** Fixed, so that the key can be bound to the ARN before the workflow exists. */
function workflowName(stack: Stack, name: ArchiveWorkflowName): string {
  return `${stack.stackName}-${name}`;
}

/** The ARN that the workflow of a stack has or will have. */
export function archiveWorkflowArn(stack: Stack, name: ArchiveWorkflowName): string {
  return stack.formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: workflowName(stack, name),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
