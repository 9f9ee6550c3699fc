import { InvalidEventSourceMappingError } from './event-source-errors.ts';

/** What an event source mapping reads from, told by its ARN. */
export type EventSourceLocation =
  | { kind: 'kinesis'; arn: string; streamName: string }
  | { kind: 'dynamodb'; arn: string }
  | { kind: 'sqs'; arn: string; queueName: string; fifo: boolean };

/**
 * Reads the kind and the name of an event source from its ARN. The ARN of a Kinesis stream consumer
 * counts as its stream.
 *
 * @throws InvalidEventSourceMappingError for any other service
 */
export function parseEventSourceArn(arn: string): EventSourceLocation {
  const [prefix, , service, , , ...rest] = arn.split(':');
  const resource = rest.join(':');
  if (prefix === 'arn') {
    const streamName = resource.split('/')[1];
    if (service === 'kinesis' && resource.startsWith('stream/') && streamName) {
      return { kind: 'kinesis', arn, streamName };
    }
    if (service === 'dynamodb' && resource.includes('/stream/')) return { kind: 'dynamodb', arn };
    if (service === 'sqs' && resource !== '') {
      return { kind: 'sqs', arn, queueName: resource, fifo: resource.endsWith('.fifo') };
    }
  }
  throw new InvalidEventSourceMappingError(
    `EventSourceArn is no Kinesis stream, DynamoDB stream or SQS queue: ${arn}`,
  );
}
