import { realDelay } from './delay.ts';
import { DisabledEventSource } from './disabled-event-source.ts';
import { DynamoDbStreamReader } from './dynamodb-stream-reader.ts';
import type { EventSource, EventSourceDependencies } from './event-source.ts';
import { parseEventSourceArn } from './event-source-arn.ts';
import type { EventSourceMappingProperties } from './event-source-mapping-properties.ts';
import { isEnabled, queueSettings, streamSettings } from './event-source-settings.ts';
import { compileFilterCriteria } from './filter-criteria.ts';
import { KinesisStreamReader } from './kinesis-stream-reader.ts';
import { countDiscarded, measureAge } from './measure-source.ts';
import { onFailureDestination } from './on-failure-destination.ts';
import { QueueEventSource } from './queue-event-source.ts';
import { SqsQueueReader } from './queue-reader.ts';
import { StreamEventSource } from './stream-event-source.ts';

/**
 * Makes the event source of an `AWS::Lambda::EventSourceMapping`: it reads a Kinesis stream, a
 * table's stream or a queue and invokes the function by AWS's documented rules. It begins at its
 * checkpoints, and where there are none at its starting position.
 *
 * @throws InvalidEventSourceMappingError if AWS would not take the properties
 * @throws InvalidFilterPatternError if a filter is not understood
 */
export function createEventSource(
  properties: EventSourceMappingProperties,
  dependencies: EventSourceDependencies,
): EventSource {
  const location = parseEventSourceArn(properties.EventSourceArn);
  const isWanted = compileFilterCriteria(properties.FilterCriteria, location.kind);
  const { clients, region, functionArn } = dependencies;
  const calls = {
    delay: realDelay,
    invoke: (payload: unknown) => dependencies.invoke(payload),
    now: () => dependencies.now(),
    log: (line: string) => dependencies.log(line),
  };
  const origin = {
    eventSourceArn: location.arn,
    region,
    invokeIdentityArn: identityOf(functionArn),
  };
  if (location.kind === 'sqs') {
    const context = {
      ...calls,
      settings: queueSettings(properties, location),
      reader: new SqsQueueReader(clients.sqs, origin),
      isWanted,
    };
    return isEnabled(properties) ? new QueueEventSource(context) : new DisabledEventSource();
  }
  const settings = streamSettings(properties, location);
  const context = {
    ...calls,
    invoke(payload: unknown) {
      measureAge(payload, dependencies);
      return dependencies.invoke(payload);
    },
    settings,
    ...(dependencies.checkpoints && { checkpoints: dependencies.checkpoints }),
    eventSourceArn: location.arn,
    reader:
      location.kind === 'kinesis'
        ? new KinesisStreamReader(clients.kinesis, location.streamName, origin)
        : new DynamoDbStreamReader(clients.dynamodbStreams, location.arn, origin),
    isWanted: (record: { arrivalMs: number; event: unknown }) =>
      // Reading from the start and passing over what is older equals AT_TIMESTAMP, which not every
      // emulator has.
      (settings.startingPosition !== 'AT_TIMESTAMP' ||
        record.arrivalMs >= settings.startingTimestampMs) &&
      isWanted(record.event),
    discard: countDiscarded(
      properties,
      dependencies,
      onFailureDestination(
        properties,
        { functionArn, kind: location.kind, streamArn: location.arn },
        dependencies,
      ),
    ),
  };
  return isEnabled(properties) ? new StreamEventSource(context) : new DisabledEventSource();
}

/**
 * The identity that the records of an event show. A mapping does not know its function's role, so
 * this is a role of the function's name in its account.
 */
function identityOf(functionArn: string): string {
  const [prefix, partition, , , account, , name] = functionArn.split(':');
  return `${prefix}:${partition}:iam::${account}:role/${name}`;
}
