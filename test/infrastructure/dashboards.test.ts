import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { OfferedTask } from '../../functions/offer-task/offer-task.ts';
import { type FunctionName, functionNames } from '../../lib/infrastructure/stage-config.ts';
import { flat, plainId, type Resource, resources, synthesized } from './synthesized-stack.ts';

const prod = synthesized('prod');
const ROOT = new URL('../..', import.meta.url).pathname;

interface Widget {
  readonly type: string;
  readonly properties: {
    readonly title: string;
    readonly alarms?: readonly string[];
    readonly query?: string;
    readonly metrics?: readonly (readonly unknown[])[];
  };
}

/** A metric that a dashboard names, whatever the values of its dimensions. */
interface Named {
  readonly where: string;
  readonly namespace: string;
  readonly name: string;
  /** By name; those of a search have no value, unless it asks for one. */
  readonly dimensions: Readonly<Record<string, string | undefined>>;
}

const dashboards = new Map(
  Object.values(resources(prod, 'AWS::CloudWatch::Dashboard')).map(({ Properties }) => [
    String(Properties.DashboardName),
    (JSON.parse(flat(Properties.DashboardBody)) as { widgets: Widget[] }).widgets,
  ]),
);

/** Writes out the shorthand of a dashboard's metrics: `.` repeats what stood there before, `...` all that is not given. */
function written(metrics: readonly (readonly unknown[])[]): unknown[][] {
  let before: unknown[] = [];
  return metrics.map((metric) => {
    const fields = metric.filter((field) => typeof field !== 'object');
    const whole =
      fields[0] === '...'
        ? [...before.slice(0, before.length - (fields.length - 1)), ...fields.slice(1)]
        : fields.map((field, i) => (field === '.' ? before[i] : field));
    if (whole.length > 0) before = whole;
    const [options] = metric.filter((field) => typeof field === 'object');
    return [...whole, options ?? {}];
  });
}

const SEARCH = /^SEARCH\('\{([^}]+)\} MetricName="([^"]+)"(?: (\w+)="([^"]*)")?', '\w+', \d+\)$/;

function namedBy(where: string, [namespace, name, ...more]: unknown[]): Named[] {
  const options = (typeof namespace === 'object' ? namespace : more.at(-1)) as {
    expression?: string;
  };
  if (options.expression !== undefined) {
    const [, schema, searched, asked = '', value] = SEARCH.exec(options.expression) ?? [];
    if (schema === undefined || searched === undefined) return [];
    const [searchedIn = '', ...names] = schema.split(',');
    const dimensions = Object.fromEntries(
      names.map((one) => [one, one === asked ? value : undefined]),
    );
    return [{ where, namespace: searchedIn, name: searched, dimensions }];
  }
  const pairs = more.slice(0, -1).map(String);
  const dimensions = Object.fromEntries(
    pairs.flatMap((key, i) => (i % 2 === 0 ? [[key, pairs[i + 1]]] : [])),
  );
  return [{ where, namespace: String(namespace), name: String(name), dimensions }];
}

const named: readonly Named[] = [...dashboards].flatMap(([dashboard, widgets]) =>
  widgets.flatMap(({ properties: { metrics = [], title } }) =>
    written(metrics).flatMap((metric) => namedBy(`${dashboard}: ${title}`, metric)),
  ),
);

/** The source of a function: its handler, and whatever that imports of ours. */
function sourcesOf(functionName: FunctionName): string[] {
  const seen = new Map<string, string>();
  const read = (path: string): void => {
    if (seen.has(path)) return;
    const text = readFileSync(path, 'utf8');
    seen.set(path, text);
    for (const [, imported = ''] of text.matchAll(/from '(\.[^']+\.ts)'/g)) {
      read(join(dirname(path), imported));
    }
  };
  read(join(ROOT, 'functions', functionName, 'handler.ts'));
  return [...seen.values()];
}

