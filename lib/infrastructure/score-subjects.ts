import { AttributeType, StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { PipelineStream } from './pipeline-stream.ts';
import { PipelineTable } from './pipeline-table.ts';
import type { PolicyDelivery } from './policy-delivery.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import type { StageConfig } from './stage-config.ts';
import { StreamSource } from './stream-source.ts';

export interface ScoreSubjectsProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly exposures: PipelineStream;
  readonly quarantine: QuarantineBucket;
  readonly policies: PolicyDelivery;
  readonly registers: PipelineTable;
}

/** Exposures in, subjects kept; new warnings and cases leave through the table's stream. */
export class ScoreSubjects extends Construct {
  readonly subjects: PipelineTable;
  readonly function: PipelineFunction;
  readonly source: StreamSource;

  constructor(scope: Construct, id: string, props: ScoreSubjectsProps) {
    super(scope, id);
    const { config, exposures, key, policies, quarantine, registers } = props;
    this.subjects = new PipelineTable(this, 'Subjects', {
      config,
      key,
      partitionKey: { name: 'subject', type: AttributeType.STRING },
      sortKey: { name: 'item', type: AttributeType.STRING },
      streamed: StreamViewType.NEW_IMAGE,
    });
    // What was decided on a day, by the policy in force and by its shadow, for comparing the two.
    this.subjects.table.addGlobalSecondaryIndex({
      indexName: 'decisions',
      partitionKey: { name: 'decidedOn', type: AttributeType.STRING },
      sortKey: { name: 'decidedAt', type: AttributeType.NUMBER },
    });
    this.function = new PipelineFunction(this, 'ScoreSubjects', {
      name: 'score-subjects',
      description: 'Forewarn: decides by the policy whom to warn and which cases to open',
      config,
      key,
      environment: {
        SUBJECTS_TABLE_NAME: this.subjects.table.tableName,
        REGISTERS_TABLE_NAME: registers.table.tableName,
        SUBJECT_RETENTION_DAYS: String(config.retention.subjectDays),
        ...policies.settings('live', 'shadow'),
      },
    });
    // TransactWriteItems has no permission of its own: each part needs that of its single action.
    this.subjects.allowItems(
      this.function,
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    );
    registers.allowItems(this.function, 'dynamodb:GetItem');
    policies.allowReading(this.function, 'live', 'shadow');
    this.source = new StreamSource(this, 'Exposures', {
      name: 'exposures',
      config,
      from: exposures,
      consumer: this.function,
      abandonTo: quarantine,
    });
  }
}
