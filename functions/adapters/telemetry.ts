import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';

/** Named after the function by POWERTOOLS_SERVICE_NAME. Never log a record, a text or a clear number. */
export const logger = new Logger();
export const metrics = new Metrics();

/** Counts of what a batch did; zeros are not sent. */
export type Counts = Readonly<Record<string, number>>;

/** Adds counts to the invocation's metrics: once per batch that succeeded, so that retries do not count twice. */
export function countAll(counts: Counts): void {
  for (const [name, value] of Object.entries(counts)) {
    if (value > 0) metrics.addMetric(name, MetricUnit.Count, value);
  }
}

/** Counts one metric by a dimension of its own (a reason), beside the plain sum of all. */
export function countBy(
  name: string,
  dimension: string,
  counts: ReadonlyMap<string, number>,
): void {
  for (const [value, count] of counts) {
    const single = metrics.singleMetric();
    single.addDimension(dimension, value);
    single.addMetric(name, MetricUnit.Count, count);
  }
}

/** Wraps a function's work the way all of ours are: context in the log, metrics flushed at the end. */
export function lambdaHandler<Event, Result>(
  work: (event: Event, context: Context) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  return middy<Event, Result>()
    .use(injectLambdaContext(logger))
    .use(logMetrics(metrics))
    .handler(work) as (event: Event, context: Context) => Promise<Result>;
}
