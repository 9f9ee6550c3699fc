import { readFileSync } from 'node:fs';
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
import { compactionDefinition } from './archive-compaction-definition.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { StageConfig } from './stage-config.ts';

/** Local time at which the day that ended is compacted: most of its late records have come. */
const LOCAL_MINUTES = 3 * 60;
const DAY_MINUTES = 24 * 60;

export interface ArchiveCompactionProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly archive: Archive;
}

/** Every night: makes one row a call of the records of each day that may still get some. */
export class ArchiveCompaction extends Construct {
  readonly clearDay: PipelineFunction;
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: ArchiveCompactionProps) {
    super(scope, id);
    const { archive, config, key } = props;
    this.clearDay = new PipelineFunction(this, 'ClearDay', {
      name: 'clear-archive-day',
      description: 'Forewarn: removes the compacted calls of a day, to be written anew',
      config,
      key,
      environment: { ARCHIVE_BUCKET_NAME: archive.bucket.bucketName },
    });
    this.clearDay.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [archive.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': 'calls/day=*' } },
      }),
    );
    archive.allowObjects(this.clearDay.role, ['calls/'], 's3:DeleteObject');
    this.stateMachine = this.workflow(props);
    this.schedule(config, key);
  }

  private workflow({ archive, config, key }: ArchiveCompactionProps): StateMachine {
    const stack = Stack.of(this);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      description: `Forewarn ${config.stage}: what the compaction of the archive may do`,
    });
    archive.allowAsking(role);
    archive.allowWriting(role, 'calls/');
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [this.clearDay.function.functionArn],
      }),
    );
    const definition = compactionDefinition({
      askAthena: `arn:${Aws.PARTITION}:states:::athena:startQueryExecution.sync`,
      readAnswer: `arn:${Aws.PARTITION}:states:::athena:getQueryResults`,
      invoke: `arn:${Aws.PARTITION}:states:::lambda:invoke`,
      clearDayArn: this.clearDay.function.functionArn,
      database: archive.databaseName,
      workGroup: archive.workGroup.name,
      wholeCalls: readQuestion('whole-calls'),
    });
    const stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: compactionName(stack),
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(stack.toJsonString(definition)),
      role,
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
    acknowledgeWildcard(
      role,
      '*',
      'X-Ray takes no resource for traces, and CloudWatch Logs none for the log deliveries that ' +
        'Step Functions sets up for its execution log.',
    );
    return stateMachine;
  }

  private schedule(config: StageConfig, key: PipelineKey): void {
    const { stateMachineArn } = this.stateMachine;
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      description: `Forewarn ${config.stage}: starts the compaction of the archive`,
    });
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachineArn] }),
    );
    key.allowForWorkflow(role, compactionArn(Stack.of(this)));
    const { utcOffsetMinutes } = config.archive;
    const minutes = (LOCAL_MINUTES - utcOffsetMinutes + DAY_MINUTES) % DAY_MINUTES;
    const schedule = new CfnSchedule(this, 'Nightly', {
      description: 'Forewarn: compacts the archive every night',
      scheduleExpression: `cron(${minutes % 60} ${Math.floor(minutes / 60)} * * ? *)`,
      scheduleExpressionTimezone: 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: { arn: stateMachineArn, roleArn: role.roleArn, input: '{}' },
    });
    schedule.node.addDependency(role);
  }
}

function readQuestion(name: string): string {
  return readFileSync(new URL(`../archive/questions/${name}.sql`, import.meta.url), 'utf8');
}

/** Fixed, so that the key can be bound to the ARN before the workflow exists. */
function compactionName(stack: Stack): string {
  return `${stack.stackName}-archive-compaction`;
}

/** The ARN that the compaction of a stack has or will have. */
export function compactionArn(stack: Stack): string {
  return stack.formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: compactionName(stack),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
