import { ArnFormat, Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType } from 'aws-cdk-lib/aws-dynamodb';
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
import { dissuasionDefinition } from './dissuasion-definition.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import { PipelineTable } from './pipeline-table.ts';
import type { StageConfig } from './stage-config.ts';

/**
 * The workflow's name, fixed so that the key can be bound to its ARN before it exists.
 * @param stack the stack that holds the workflow
 */
function dissuasionName(stack: Stack): string {
  return `${stack.stackName}-dissuasion`;
}

export interface DissuasionProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly subjects: PipelineTable;
}

/** The workflow that walks a case through its tasks, and the officers' tasks themselves. */
export class Dissuasion extends Construct {
  readonly tasks: PipelineTable;
  readonly assignTask: PipelineFunction;
  readonly closeTask: PipelineFunction;
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: DissuasionProps) {
    super(scope, id);
    const { config, key, subjects } = props;
    this.tasks = new PipelineTable(this, 'Tasks', {
      config,
      key,
      partitionKey: { name: 'taskId', type: AttributeType.STRING },
    });
    this.tasks.table.addGlobalSecondaryIndex({
      indexName: 'by-queue',
      partitionKey: { name: 'queue', type: AttributeType.STRING },
      sortKey: { name: 'dueAt', type: AttributeType.NUMBER },
    });
    const TASKS_TABLE_NAME = this.tasks.table.tableName;
    this.assignTask = new PipelineFunction(this, 'AssignTask', {
      name: 'assign-task',
      description: 'Forewarn: puts a task of a case on an officers’ queue',
      config,
      key,
      environment: { TASKS_TABLE_NAME },
    });
    this.tasks.allowItems(this.assignTask, 'dynamodb:PutItem');
    this.closeTask = new PipelineFunction(this, 'CloseTask', {
      name: 'close-task',
      description: 'Forewarn: keeps the outcome of a task with its case',
      config,
      key,
      environment: { TASKS_TABLE_NAME, SUBJECTS_TABLE_NAME: subjects.table.tableName },
    });
    this.tasks.allowItems(this.closeTask, 'dynamodb:UpdateItem');
    subjects.allowItems(this.closeTask, 'dynamodb:UpdateItem');
    this.stateMachine = this.workflow(config, key);
  }

  private workflow(config: StageConfig, key: PipelineKey): StateMachine {
    const stack = Stack.of(this);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: `Forewarn ${config.stage}: what the dissuasion workflow may do`,
    });
    const assignTaskArn = this.assignTask.function.functionArn;
    const closeTaskArn = this.closeTask.function.functionArn;
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [assignTaskArn, closeTaskArn],
      }),
    );
    const definition = dissuasionDefinition({
      invoke: `arn:${Aws.PARTITION}:states:::lambda:invoke`,
      invokeAndWait: `arn:${Aws.PARTITION}:states:::lambda:invoke.waitForTaskToken`,
      assignTaskArn,
      closeTaskArn,
    });
    const removalPolicy =
      config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
    const stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: dissuasionName(stack),
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(stack.toJsonString(definition)),
      role,
      tracingEnabled: true,
      encryptionConfiguration: new CustomerManagedEncryptionConfiguration(key.reference),
      logs: {
        destination: new LogGroup(this, 'Logs', {
          encryptionKey: key.key,
          retention: config.retention.logDays,
          removalPolicy,
        }),
        level: LogLevel.ALL,
        // Execution data holds task tokens, and who has a token can answer for an officer.
        includeExecutionData: false,
      },
    });
    acknowledgeWildcard(
      role,
      '*',
      'X-Ray takes no resource for traces, and CloudWatch Logs none for the log deliveries that ' +
        'Step Functions sets up for its execution log.',
    );
    return stateMachine;
  }
}

/** The ARN that the dissuasion workflow of a stack has or will have. */
export function dissuasionArn(stack: Stack): string {
  return stack.formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: dissuasionName(stack),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
