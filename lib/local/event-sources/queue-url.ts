import { GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';

/**
 * Asks for the URL of a queue in the client's account.
 *
 * @throws Error if there is no such queue
 */
export async function queueUrlOf(client: SQSClient, queueArn: string): Promise<string> {
  const queueName = queueArn.slice(queueArn.lastIndexOf(':') + 1);
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queueName }));
  if (!QueueUrl) throw new Error(`There is no queue ${queueArn}`);
  return QueueUrl;
}
