import { Construct } from 'constructs';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { PipelineTable } from './pipeline-table.ts';
import type { SealingSecret } from './sealing-secret.ts';
import type { StageConfig } from './stage-config.ts';

export interface ExplainNumberProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly subjects: PipelineTable;
  readonly sealing: SealingSecret;
}

/**
 * Answers why: all that was decided about a number, term by term. Nothing invokes it but analysts whom an
 * administrator allows to; it reads the sealing key to find the number, and logs each look with its purpose.
 */
export class ExplainNumber extends Construct {
  readonly function: PipelineFunction;

  constructor(scope: Construct, id: string, props: ExplainNumberProps) {
    super(scope, id);
    const { config, key, sealing, subjects } = props;
    this.function = new PipelineFunction(this, 'ExplainNumber', {
      name: 'explain-number',
      description: 'Forewarn: tells what was decided about a number, and why',
      config,
      key,
      environment: {
        SUBJECTS_TABLE_NAME: subjects.table.tableName,
        SEALING_SECRET_ARN: sealing.secret.secretArn,
        DEFAULT_COUNTRY: config.defaultCountry,
      },
    });
    subjects.allowItems(this.function, 'dynamodb:Query');
    sealing.allowReading(this.function.role);
  }
}
