import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { caseTierOf } from '../../lib/domain/ladder/ladder-policy.ts';
import type { Case } from '../../lib/domain/subject/decide.ts';
import type { Tier } from '../../lib/domain/tiers.ts';
import { createDynamoDBClient, createSFNClient } from '../adapters/aws-clients.ts';
import { casesTable } from '../adapters/case-stores.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { caseOfItem } from '../adapters/subjects-table.ts';
import { answerTask, callOffTask } from '../adapters/task-outcome.ts';
import { countAll, lambdaHandler, logger } from '../adapters/telemetry.ts';
import type { CaseOpening } from '../plan-move/plan-move.ts';
import { raiseCase } from './raise-case.ts';

const stateMachineArn = requiredSetting('DISSUASION_STATE_MACHINE_ARN');
const tasksTable = requiredSetting('TASKS_TABLE_NAME');
const stepFunctions = createSFNClient();
const client = createDynamoDBClient();
const cases = casesTable();

/** Starts the case's workflow. Named by the case, so that a second start is a no-op. */
async function startDissuasion(sfn: SFNClient, opened: Case, tier: Tier): Promise<boolean> {
  const input: CaseOpening = {
    caseId: opened.id,
    subject: opened.subject,
    kind: opened.kind,
    tier: caseTierOf(tier),
    policyVersion: opened.policyVersion,
    ladder: opened.ladder,
  };
  try {
    await sfn.send(
      new StartExecutionCommand({ stateMachineArn, name: opened.id, input: JSON.stringify(input) }),
    );
    return true;
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) return false;
    throw error;
  }
}

/** Starts what is new, and raises what has risen; both may be told any number of times. */
async function carryOn({ dynamodb, eventName }: DynamoDBRecord): Promise<'opened' | 'none'> {
  const image = dynamodb?.NewImage as Record<string, AttributeValue> | undefined;
  const opened = caseOfItem(image);
  if (opened === undefined || image?.status?.S !== 'open') return 'none';
  const tier = (image.tier?.S ?? opened.tier) as Tier;
  if (eventName === 'MODIFY') {
    const ports = {
      cases,
      callOff: (taskId: string) => callOffTask(client, tasksTable, stepFunctions, taskId),
      tellNews: (taskToken: string) =>
        answerTask(stepFunctions, taskToken, { outcome: 'news', by: 'workflow' }),
    };
    const known = await raiseCase(opened.id, caseTierOf(tier), ports, Date.now());
    // The workflow is started with the tier as it stands, but may not have written its case yet.
    if (!known) throw new Error(`the case ${opened.id} rose before its workflow began`);
    return 'none';
  }
  if (!(await startDissuasion(stepFunctions, opened, tier))) return 'none';
  logger.info('case opened', { caseId: opened.id, tier });
  return 'opened';
}

export const handler = lambdaHandler(
  async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    let started = 0;
    for (const record of event.Records) {
      try {
        if ((await carryOn(record)) === 'opened') started++;
      } catch (error) {
        logger.error('a case could not be carried on; it is retried', error as Error);
        countAll({ CasesOpened: started });
        return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' }] };
      }
    }
    countAll({ CasesOpened: started });
    return { batchItemFailures: [] };
  },
);
