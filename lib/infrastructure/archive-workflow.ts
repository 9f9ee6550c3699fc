import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Archive } from './archive.ts';
import type { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import { createWorkflow, type WorkflowName } from './pipeline-workflow.ts';
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
  readonly name: WorkflowName;
  /** What it does, as in: compacts the archive. */
  readonly does: string;
  readonly definition: object;
  /** The functions that it calls. */
  readonly functions: readonly PipelineFunction[];
}

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
    this.stateMachine = createWorkflow(this, { ...props, role: this.role });
    this.stateMachine.node.addDependency(props.archive.workGroup);
  }
}