/** Whether a function counts or measures something by this name, and by these dimensions beside its own name. */
function emits(functionName: FunctionName, metric: string, dimensions: readonly string[]): boolean {
  const counting = sourcesOf(functionName).filter(
    (text) =>
      /\b(?:countAll|countBy|addMetric)\(/.test(text) && new RegExp(`\\b${metric}\\b`).test(text),
  );
  return counting.some((text) =>
    dimensions.every((dimension) => new RegExp(`countBy\\([^)]*?'${dimension}'`, 's').test(text)),
  );
}

/** The metrics that services publish, by their dimensions, as AWS documents them. */
const PUBLISHED: Readonly<Record<string, readonly { names: string[]; by: string[] }[]>> = {
  'AWS/ApiGateway': [{ names: ['Count', '4xx', '5xx', 'Latency'], by: ['ApiId'] }],
  'AWS/DynamoDB': [
    {
      names: [
        'ConsumedReadCapacityUnits',
        'ConsumedWriteCapacityUnits',
        'ReadThrottleEvents',
        'WriteThrottleEvents',
      ],
      by: ['TableName'],
    },
  ],
  'AWS/Firehose': [
    { names: ['DeliveryToS3.DataFreshness', 'IncomingBytes'], by: ['DeliveryStreamName'] },
  ],
  'AWS/Kinesis': [
    {
      names: ['IncomingBytes', 'IncomingRecords', 'WriteProvisionedThroughputExceeded'],
      by: ['StreamName'],
    },
    // Where the stream asks for it.
    { names: ['IteratorAgeMilliseconds'], by: ['ShardId', 'StreamName'] },
  ],
  'AWS/Lambda': [
    { names: ['Duration', 'Errors', 'IteratorAge', 'Throttles'], by: ['FunctionName'] },
    // Where the mapping asks for counts of events.
    {
      names: ['DroppedEventCount', 'OnFailureDestinationDeliveredEventCount'],
      by: ['EventSourceMappingUUID'],
    },
  ],
  'AWS/SNS': [{ names: ['SMSMonthToDateSpentUSD'], by: [] }],
  'AWS/SQS': [
    {
      names: ['ApproximateAgeOfOldestMessage', 'ApproximateNumberOfMessagesVisible'],
      by: ['QueueName'],
    },
  ],
  'AWS/States': [
    {
      names: ['ExecutionsFailed', 'ExecutionsStarted', 'ExecutionsSucceeded', 'ExecutionsTimedOut'],
      by: ['StateMachineArn'],
    },
  ],
};

function isPublished({ dimensions, name, namespace }: Named): boolean {
  const by = Object.keys(dimensions).toSorted();
  return (PUBLISHED[namespace] ?? []).some(
    (one) => one.names.includes(name) && one.by.toSorted().join() === by.join(),
  );
}

describe('The dashboards', () => {
  test('are three, one for each of those who look', () => {
    expect([...dashboards.keys()].toSorted()).toEqual([
      'Forewarn-prod-duty',
      'Forewarn-prod-operators',
      'Forewarn-prod-platform',
    ]);
    const alarms = resources(prod, 'AWS::CloudWatch::Alarm');
    const [first] = dashboards.get('Forewarn-prod-platform') ?? [];
    expect(first?.properties.alarms).toHaveLength(Object.keys(alarms).length);
  });

  test('show of our own metrics only those that the function they name emits, by these dimensions', () => {
    const ours = named.filter(({ namespace }) => namespace === 'Forewarn');
    expect(ours.length).toBeGreaterThan(60);
    const unknown = ours.filter(({ dimensions: { service, ...others }, name }) => {
      const by =
        service === undefined ? functionNames : functionNames.filter((one) => one === service);
      return !by.some((one) => emits(one, name, Object.keys(others)));
    });
    expect(unknown).toEqual([]);
    expect(ours.filter(({ dimensions }) => !('service' in dimensions))).toEqual([]);
  });

  test('would not pass with a metric that nobody emits', () => {
    expect(emits('intake', 'CallsRejected', ['reason'])).toBe(true);
    expect(emits('intake', 'CallsRefused', [])).toBe(false);
    expect(emits('intake', 'CallsRejected', ['carrier'])).toBe(false);
    expect(emits('send-warnings', 'CasesOpened', [])).toBe(false);
  });

  test('show of services only metrics that those publish, by their dimensions', () => {
    const theirs = named.filter(({ namespace }) => namespace !== 'Forewarn');
    expect(theirs.length).toBeGreaterThan(100);
    expect(theirs.filter((metric) => !isPublished(metric))).toEqual([]);
  });

  test('show what has to be asked for only where it is', () => {
    const [calls] = Object.entries(resources(prod, 'AWS::Kinesis::Stream')).filter(
      ([id]) => plainId(id) === 'CallsStream',
    );
    expect(calls?.[1].Properties.DesiredShardLevelMetrics).toEqual(['IteratorAgeMilliseconds']);
    const byShard = named.filter(({ name }) => name === 'IteratorAgeMilliseconds');
    expect(byShard.map(({ dimensions }) => dimensions.StreamName)).toEqual(['CallsStream']);
    const mappings: Resource[] = Object.values(resources(prod, 'AWS::Lambda::EventSourceMapping'));
    const counted = mappings.filter(({ Properties }) => Properties.MetricsConfig !== undefined);
    const shown = named.filter(({ dimensions }) => 'EventSourceMappingUUID' in dimensions);
    expect(new Set(shown.map(({ dimensions }) => dimensions.EventSourceMappingUUID)).size).toBe(
      counted.length,
    );
  });

  test('refer to functions, tables, queues and workflows of the stack', () => {
    const ids = Object.keys(prod.toJSON().Resources as object).map(plainId);
    const references = named
      .filter(({ namespace }) => namespace !== 'Forewarn')
      .flatMap(({ dimensions }) => Object.values(dimensions))
      .flatMap((value) => (value === undefined ? [] : [value.split('.')[0] ?? '']));
    expect(references.filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('read of the log of tasks what is written there', () => {
    const queries = [...dashboards.values()].flat().filter(({ type }) => type === 'log');
    expect(queries.map(({ properties }) => properties.query)).toEqual([
      expect.stringMatching(
        /^SOURCE '.*DissuasionOfferTaskLogs.*' \| filter message = "a task was offered"/,
      ),
    ]);
    const handler = readFileSync(join(ROOT, 'functions/offer-task/handler.ts'), 'utf8');
    expect(handler).toContain("logger.info('a task was offered', { ...task })");
    // The compiler knows that these are fields of it.
    const grouped: (keyof OfferedTask)[] = ['queue', 'tier'];
    for (const field of grouped) expect(queries[0]?.properties.query).toContain(field);
  });
});
