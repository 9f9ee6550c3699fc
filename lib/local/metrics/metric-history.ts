/** What CloudWatch tells one metric from another by: all three, exactly. */
export interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Takes a value of a metric, as a service publishes it. */
export type RecordMetric = (metric: MetricIdentity, value: number) => void;

/** The values of metrics by minute, as CloudWatch aggregates them. Times are minutes of one's own counting. */
export interface MetricHistory {
  /** Keeps single values of a metric from now on, which percentiles are made of. */
  keepValues(metric: MetricIdentity): void;
  add(metric: MetricIdentity, value: number, minute: number): void;
  /**
   * A statistic of the values from a minute on and before another; undefined where there are none.
   *
   * @param statistic `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount` or a percentile such as `p99`
   */
  statistic(
    metric: MetricIdentity,
    statistic: string,
    from: number,
    before: number,
  ): number | undefined;
  /** Drops what is older. */
  forget(before: number): void;
}

interface Minute {
  sum: number;
  count: number;
  smallest: number;
  largest: number;
  /** The first of them, for percentiles. */
  readonly values: number[];
}

/** Beyond that a minute's percentile is that of its first values. */
const MOST_VALUES = 1_000;

const keyOf = ({ dimensions, name, namespace }: MetricIdentity): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);

const PERCENTILE = /^p(\d{1,2}(?:\.\d+)?|100)$/;

/** Whether a statistic is made of single values. */
export const isPercentile = (statistic: string): boolean => PERCENTILE.test(statistic);

/** Whether a statistic is one that a history can answer. */
export function isKnownStatistic(statistic: string): boolean {
  return statistic in SIMPLE || isPercentile(statistic);
}

const sumOf = (minutes: readonly Minute[], field: 'sum' | 'count'): number =>
  minutes.reduce((sum, minute) => sum + minute[field], 0);

const SIMPLE: Record<string, (minutes: readonly Minute[]) => number> = {
  Sum: (minutes) => sumOf(minutes, 'sum'),
  SampleCount: (minutes) => sumOf(minutes, 'count'),
  Average: (minutes) => sumOf(minutes, 'sum') / sumOf(minutes, 'count'),
  Minimum: (minutes) => Math.min(...minutes.map(({ smallest }) => smallest)),
  Maximum: (minutes) => Math.max(...minutes.map(({ largest }) => largest)),
};

function percentile(minutes: readonly Minute[], share: number): number | undefined {
  const values = minutes.flatMap((minute) => minute.values).sort((a, b) => a - b);
  return values[Math.max(0, Math.ceil((share / 100) * values.length) - 1)];
}

export function createMetricHistory(): MetricHistory {
  const metrics = new Map<string, Map<number, Minute>>();
  const keeping = new Set<string>();
  return {
    keepValues: (metric) => void keeping.add(keyOf(metric)),
    add(metric, value, minute) {
      const key = keyOf(metric);
      const minutes = metrics.get(key) ?? new Map<number, Minute>();
      metrics.set(key, minutes);
      const at = minutes.get(minute) ?? {
        sum: 0,
        count: 0,
        smallest: value,
        largest: value,
        values: [],
      };
      minutes.set(minute, at);
      at.sum += value;
      at.count += 1;
      at.smallest = Math.min(at.smallest, value);
      at.largest = Math.max(at.largest, value);
      if (keeping.has(key) && at.values.length < MOST_VALUES) at.values.push(value);
    },
    statistic(metric, statistic, from, before) {
      const minutes = [...(metrics.get(keyOf(metric)) ?? [])]
        .filter(([minute]) => minute >= from && minute < before)
        .map(([, values]) => values);
      if (minutes.length === 0) return undefined;
      const share = PERCENTILE.exec(statistic)?.[1];
      return share === undefined
        ? SIMPLE[statistic]?.(minutes)
        : percentile(minutes, Number(share));
    },
    forget(before) {
      for (const [key, minutes] of metrics) {
        for (const minute of minutes.keys()) if (minute < before) minutes.delete(minute);
        if (minutes.size === 0) metrics.delete(key);
      }
    },
  };
}
