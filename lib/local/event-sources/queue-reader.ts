import {
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { queueUrlOf } from './queue-url.ts';
import { type SqsEventRecord, sqsEventRecord } from './sqs-event-record.ts';

/** Receives from one queue. */
export interface QueueReader {
  /** Takes up to `limit` messages (at most 10) that are visible now. */
  receive(limit: number): Promise<SqsEventRecord[]>;
  delete(records: readonly SqsEventRecord[]): Promise<void>;
}

/** SQS takes batches of ten. */
export const SQS_BATCH = 10;

/** Receives from an SQS queue. Visibility timeout and redrive policy stay the queue's own. */
export class SqsQueueReader implements QueueReader {
  readonly #client: SQSClient;
  readonly #origin: { eventSourceArn: string; region: string };
  #url: string | undefined;

  constructor(client: SQSClient, origin: { eventSourceArn: string; region: string }) {
    this.#client = client;
    this.#origin = origin;
  }

  async receive(limit: number): Promise<SqsEventRecord[]> {
    const { Messages } = await this.#client.send(
      new ReceiveMessageCommand({
        QueueUrl: await this.#queueUrl(),
        MaxNumberOfMessages: Math.min(limit, SQS_BATCH),
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
        // Long polling would delay a stop; a wake tells of new messages sooner anyway.
        WaitTimeSeconds: 0,
      }),
    );
    return (Messages ?? []).map((message) => sqsEventRecord(message, this.#origin));
  }

  async delete(records: readonly SqsEventRecord[]): Promise<void> {
    for (let start = 0; start < records.length; start += SQS_BATCH) {
      const { Failed } = await this.#client.send(
        new DeleteMessageBatchCommand({
          QueueUrl: await this.#queueUrl(),
          Entries: records.slice(start, start + SQS_BATCH).map((record, index) => ({
            Id: String(index),
            ReceiptHandle: record.receiptHandle,
          })),
        }),
      );
      if (Failed?.length) throw new Error(`SQS did not delete ${Failed.length} messages`);
    }
  }

  async #queueUrl(): Promise<string> {
    this.#url ??= await queueUrlOf(this.#client, this.#origin.eventSourceArn);
    return this.#url;
  }
}
