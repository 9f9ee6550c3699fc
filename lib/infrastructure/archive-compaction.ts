import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Archive } from './archive.ts';
import { compactionDefinition } from './archive-compaction-definition.ts';
import { INTEGRATIONS } from './archive-workflow.ts';
import { NightlyWorkflow } from './nightly-workflow.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import { readArchiveQuestion } from './read-archive-question.ts';
import type { StageConfig } from './stage-config.ts';

/** Local time at which the day that ended is compacted: most of its late records have come. */
const LOCAL_MINUTES = 3 * 60;

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
    const nightly = new NightlyWorkflow(this, 'Night', {
      config,
      key,
      archive,
      name: 'archive-compaction',
      does: 'compacts the archive',
      localMinutes: LOCAL_MINUTES,
      functions: [this.clearDay],
      definition: compactionDefinition({
        ...INTEGRATIONS,
        clearDayArn: this.clearDay.function.functionArn,
        database: archive.databaseName,
        workGroup: archive.workGroup.name,
        wholeCalls: readArchiveQuestion('whole-calls'),
      }),
    });
    archive.allowAsking(nightly.role, 'call_records', 'calls');
    archive.allowAnswers(nightly.role);
    archive.allowWriting(nightly.role, 'calls/');
    this.stateMachine = nightly.stateMachine;
  }
}
