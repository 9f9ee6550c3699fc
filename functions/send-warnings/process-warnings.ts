import type {
  DynamoDBBatchResponse,
  DynamoDBStreamEvent,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';
import { WARNING_PREFIX } from '../adapters/subjects-table.ts';
import type { WarningRef } from '../adapters/text-pointers.ts';
import type { Visit } from './send-warning.ts';

export type WarningsEvent = DynamoDBStreamEvent | SQSEvent;
export type WarningsResponse = DynamoDBBatchResponse & SQSBatchResponse;

export interface WarningsPorts {
  readonly visit: (ref: WarningRef) => Promise<Visit>;
  readonly count: (visits: readonly Visit[]) => void;
  readonly onFailure: (message: string, cause: unknown) => void;
}

interface Item {
  /** How the batch names it: a stream's sequence number or a queue's message id. */
  readonly identifier: string;
  /** Undefined for an item of another sort. @throws where a queued message names no warning */
  readonly ref: () => WarningRef | undefined;
}

function refOfMessage(body: string): WarningRef {
  const { subject, id } = JSON.parse(body) as Partial<WarningRef>;
  if (typeof subject !== 'string' || typeof id !== 'string') {
    throw new TypeError('a queued message names no warning');
  }
  return { subject, id };
}

/** Texts handed over at once: SNS takes 20 a second by default. */
const CONCURRENCY = 8;

function itemsOf(event: WarningsEvent): Item[] {
  return event.Records.map((record) => {
    if ('body' in record) {
      return { identifier: record.messageId, ref: () => refOfMessage(record.body) };
    }
    const { SequenceNumber = '', Keys } = record.dynamodb ?? {};
    const subject = Keys?.subject?.S;
    const item = Keys?.item?.S;
    const isWarning = subject !== undefined && item?.startsWith(WARNING_PREFIX) === true;
    return {
      identifier: SequenceNumber,
      ref: () => (isWarning ? { subject, id: item.slice(WARNING_PREFIX.length) } : undefined),
    };
  });
}

/**
 * New warnings off the table's stream, and deferred ones off the queue. Each is visited on its own; those that
 * failed are named for a retry, which for a stream means all from the first of them: the others are sent
 * already and are passed over then.
 */
export async function processWarnings(
  event: WarningsEvent,
  ports: WarningsPorts,
): Promise<WarningsResponse> {
  const items = itemsOf(event);
  const failed = new Set<number>();
  const visits: Visit[] = [];
  let next = 0;
  const worker = async () => {
    for (let position = next++; position < items.length; position = next++) {
      try {
        // In here, so that a message that cannot be read fails alone and not with its batch.
        const ref = items[position]?.ref();
        if (ref !== undefined) visits.push(await ports.visit(ref));
      } catch (error) {
        failed.add(position);
        ports.onFailure('a warning could not be worked on; it is retried', error);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  ports.count(visits);
  return {
    batchItemFailures: items
      .filter((_, position) => failed.has(position))
      .map(({ identifier }) => ({ itemIdentifier: identifier })),
  };
}
