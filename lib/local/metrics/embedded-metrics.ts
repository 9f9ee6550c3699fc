/** Values of one metric out of a line of CloudWatch's embedded metric format. */
export interface EmbeddedMetric {
  readonly namespace: string;
  readonly name: string;
  /** Each set is a metric of its own to CloudWatch, with the same values. */
  readonly dimensionSets: readonly Record<string, string>[];
  readonly values: readonly number[];
  /** Epoch milliseconds. */
  readonly timestamp: number;
}

interface EmbeddedDocument {
  _aws?: {
    Timestamp?: number;
    CloudWatchMetrics?: {
      Namespace?: string;
      Dimensions?: string[][];
      Metrics?: { Name: string }[];
    }[];
  };
  [key: string]: unknown;
}

function parse(line: string): EmbeddedDocument | undefined {
  if (!line.startsWith('{') || !line.includes('"_aws"')) return undefined;
  try {
    return JSON.parse(line) as EmbeddedDocument;
  } catch {
    // A log line that only looks like metrics.
    return undefined;
  }
}

/** The metrics that a line of output holds; undefined for a line that is no embedded metric document. */
export function readEmbeddedMetrics(line: string): EmbeddedMetric[] | undefined {
  const document = parse(line);
  const directives = document?._aws?.CloudWatchMetrics;
  if (document === undefined || directives === undefined) return undefined;
  const timestamp = document._aws?.Timestamp ?? 0;
  return directives.flatMap(({ Dimensions = [], Metrics = [], Namespace = '' }) => {
    const sets = Dimensions.length === 0 ? [[]] : Dimensions;
    const dimensionSets = sets.map((keys) =>
      Object.fromEntries(keys.map((key) => [key, String(document[key])])),
    );
    return Metrics.map(({ Name }) => ({
      namespace: Namespace,
      name: Name,
      dimensionSets,
      values: [document[Name]].flat().filter((value) => typeof value === 'number'),
      timestamp,
    }));
  });
}
