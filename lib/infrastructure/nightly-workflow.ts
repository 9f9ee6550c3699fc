import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Construct } from 'constructs';
import { ArchiveWorkflow, type ArchiveWorkflowProps } from './archive-workflow.ts';
import { workflowArn } from './pipeline-workflow.ts';

const DAY_MINUTES = 24 * 60;

export interface NightlyWorkflowProps extends ArchiveWorkflowProps {
  /** Local time at which it begins, minutes after midnight. */
  readonly localMinutes: number;
}

/** A workflow over the archive that begins every night. */
export class NightlyWorkflow extends ArchiveWorkflow {
  constructor(scope: Construct, id: string, props: NightlyWorkflowProps) {
    super(scope, id, props);
    this.schedule(props);
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
    key.allowForWorkflow(role, workflowArn(Stack.of(this), name));
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
