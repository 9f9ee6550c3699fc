import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  CustomerManagedEncryptionConfiguration,
  DefinitionBody,
  LogLevel,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { acknowledgeWildcard } from './acknowledged-findings.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { StageConfig } from './stage-config.ts';

/** The workflows of a stack. */
export const WORKFLOWS = [
  'dissuasion',
  'campaigns',
  'archive-compaction',
  'daily-study',
  'contacts',
] as const;
export type WorkflowName = (typeof WORKFLOWS)[number];

export interface PipelineWorkflowProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly name: WorkflowName;
  readonly role: Role;
  /** In the Amazon States Language. */
  readonly definition: object;
}

/** A Standard workflow in a scope of its own, encrypted, traced, and logged without its data. */
export function createWorkflow(
  scope: Construct,
  { config, definition, key, name, role }: PipelineWorkflowProps,
): StateMachine {
  const stack = Stack.of(scope);
  acknowledgeWildcard(
    role,
    '*',
    'X-Ray takes no resource for traces, and CloudWatch Logs none for the log deliveries that ' +
      'Step Functions sets up for its execution log.',
  );
  return new StateMachine(scope, 'StateMachine', {
    stateMachineName: workflowName(stack, name),
    stateMachineType: StateMachineType.STANDARD,
    definitionBody: DefinitionBody.fromString(stack.toJsonString(definition)),
    role,
    tracingEnabled: true,
    encryptionConfiguration: new CustomerManagedEncryptionConfiguration(key.reference),
    logs: {
      destination: new LogGroup(scope, 'Logs', {
        encryptionKey: key.key,
        retention: config.retention.logDays,
        removalPolicy:
          config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      }),
      level: LogLevel.ALL,
      // Execution data holds task tokens, and who has a token can answer for an officer.
      includeExecutionData: false,
    },
  });
}

/** Fixed, so that the key can be bound to the workflow's ARN before it exists. */
export function workflowName(stack: Stack, name: WorkflowName): string {
  return `${stack.stackName}-${name}`;
}

/** The ARN that a workflow of a stack has or will have. */
export function workflowArn(stack: Stack, name: WorkflowName): string {
  return stack.formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: workflowName(stack, name),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
