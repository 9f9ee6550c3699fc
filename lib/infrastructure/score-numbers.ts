import { AttributeType } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { PipelineStream } from './pipeline-stream.ts';
import { PipelineTable } from './pipeline-table.ts';
import type { PolicyDelivery } from './policy-delivery.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import type { StageConfig } from './stage-config.ts';
import { StreamSource } from './stream-source.ts';

export interface ScoreNumbersProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly legs: PipelineStream;
  readonly exposures: PipelineStream;
  readonly quarantine: QuarantineBucket;
  readonly policies: PolicyDelivery;
}

/** Legs in, profiles kept, exposures out. */
export class ScoreNumbers extends Construct {
  readonly profiles: PipelineTable;
  readonly function: PipelineFunction;
  readonly source: StreamSource;

  constructor(scope: Construct, id: string, props: ScoreNumbersProps) {
    super(scope, id);
    const { config, exposures, key, legs, policies, quarantine } = props;
    this.profiles = new PipelineTable(this, 'Profiles', {
      config,
      key,
      partitionKey: { name: 'number', type: AttributeType.STRING },
    });
    this.function = new PipelineFunction(this, 'ScoreNumbers', {
      name: 'score-numbers',
      description: 'Forewarn: folds legs into profiles and emits exposures to risky callers',
      config,
      key,
      environment: {
        PROFILES_TABLE_NAME: this.profiles.table.tableName,
        EXPOSURES_STREAM_NAME: exposures.stream.streamName,
        PROFILE_RETENTION_DAYS: String(config.retention.profileDays),
        ...policies.settings('live', 'shadow'),
      },
    });
    // BatchExecuteStatement has no permission of its own: each statement needs its PartiQL one.
    this.profiles.allowItems(
      this.function,
      'dynamodb:BatchGetItem',
      'dynamodb:PartiQLInsert',
      'dynamodb:PartiQLUpdate',
    );
    exposures.allowWriting(this.function);
    policies.allowReading(this.function, 'live', 'shadow');
    this.source = new StreamSource(this, 'Legs', {
      name: 'legs',
      config,
      from: legs,
      consumer: this.function,
      abandonTo: quarantine,
    });
  }

  /** Findings stand beside the subjects, where whoever asks why finds all about a number. */
  keepFindingsIn(subjects: PipelineTable): void {
    this.function.function.addEnvironment('SUBJECTS_TABLE_NAME', subjects.table.tableName);
    subjects.allowItems(this.function, 'dynamodb:PutItem');
  }
}
