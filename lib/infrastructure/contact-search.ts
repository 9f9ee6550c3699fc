import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { MOST_CALLS_OF_NUMBERS } from '../archive/calls-of-numbers.ts';
import type { Archive } from './archive.ts';
import { ArchiveWorkflow, INTEGRATIONS } from './archive-workflow.ts';
import { contactSearchDefinition } from './contact-search-definition.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { PipelineStream } from './pipeline-stream.ts';
import type { PipelineTable } from './pipeline-table.ts';
import { workflowArn } from './pipeline-workflow.ts';
import type { PolicyDelivery } from './policy-delivery.ts';
import { readArchiveQuestion } from './read-archive-question.ts';
import type { StageConfig } from './stage-config.ts';

/** What a call takes to the delivery, and the delivery to write, beside what it waits for. */
const DELIVERY_MARGIN = Duration.minutes(5);

export interface ContactSearchProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly archive: Archive;
  readonly exposures: PipelineStream;
  readonly profiles: PipelineTable;
  readonly policies: PolicyDelivery;
}

/**
 * Searches the archive, when a number becomes a case number, for everybody who was in touch with it: its profile
 * remembers a few calls only.
 */
export class ContactSearch extends Construct {
  readonly function: PipelineFunction;
  readonly stateMachine: StateMachine;
  private readonly key: PipelineKey;

  constructor(scope: Construct, id: string, props: ContactSearchProps) {
    super(scope, id);
    const { archive, config, exposures, key, policies, profiles } = props;
    this.key = key;
    this.function = new PipelineFunction(this, 'Expose', {
      name: 'expose-contacts',
      description: 'Forewarn: exposes whom the archive found in touch with a case number',
      config,
      key,
      environment: {
        ARCHIVE_BUCKET_NAME: archive.bucket.bucketName,
        EXPOSURES_STREAM_NAME: exposures.stream.streamName,
        PROFILES_TABLE_NAME: profiles.table.tableName,
        ...policies.settings('live'),
      },
    });
    archive.allowAnswers(this.function.role);
    key.allowThrough('s3', this.function, 'kms:Decrypt');
    profiles.allowItems(this.function, 'dynamodb:GetItem');
    exposures.allowWriting(this.function);
    policies.allowReading(this.function, 'live');
    const workflow = new ArchiveWorkflow(this, 'Search', {
      config,
      key,
      archive,
      name: 'contacts',
      does: 'searches the archive for the contacts of a case number',
      functions: [this.function],
      definition: contactSearchDefinition({
        ...INTEGRATIONS,
        exposeContactsArn: this.function.function.functionArn,
        database: archive.databaseName,
        workGroup: archive.workGroup.name,
        callsOfNumbers: readArchiveQuestion('calls-of-numbers'),
        mostCalls: MOST_CALLS_OF_NUMBERS,
        arrivalSeconds: config.archive.bufferSeconds + DELIVERY_MARGIN.toSeconds(),
      }),
    });
    archive.allowAsking(workflow.role, 'call_records', 'calls');
    this.stateMachine = workflow.stateMachine;
  }

  /** Lets a function begin a search. */
  allowStarting(grantee: PipelineFunction): void {
    grantee.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['states:StartExecution'],
        resources: [this.stateMachine.stateMachineArn],
      }),
    );
    this.key.allowForWorkflow(grantee, workflowArn(Stack.of(this), 'contacts'));
  }
}
