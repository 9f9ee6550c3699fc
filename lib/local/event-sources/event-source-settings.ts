import type { EventSourceLocation } from './event-source-arn.ts';
import { InvalidEventSourceMappingError } from './event-source-errors.ts';
import type { EventSourceMappingProperties } from './event-source-mapping-properties.ts';

type StartingPosition = 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP';

/** The mapping of a stream, with AWS's defaults filled in; `Infinity` stands for its -1. */
export interface StreamSettings {
  batchSize: number;
  batchingWindowMs: number;
  startingPosition: StartingPosition;
  startingTimestampMs: number;
  parallelizationFactor: number;
  bisectBatchOnFunctionError: boolean;
  maximumRetryAttempts: number;
  maximumRecordAgeMs: number;
  reportBatchItemFailures: boolean;
  tumblingWindowMs: number;
}

/** The mapping of a queue, with AWS's defaults filled in. */
export interface QueueSettings {
  batchSize: number;
  batchingWindowMs: number;
  maximumConcurrency: number;
  reportBatchItemFailures: boolean;
}

/** Lambda starts reading a standard queue with five concurrent batches. */
const INITIAL_QUEUE_CONCURRENCY = 5;

/**
 * Takes over a stream's mapping: defaults and limits as in the Lambda developer guide, "Lambda
 * parameters for Amazon Kinesis Data Streams / DynamoDB event source mappings".
 *
 * @throws InvalidEventSourceMappingError where AWS would refuse the mapping too
 */
export function streamSettings(
  properties: EventSourceMappingProperties,
  location: EventSourceLocation,
): StreamSettings {
  const startingPosition = parseStartingPosition(properties, location);
  const tumblingWindowSeconds = within(properties, 'TumblingWindowInSeconds', 0, 0, 900);
  const parallelizationFactor = within(properties, 'ParallelizationFactor', 1, 1, 10);
  if (tumblingWindowSeconds > 0 && parallelizationFactor > 1) {
    throw new InvalidEventSourceMappingError(
      'TumblingWindowInSeconds keeps one state per shard: it needs a ParallelizationFactor of 1',
    );
  }
  return {
    batchSize: within(properties, 'BatchSize', 100, 1, 10_000),
    batchingWindowMs: within(properties, 'MaximumBatchingWindowInSeconds', 0, 0, 300) * 1000,
    startingPosition,
    startingTimestampMs: Number(properties.StartingPositionTimestamp ?? 0) * 1000,
    parallelizationFactor,
    bisectBatchOnFunctionError: String(properties.BisectBatchOnFunctionError) === 'true',
    maximumRetryAttempts: unlimited(within(properties, 'MaximumRetryAttempts', -1, -1, 10_000)),
    maximumRecordAgeMs: recordAgeMs(properties),
    reportBatchItemFailures: reportsBatchItemFailures(properties),
    tumblingWindowMs: tumblingWindowSeconds * 1000,
  };
}

/**
 * Takes over a queue's mapping: defaults and limits as in the Lambda developer guide, "Lambda
 * parameters for Amazon SQS event source mappings".
 *
 * @throws InvalidEventSourceMappingError where AWS would refuse the mapping too
 */
export function queueSettings(
  properties: EventSourceMappingProperties,
  location: { fifo: boolean },
): QueueSettings {
  const batchSize = within(properties, 'BatchSize', 10, 1, location.fifo ? 10 : 10_000);
  const windowSeconds = within(properties, 'MaximumBatchingWindowInSeconds', 0, 0, 300);
  if (location.fifo && windowSeconds > 0) {
    throw new InvalidEventSourceMappingError('FIFO queues take no MaximumBatchingWindowInSeconds');
  }
  if (batchSize > 10 && windowSeconds < 1) {
    throw new InvalidEventSourceMappingError(
      'A BatchSize above 10 needs a MaximumBatchingWindowInSeconds of at least 1',
    );
  }
  const scaling = properties.ScalingConfig;
  return {
    batchSize,
    batchingWindowMs: windowSeconds * 1000,
    maximumConcurrency:
      scaling?.MaximumConcurrency === undefined
        ? INITIAL_QUEUE_CONCURRENCY
        : numberWithin('MaximumConcurrency', scaling.MaximumConcurrency, 2, 1000),
    reportBatchItemFailures: reportsBatchItemFailures(properties),
  };
}

/** Tells whether a mapping reads at all. */
export function isEnabled(properties: EventSourceMappingProperties): boolean {
  return String(properties.Enabled ?? true) !== 'false';
}

function parseStartingPosition(
  properties: EventSourceMappingProperties,
  location: EventSourceLocation,
): StartingPosition {
  const position = properties.StartingPosition;
  if (position === 'TRIM_HORIZON' || position === 'LATEST') return position;
  if (position === 'AT_TIMESTAMP' && location.kind === 'kinesis') {
    if (properties.StartingPositionTimestamp !== undefined) return position;
    throw new InvalidEventSourceMappingError('AT_TIMESTAMP needs a StartingPositionTimestamp');
  }
  throw new InvalidEventSourceMappingError(
    `StartingPosition ${position ?? '(absent)'} is none that ${location.arn} can be read from`,
  );
}

function recordAgeMs(properties: EventSourceMappingProperties): number {
  const seconds = within(properties, 'MaximumRecordAgeInSeconds', -1, -1, 604_800);
  if (seconds >= 0 && seconds < 60) {
    throw new InvalidEventSourceMappingError('MaximumRecordAgeInSeconds is -1 or at least 60');
  }
  return unlimited(seconds) * 1000;
}

function reportsBatchItemFailures(properties: EventSourceMappingProperties): boolean {
  return properties.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false;
}

function unlimited(value: number): number {
  return value === -1 ? Number.POSITIVE_INFINITY : value;
}

type NumericProperty =
  | 'BatchSize'
  | 'MaximumBatchingWindowInSeconds'
  | 'ParallelizationFactor'
  | 'MaximumRetryAttempts'
  | 'MaximumRecordAgeInSeconds'
  | 'TumblingWindowInSeconds';

function within(
  properties: EventSourceMappingProperties,
  name: NumericProperty,
  standard: number,
  least: number,
  most: number,
): number {
  const value = properties[name];
  return value === undefined ? standard : numberWithin(name, value, least, most);
}

function numberWithin(name: string, value: number, least: number, most: number): number {
  // CloudFormation takes numbers as text too.
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new InvalidEventSourceMappingError(
    `${name} is ${String(value)}, but must be a whole number from ${least} to ${most}`,
  );
}
