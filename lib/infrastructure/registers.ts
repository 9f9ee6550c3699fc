import { AttributeType } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import { PipelineTable } from './pipeline-table.ts';
import type { SealingSecret } from './sealing-secret.ts';
import type { StageConfig } from './stage-config.ts';

export interface RegistersProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly sealing: SealingSecret;
}

/**
 * The registers: police stations, people's contacts, people who need care, the audience of campaigns. Nothing invokes
 * the function but administrators; it reads the sealing key, so that clear numbers get no further than this.
 */
export class Registers extends Construct {
  readonly table: PipelineTable;
  readonly function: PipelineFunction;

  constructor(scope: Construct, id: string, props: RegistersProps) {
    super(scope, id);
    const { config, key, sealing } = props;
    this.table = new PipelineTable(this, 'Registers', {
      config,
      key,
      partitionKey: { name: 'register', type: AttributeType.STRING },
      sortKey: { name: 'key', type: AttributeType.STRING },
    });
    this.function = new PipelineFunction(this, 'ImportRegister', {
      name: 'import-register',
      description:
        'Forewarn: keeps the registers of stations, contacts, people in care and audience',
      config,
      key,
      environment: {
        REGISTERS_TABLE_NAME: this.table.table.tableName,
        SEALING_SECRET_ARN: sealing.secret.secretArn,
        DEFAULT_COUNTRY: config.defaultCountry,
      },
    });
    this.table.allowItems(
      this.function,
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
    );
    sealing.allowReading(this.function.role);
  }
}
