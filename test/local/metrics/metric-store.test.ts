import { describe, expect, it } from 'vitest';
import { readEmbeddedMetrics } from '../../../lib/local/metrics/embedded-metrics.ts';
import { createMetricStore } from '../../../lib/local/metrics/metric-store.ts';

const line = (metrics: Record<string, unknown>, dimensions: Record<string, string>) =>
  readEmbeddedMetrics(
    JSON.stringify({
      _aws: {
        Timestamp: 0,
        CloudWatchMetrics: [
          {
            Namespace: 'N',
            Dimensions: [Object.keys(dimensions)],
            Metrics: Object.keys(metrics).map((Name) => ({ Name })),
          },
        ],
      },
      ...dimensions,
      ...metrics,
    }),
  ) ?? [];

describe('the metric store', () => {
  it('sums a metric over the dimension sets that contain what is asked for', () => {
    const store = createMetricStore();
    store.take(line({ Rejected: 2 }, { service: 'intake', reason: 'not-json' }));
    store.take(line({ Rejected: [3, 4] }, { service: 'intake', reason: 'bad-number' }));
    store.take(line({ Rejected: 5 }, { service: 'other' }));
    expect(store.sum('Rejected')).toBe(14);
    expect(store.sum('Rejected', { service: 'intake' })).toBe(9);
    expect(store.values('Rejected', { reason: 'bad-number' })).toEqual([3, 4]);
    expect(store.series('Rejected')).toHaveLength(3);
    expect(store.sum('Unheard')).toBe(0);
  });

  it('passes over what is not a metric document', () => {
    for (const line of ['plain text', '{"_aws": broken', '{"level":"INFO","_aws":1}']) {
      expect(readEmbeddedMetrics(line)).toBeUndefined();
    }
  });
});
