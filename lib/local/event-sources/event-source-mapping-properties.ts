/** A pattern of the event filter language, as JSON text. */
interface Filter {
  Pattern?: string;
}

/**
 * The resolved CloudFormation properties of an `AWS::Lambda::EventSourceMapping`: the part of them
 * that streams and queues take.
 */
export interface EventSourceMappingProperties {
  EventSourceArn: string;
  FunctionName?: string;
  /** Absent means enabled. */
  Enabled?: boolean;
  BatchSize?: number;
  MaximumBatchingWindowInSeconds?: number;
  StartingPosition?: string;
  /** Epoch seconds, for `StartingPosition: AT_TIMESTAMP`. */
  StartingPositionTimestamp?: number;
  ParallelizationFactor?: number;
  BisectBatchOnFunctionError?: boolean;
  /** -1 or absent retries until the record leaves the stream. */
  MaximumRetryAttempts?: number;
  /** -1 or absent means that records never get too old. */
  MaximumRecordAgeInSeconds?: number;
  FunctionResponseTypes?: readonly string[];
  DestinationConfig?: { OnFailure?: { Destination?: string } };
  FilterCriteria?: { Filters?: readonly Filter[] };
  TumblingWindowInSeconds?: number;
  MetricsConfig?: { Metrics?: readonly string[] };
  ScalingConfig?: { MaximumConcurrency?: number };
}
