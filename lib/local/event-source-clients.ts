import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import type { EventSourceClients } from './event-sources/event-source.ts';
import type { createInProcessHandler } from './in-process-handler.ts';

/**
 * A mapping knows the address of its queue. Ours asks for it, which would need a grant that AWS
 * does not: so the answer is given before anything is sent.
 */
function createQueueClient(settings: SQSClientConfig, urlOf: (name: string) => string): SQSClient {
  const client = new SQSClient(settings);
  client.middlewareStack.add(
    (next, context) => async (call) => {
      if (context.commandName !== 'GetQueueUrlCommand') return next(call);
      const { QueueName = '' } = call.input as { QueueName?: string };
      const output = { QueueUrl: urlOf(QueueName), $metadata: {} };
      return { output, response: undefined };
    },
    { step: 'initialize', name: 'knownQueueUrl' },
  );
  return client;
}

/** Clients with a function's own key: a mapping reads its source under the function's role. */
export function createEventSourceClients(
  requestHandler: ReturnType<typeof createInProcessHandler>,
  endpoint: string,
  region: string,
  accountId: string,
  credentials: { accessKeyId: string; secretAccessKey: string },
): EventSourceClients & { destroy(): void } {
  const settings = { requestHandler, endpoint, region, credentials, maxAttempts: 1 };
  const clients = {
    kinesis: new KinesisClient(settings),
    dynamodbStreams: new DynamoDBStreamsClient(settings),
    sqs: createQueueClient(settings, (name) => `${endpoint}/${accountId}/${name}`),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    sns: new SNSClient(settings),
  };
  return {
    ...clients,
    destroy() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
