import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Dissuasion } from './dissuasion.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { PipelineTable } from './pipeline-table.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import type { StageConfig } from './stage-config.ts';
import { StreamSource } from './stream-source.ts';

export interface OpenCasesProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly subjects: PipelineTable;
  readonly profiles: PipelineTable;
  readonly registers: PipelineTable;
  readonly dissuasion: Dissuasion;
  readonly quarantine: QuarantineBucket;
}

/** New cases in, one dissuasion workflow each started; cases whose tier rose, and their workflows told. */
export class OpenCases extends Construct {
  readonly function: PipelineFunction;
  readonly source: StreamSource;

  constructor(scope: Construct, id: string, props: OpenCasesProps) {
    super(scope, id);
    const { config, dissuasion, key, profiles, quarantine, registers, subjects } = props;
    const { stateMachineArn } = dissuasion.stateMachine;
    this.function = new PipelineFunction(this, 'OpenCases', {
      name: 'open-cases',
      description: 'Forewarn: starts the dissuasion workflow of each case, and raises it',
      config,
      key,
      environment: {
        DISSUASION_STATE_MACHINE_ARN: stateMachineArn,
        CASES_TABLE_NAME: dissuasion.cases.table.tableName,
        TASKS_TABLE_NAME: dissuasion.tasks.table.tableName,
        SUBJECTS_TABLE_NAME: subjects.table.tableName,
        PROFILES_TABLE_NAME: profiles.table.tableName,
        REGISTERS_TABLE_NAME: registers.table.tableName,
      },
    });
    this.function.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachineArn] }),
    );
    dissuasion.changeCases(this.function);
    dissuasion.callOffTasks(this.function);
    // In which district a person is mostly on the phone, and which stations answer for it.
    profiles.allowItems(this.function, 'dynamodb:BatchGetItem');
    registers.allowItems(this.function, 'dynamodb:GetItem');
    // A case that is one with another under way is closed at once; a new one hears what became of its text.
    subjects.allowItems(this.function, 'dynamodb:Query', 'dynamodb:UpdateItem');
    this.source = new StreamSource(this, 'NewCases', {
      name: 'subject-cases',
      config,
      from: subjects,
      consumer: this.function,
      abandonTo: quarantine,
      itemPrefix: 'CASE#',
      changesToo: true,
    });
  }
}
