import { functionNameOf } from '../functions/function-runtime.ts';
import type { EventSourceDependencies } from './event-source.ts';
import type { EventSourceMappingProperties } from './event-source-mapping-properties.ts';
import type { DiscardBatch } from './on-failure-destination.ts';

/** When the records of an event came into their stream, in epoch seconds, by the names that either stream gives it. */
interface StreamEvent {
  readonly Records?: readonly {
    readonly kinesis?: { readonly approximateArrivalTimestamp?: number };
    readonly dynamodb?: { readonly ApproximateCreationDateTime?: number };
  }[];
}

/** Measures `IteratorAge` as Lambda does: how old the last record of a batch is when the function is given it. */
export function measureAge(payload: unknown, dependencies: EventSourceDependencies): void {
  const last = (payload as StreamEvent).Records?.at(-1);
  const seconds =
    last?.kinesis?.approximateArrivalTimestamp ?? last?.dynamodb?.ApproximateCreationDateTime;
  if (seconds === undefined) return;
  dependencies.record(
    {
      namespace: 'AWS/Lambda',
      name: 'IteratorAge',
      dimensions: { FunctionName: functionNameOf(dependencies.functionArn) },
    },
    Math.max(0, dependencies.now() - seconds * 1_000),
  );
}

/** Counts the records that are given up, where the mapping asks for its counts of events. */
export function countDiscarded(
  { DestinationConfig, MetricsConfig }: EventSourceMappingProperties,
  { record, uuid }: EventSourceDependencies,
  discard: DiscardBatch,
): DiscardBatch {
  if (!MetricsConfig?.Metrics?.includes('EventCount')) return discard;
  const kept = DestinationConfig?.OnFailure?.Destination !== undefined;
  const name = kept ? 'OnFailureDestinationDeliveredEventCount' : 'DroppedEventCount';
  return async (batch, ...more) => {
    await discard(batch, ...more);
    const dimensions = { EventSourceMappingUUID: uuid };
    record({ namespace: 'AWS/Lambda', name, dimensions }, batch.records.length);
  };
}
