import { AttributeType, ProjectionType } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { PipelineKey } from './pipeline-key.ts';
import { PipelineTable } from './pipeline-table.ts';
import type { StageConfig } from './stage-config.ts';

export interface NumberListsProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
}

/** What people say of numbers: the lists that officers keep, with every change of them, and the public's clues. */
export class NumberLists extends Construct {
  /** Appeals and what the daily study found, too. */
  readonly lists: PipelineTable;
  readonly clues: PipelineTable;

  constructor(scope: Construct, id: string, { config, key }: NumberListsProps) {
    super(scope, id);
    this.lists = new PipelineTable(this, 'Lists', {
      config,
      key,
      partitionKey: { name: 'list', type: AttributeType.STRING },
      sortKey: { name: 'item', type: AttributeType.STRING },
    });
    this.clues = new PipelineTable(this, 'Clues', {
      config,
      key,
      partitionKey: { name: 'id', type: AttributeType.STRING },
    });
    // What was reported of a number; without how far each has come, so that a change of that writes nothing here.
    this.clues.table.addGlobalSecondaryIndex({
      indexName: 'by-number',
      partitionKey: { name: 'number', type: AttributeType.STRING },
      sortKey: { name: 'receivedAt', type: AttributeType.NUMBER },
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: ['clue'],
    });
  }
}
