import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Checkpoints } from '../kept/checkpoints.ts';
import type { RecordMetric } from '../metrics/metric-history.ts';

/** What a function answered: its result, or its error document and the kind of the error. */
export interface InvocationResult {
  payload: unknown;
  /** `Handled` or `Unhandled`, as in Lambda's `X-Amz-Function-Error` header. */
  functionError?: string;
}

/** The emulated services that event sources read from and send discarded batches to. */
export interface EventSourceClients {
  kinesis: KinesisClient;
  dynamodbStreams: DynamoDBStreamsClient;
  sqs: SQSClient;
  s3: S3Client;
  sns: SNSClient;
}

export interface EventSourceDependencies {
  /** The mapping's id; names the objects in an on-failure bucket. */
  uuid: string;
  functionArn: string;
  region: string;
  clients: EventSourceClients;
  /**
   * Calls the function and waits for its answer. A function that fails answers with
   * `functionError`; throwing means that it could not be invoked at all (throttled, stopped).
   */
  invoke(payload: unknown): Promise<InvocationResult>;
  /** Where an earlier run of the same mapping left off; absent for a mapping that begins anew. */
  checkpoints?: Checkpoints;
  /** Epoch milliseconds. */
  now(): number;
  log(line: string): void;
  /** Told what Lambda measures of the source. */
  record: RecordMetric;
}

export interface EventSourceActivity {
  /** Batches being processed, waiting for their window, or held back for a retry. */
  inFlight: number;
  /** Passes in which every shard (or the queue) was read and had nothing new. */
  emptyPasses: number;
  /** Invocations that ended, whatever their result. */
  batches: number;
}

/** Reads one stream or queue and feeds one function, as Lambda's event source mappings do. */
export interface EventSource {
  start(): void;
  /** Ends polling and waits for the running invocations. */
  stop(): Promise<void>;
  /** Something was written to the source: read it now, not at the next idle poll. */
  wake(): void;
  activity(): EventSourceActivity;
}
