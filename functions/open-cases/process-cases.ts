import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { type CarryOnPorts, carryOn } from './carry-on.ts';

export interface CasesPorts extends CarryOnPorts {
  /** Cases opened, once per batch. */
  readonly count: (opened: number) => void;
  readonly onFailure: (message: string, cause: unknown) => void;
  /** Epoch ms. */
  readonly now: () => number;
}

/**
 * One batch of the subjects' stream: cases that are new or have news, in their order. Stops at the first that fails,
 * which is retried with all after it.
 */
export async function processCases(
  event: DynamoDBStreamEvent,
  ports: CasesPorts,
): Promise<DynamoDBBatchResponse> {
  let opened = 0;
  for (const { dynamodb, eventName } of event.Records) {
    try {
      const image = dynamodb?.NewImage as Record<string, AttributeValue> | undefined;
      if (await carryOn(image, eventName === 'INSERT', ports, ports.now())) opened++;
    } catch (error) {
      ports.onFailure('a case could not be carried on; it is retried', error);
      ports.count(opened);
      return { batchItemFailures: [{ itemIdentifier: dynamodb?.SequenceNumber ?? '' }] };
    }
  }
  ports.count(opened);
  return { batchItemFailures: [] };
}
