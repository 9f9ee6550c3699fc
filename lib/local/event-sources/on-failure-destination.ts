import { randomUUID } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PublishCommand } from '@aws-sdk/client-sns';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { EventSourceDependencies } from './event-source.ts';
import { InvalidEventSourceMappingError } from './event-source-errors.ts';
import type { EventSourceMappingProperties } from './event-source-mapping-properties.ts';
import {
  type DiscardOrigin,
  onFailureDocument,
  onFailureObjectKey,
} from './on-failure-document.ts';
import { queueUrlOf } from './queue-url.ts';
import type { DiscardCondition, StreamBatch } from './stream-batch.ts';

/** Takes a batch that is given up; rejects if the destination did not accept it. */
export type DiscardBatch = (
  batch: StreamBatch,
  condition: DiscardCondition,
  shardId: string,
) => Promise<void>;

/**
 * Makes the function that sends discarded batches to the mapping's on-failure destination: the
 * description to a queue or topic, the whole event besides to a bucket. Without a destination they
 * are only logged, as on AWS they would be gone.
 *
 * @throws InvalidEventSourceMappingError if the destination is of another service
 */
export function onFailureDestination(
  properties: EventSourceMappingProperties,
  origin: Omit<DiscardOrigin, 'shardId'>,
  dependencies: EventSourceDependencies,
): DiscardBatch {
  const send = sender(properties.DestinationConfig?.OnFailure?.Destination, dependencies);
  return async (batch, condition, shardId) => {
    const nowMs = dependencies.now();
    const document = onFailureDocument(
      batch,
      condition,
      { ...origin, shardId },
      randomUUID(),
      nowMs,
    );
    await send(
      document,
      batch,
      onFailureObjectKey(dependencies.uuid, shardId, nowMs, randomUUID()),
    );
    dependencies.log(`discarded ${batch.records.length} records of ${shardId}: ${condition}`);
  };
}

type Send = (document: object, batch: StreamBatch, objectKey: string) => Promise<unknown>;

function sender(destination: string | undefined, dependencies: EventSourceDependencies): Send {
  const { clients } = dependencies;
  if (!destination) return async () => undefined;
  const [, , service, , , resource] = destination.split(':');
  if (service === 'sqs') {
    return async (document) =>
      clients.sqs.send(
        new SendMessageCommand({
          QueueUrl: await queueUrlOf(clients.sqs, destination),
          MessageBody: JSON.stringify(document),
        }),
      );
  }
  if (service === 'sns') {
    return (document) =>
      clients.sns.send(
        new PublishCommand({ TopicArn: destination, Message: JSON.stringify(document) }),
      );
  }
  if (service === 's3') {
    return (document, batch, objectKey) =>
      clients.s3.send(
        new PutObjectCommand({
          Bucket: resource,
          Key: objectKey,
          Body: JSON.stringify({
            ...document,
            // The event is text inside the document, as Lambda writes it.
            payload: JSON.stringify({ Records: batch.records.map((record) => record.event) }),
          }),
        }),
      );
  }
  throw new InvalidEventSourceMappingError(
    `The on-failure destination is no queue, topic or bucket: ${destination}`,
  );
}
