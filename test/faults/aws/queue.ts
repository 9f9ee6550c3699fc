import { readBatchResponse } from '../../../lib/local/event-sources/batch-response.ts';
import type { InvocationResult } from '../../../lib/local/event-sources/event-source.ts';
import type { BatchFaultKind } from '../history.ts';
import type { Scheduler } from '../scheduler.ts';

interface Message {
  readonly messageId: string;
  readonly body: string;
  receives: number;
}

export interface QueueOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly batchSize: number;
  readonly maxReceives: number;
  readonly visibilitySeconds: number;
  readonly invoke: (payload: { readonly Records: readonly unknown[] }) => Promise<InvocationResult>;
  readonly fault: () => BatchFaultKind | undefined;
}

/** A queue of SQS with the function that Lambda feeds from it. */
export class Queue {
  /** Messages that were received too often. */
  readonly dead: string[] = [];
  readonly #options: QueueOptions;
  readonly #ready: Message[] = [];
  #isPolling = false;
  #sent = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  execute(input: unknown): unknown {
    const { DelaySeconds, MessageBody } = input as { DelaySeconds: number; MessageBody: string };
    const message = {
      messageId: `${this.#options.name}-${++this.#sent}`,
      body: MessageBody,
      receives: 0,
    };
    this.#comeAfter(message, DelaySeconds * 1000);
    return { MessageId: message.messageId };
  }

  #comeAfter(message: Message, ms: number): void {
    this.#options.scheduler.after(ms, () => {
      this.#ready.push(message);
      if (this.#isPolling) return;
      this.#isPolling = true;
      this.#options.scheduler.after(100, () => {
        this.#isPolling = false;
        void this.#deliver(this.#ready.splice(0));
      });
    });
  }

  async #deliver(messages: readonly Message[]): Promise<void> {
    const { batchSize } = this.#options;
    for (let i = 0; i < messages.length; i += batchSize) {
      await this.#process(messages.slice(i, i + batchSize));
    }
  }

  async #process(batch: readonly Message[]): Promise<void> {
    const { fault, maxReceives, visibilitySeconds } = this.#options;
    const kind = fault();
    for (const message of batch) message.receives++;
    const twin = kind === 'overlapping' || kind === 'redelivered' ? this.#invoke(batch) : undefined;
    let failed = kind === 'not-invoked' ? batch : await this.#invoke(batch);
    await twin;
    if (kind === 'answer-lost') failed = batch;
    for (const message of failed) {
      if (message.receives >= maxReceives) this.dead.push(message.body);
      else this.#comeAfter(message, visibilitySeconds * 1000);
    }
  }

  async #invoke(batch: readonly Message[]): Promise<readonly Message[]> {
    const result = await this.#options.invoke({
      Records: batch.map(({ body, messageId }) => ({ messageId, body })),
    });
    if (result.functionError !== undefined) return batch;
    const answer = readBatchResponse(result.payload, (id) =>
      batch.some(({ messageId }) => messageId === id),
    );
    if (answer.type === 'success') return [];
    if (answer.type === 'failure') return batch;
    return batch.filter(({ messageId }) => answer.failed.has(messageId));
  }
}
