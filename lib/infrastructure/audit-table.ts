import { AttributeType } from 'aws-cdk-lib/aws-dynamodb';
import {
  AnyPrincipal,
  Effect,
  type IRole,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { PipelineKey } from './pipeline-key.ts';
import { PipelineTable } from './pipeline-table.ts';
import type { StageConfig } from './stage-config.ts';

export interface AuditTableProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
}

/**
 * Who looked at which number. Entries are added and expire; the table refuses everybody who would change or delete
 * one. IAM cannot tell a new item from one put over another, so only the {@link allowAdding | one writer} may put at
 * all, and its condition and the chain of hashes see to the rest.
 */
export class AuditTable extends PipelineTable {
  private readonly policy: PolicyDocument;

  constructor(scope: Construct, id: string, { config, key }: AuditTableProps) {
    const policy = new PolicyDocument({
      statements: [
        refusal('NothingIsChangedOrDeleted', [
          // The parts of a transaction need the permissions of their single actions, so these cover it.
          'dynamodb:BatchWriteItem',
          'dynamodb:DeleteItem',
          'dynamodb:PartiQLDelete',
          'dynamodb:PartiQLInsert',
          'dynamodb:PartiQLUpdate',
          'dynamodb:UpdateItem',
        ]),
      ],
    });
    super(scope, id, {
      config,
      key,
      partitionKey: { name: 'chain', type: AttributeType.STRING },
      sortKey: { name: 'sequence', type: AttributeType.NUMBER },
      resourcePolicy: policy,
    });
    this.policy = policy;
  }

  /** Lets one role add entries, and refuses it to everybody else. To be called once. */
  allowAdding(role: IRole): void {
    this.allowItems(role, 'dynamodb:PutItem');
    this.policy.addStatements(
      refusal('OneFunctionAdds', ['dynamodb:PutItem'], {
        ArnNotEquals: { 'aws:PrincipalArn': role.roleArn },
      }),
    );
  }
}

function refusal(
  sid: string,
  actions: string[],
  conditions?: Record<string, unknown>,
): PolicyStatement {
  return new PolicyStatement({
    sid,
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions,
    // Whatever stands here, a table's policy is about that table; its own name would be a circle.
    resources: ['*'],
    ...(conditions && { conditions }),
  });
}
