import { LocalCloudError } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import { isKnownStatistic, type MetricHistory, type MetricIdentity } from './metric-history.ts';
import { type MetricExpression, parseMetricMath } from './metric-math.ts';

export type AlarmState = 'OK' | 'ALARM';

/** A metric as an alarm looks at it. */
interface MetricQuery {
  readonly id: string;
  readonly metric: MetricIdentity;
  readonly statistic: string;
}

/** An alarm on one metric or on metric math over several. */
export interface Alarm {
  readonly name: string;
  readonly description: string;
  readonly periodMinutes: number;
  readonly queries: readonly MetricQuery[];
  readonly expression: MetricExpression;
  readonly breaches: (value: number) => boolean;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  /** What a period without data counts as. */
  readonly missing: 'breaching' | 'notBreaching';
  /** Topics that are told when it begins, and when it ends. */
  readonly tells: Readonly<Record<AlarmState, readonly string[]>>;
}

/**
 * CloudWatch looks at more periods than it judges, because data may be missing. How many more it does not document;
 * in the examples of its documentation it looks at five where it judges three.
 */
export const EXTRA_PERIODS = 2;

const COMPARISONS: Record<string, (value: number, threshold: number) => boolean> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

const objects = (value: JsonValue | undefined): JsonObject[] =>
  [value ?? []].flat().filter(isJsonObject);

const texts = (value: JsonValue | undefined): string[] => [value ?? []].flat().map(String);

function identityOf(properties: JsonObject): MetricIdentity {
  return {
    namespace: String(properties.Namespace),
    name: String(properties.MetricName),
    dimensions: Object.fromEntries(
      objects(properties.Dimensions).map(({ Name, Value }) => [String(Name), String(Value)]),
    ),
  };
}

interface Watched {
  readonly queries: readonly MetricQuery[];
  readonly expression: MetricExpression;
  readonly periods: readonly number[];
}

function watchedBy(properties: JsonObject, refuse: (why: string) => LocalCloudError): Watched {
  const { Metrics } = properties;
  if (Metrics === undefined) {
    const statistic = String(properties.Statistic ?? properties.ExtendedStatistic);
    const query = { id: 'metric', metric: identityOf(properties), statistic };
    return {
      queries: [query],
      expression: (read) => read('metric'),
      periods: [Number(properties.Period)],
    };
  }
  const queries: MetricQuery[] = [];
  const periods: number[] = [];
  let expression: MetricExpression | undefined;
  for (const { Expression, Id, MetricStat, ReturnData } of objects(Metrics)) {
    if (isJsonObject(MetricStat) && isJsonObject(MetricStat.Metric)) {
      queries.push({
        id: String(Id),
        metric: identityOf(MetricStat.Metric),
        statistic: String(MetricStat.Stat),
      });
      periods.push(Number(MetricStat.Period));
    } else if (ReturnData !== false && expression === undefined) {
      expression = parseMetricMath(String(Expression));
    } else {
      throw refuse('more than one expression');
    }
  }
  if (expression === undefined) throw refuse('metrics without an expression');
  return { queries, expression, periods };
}

/**
 * Reads an `AWS::CloudWatch::Alarm`, its properties resolved.
 *
 * @throws LocalCloudError `resource-invalid` for an alarm that is not judged here as CloudWatch does.
 */
export function readAlarm(name: string, properties: JsonObject): Alarm {
  const refuse = (why: string): LocalCloudError =>
    new LocalCloudError('resource-invalid', `The alarm ${name} is not run here: ${why}`);
  const { expression, periods, queries } = watchedBy(properties, refuse);
  const [period, ...others] = new Set(periods);
  if (period === undefined || others.length > 0 || period % 60 !== 0) {
    throw refuse('it has to look at one period of whole minutes');
  }
  const unknown = queries.find(({ statistic }) => !isKnownStatistic(statistic));
  if (unknown !== undefined) throw refuse(`the statistic ${unknown.statistic}`);
  const compare = COMPARISONS[String(properties.ComparisonOperator)];
  if (compare === undefined) throw refuse(String(properties.ComparisonOperator));
  const missing = properties.TreatMissingData;
  if (missing !== 'notBreaching' && missing !== 'breaching') {
    throw refuse(`missing data as ${String(missing ?? 'missing')}`);
  }
  const threshold = Number(properties.Threshold);
  const evaluationPeriods = Number(properties.EvaluationPeriods);
  return {
    name,
    description: String(properties.AlarmDescription ?? ''),
    periodMinutes: period / 60,
    queries,
    expression,
    breaches: (value) => compare(value, threshold),
    threshold,
    evaluationPeriods,
    datapointsToAlarm: Number(properties.DatapointsToAlarm ?? evaluationPeriods),
    missing,
    tells: { ALARM: texts(properties.AlarmActions), OK: texts(properties.OKActions) },
  };
}

/**
 * The value that an alarm sees in a period.
 *
 * @param before the minute that ends the period
 */
export function alarmValue(
  { expression, periodMinutes, queries }: Alarm,
  history: MetricHistory,
  before: number,
): number | undefined {
  return expression((id) => {
    const query = queries.find((one) => one.id === id);
    return (
      query && history.statistic(query.metric, query.statistic, before - periodMinutes, before)
    );
  });
}

/**
 * The state of an alarm by the data points of its periods, the newest first, after CloudWatch's rules of missing data:
 * real data points are taken from farther back before any is made up, and none that is there is left out.
 */
export function stateOf(
  { breaches, datapointsToAlarm, evaluationPeriods, missing }: Alarm,
  datapoints: readonly (number | undefined)[],
): AlarmState {
  const range = datapoints.slice(0, evaluationPeriods + EXTRA_PERIODS);
  const real = range.filter((value) => value !== undefined).slice(0, evaluationPeriods);
  const filled = missing === 'breaching' ? evaluationPeriods - real.length : 0;
  const breaching = real.filter(breaches).length + filled;
  return breaching >= datapointsToAlarm ? 'ALARM' : 'OK';
}

/** The state of an alarm at the end of a minute: its window slides along by a minute at a time. */
export function judgeAlarm(alarm: Alarm, history: MetricHistory, before: number): AlarmState {
  const { evaluationPeriods, periodMinutes } = alarm;
  const datapoints = Array.from({ length: evaluationPeriods + EXTRA_PERIODS }, (_, back) =>
    alarmValue(alarm, history, before - back * periodMinutes),
  );
  return stateOf(alarm, datapoints);
}
