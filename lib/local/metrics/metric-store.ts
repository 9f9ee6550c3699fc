import type { EmbeddedMetric } from './embedded-metrics.ts';

/** The metrics that functions printed, as far as tests and summaries ask for them. */
export interface MetricStore {
  take(printed: readonly EmbeddedMetric[]): void;
  /** The sum of a metric over all dimension sets that contain `dimensions`. */
  sum(name: string, dimensions?: Record<string, string>): number;
  /** Single values in order of arrival; beyond the limit, a uniform sample of them. */
  values(name: string, dimensions?: Record<string, string>): number[];
  /** The dimension sets seen for a metric, with their sums. */
  series(name: string): { dimensions: Record<string, string>; sum: number; count: number }[];
}

interface Series {
  dimensions: Record<string, string>;
  sum: number;
  count: number;
  values: number[];
}

const maxValuesPerSeries = 250_000;

function record(series: Series, value: number, random: () => number): void {
  series.sum += value;
  series.count += 1;
  if (series.values.length < maxValuesPerSeries) {
    series.values.push(value);
    return;
  }
  // Reservoir sampling: each value so far is kept with the same probability.
  const slot = Math.floor(random() * series.count);
  if (slot < maxValuesPerSeries) series.values[slot] = value;
}

const width = (dimensions: Record<string, string>): number => Object.keys(dimensions).length;

function contains(dimensions: Record<string, string>, wanted: Record<string, string>): boolean {
  return Object.entries(wanted).every(([key, value]) => dimensions[key] === value);
}

/** Keeps the metrics of CloudWatch's embedded metric format. */
export function createMetricStore(random: () => number = Math.random): MetricStore {
  const metrics = new Map<string, Map<string, Series>>();

  const seriesOf = (name: string, dimensions: Record<string, string>): Series => {
    const key = JSON.stringify(Object.entries(dimensions).sort());
    let byDimensions = metrics.get(name);
    if (byDimensions === undefined) {
      byDimensions = new Map();
      metrics.set(name, byDimensions);
    }
    let series = byDimensions.get(key);
    if (series === undefined) {
      series = { dimensions, sum: 0, count: 0, values: [] };
      byDimensions.set(key, series);
    }
    return series;
  };

  const matching = (name: string, wanted: Record<string, string>): Series[] =>
    [...(metrics.get(name)?.values() ?? [])].filter((series) =>
      contains(series.dimensions, wanted),
    );

  return {
    take(printed) {
      for (const { dimensionSets, name, values } of printed) {
        // Several dimension sets describe the same values: the widest one holds all keys.
        const [widest = {}] = dimensionSets.toSorted((a, b) => width(b) - width(a));
        const series = seriesOf(name, widest);
        for (const value of values) record(series, value, random);
      }
    },
    sum: (name, dimensions = {}) =>
      matching(name, dimensions).reduce((sum, series) => sum + series.sum, 0),
    values: (name, dimensions = {}) => matching(name, dimensions).flatMap(({ values }) => values),
    series: (name) =>
      matching(name, {}).map(({ dimensions, sum, count }) => ({ dimensions, sum, count })),
  };
}
