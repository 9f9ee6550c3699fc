import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Case } from '../../lib/domain/subject/decide.ts';
import { createSFNClient } from '../adapters/aws-clients.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { caseOfItem } from '../adapters/subjects-table.ts';
import { countAll, lambdaHandler, logger } from '../adapters/telemetry.ts';

const stateMachineArn = requiredSetting('DISSUASION_STATE_MACHINE_ARN');
const stepFunctions = createSFNClient();

/** Starts the case's workflow. Named by the case, so that a second start is a no-op. */
async function startDissuasion(client: SFNClient, opened: Case): Promise<boolean> {
  try {
    await client.send(
      new StartExecutionCommand({
        stateMachineArn,
        name: opened.id,
        input: JSON.stringify({
          caseId: opened.id,
          subject: opened.subject,
          tier: opened.tier,
          taskId: `${opened.id}-1`,
          queue: opened.queue,
          dueSeconds: opened.dueSeconds,
          policyVersion: opened.policyVersion,
        }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) return false;
    throw error;
  }
}

export const handler = lambdaHandler(
  async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    let started = 0;
    for (const { dynamodb } of event.Records) {
      const opened = caseOfItem(dynamodb?.NewImage as Record<string, AttributeValue> | undefined);
      if (opened === undefined) continue;
      try {
        if (!(await startDissuasion(stepFunctions, opened))) continue;
        started++;
        logger.info('case opened', { caseId: opened.id, tier: opened.tier });
      } catch (error) {
        logger.error('a case could not be started; it is retried', error as Error);
        countAll({ CasesOpened: started });
        return { batchItemFailures: [{ itemIdentifier: dynamodb?.SequenceNumber ?? '' }] };
      }
    }
    countAll({ CasesOpened: started });
    return { batchItemFailures: [] };
  },
);
