import { describe, expect, test } from 'vitest';
import { type Alarm, judgeAlarm, readAlarm, stateOf } from '../../../lib/local/metrics/alarm.ts';
import { createMetricHistory } from '../../../lib/local/metrics/metric-history.ts';

const metric = { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'intake' } };

function alarm(settings: Record<string, string | number>): Alarm {
  return readAlarm('intake-errors', {
    Namespace: metric.namespace,
    MetricName: metric.name,
    Dimensions: [{ Name: 'FunctionName', Value: 'intake' }],
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    ...settings,
  });
}

/** Data points as the documentation writes them, the oldest first: `0` within, `X` breaching, `-` missing. */
const points = (text: string) =>
  [...text.replaceAll(' ', '')].reverse().map((c) => ({ '0': 0, X: 1 })[c]);

describe('missing data', () => {
  // The tables of “How alarm state is evaluated when data is missing” in the CloudWatch user guide.
  test.each([
    ['0 - X - X', 'OK', 'OK'],
    ['- - - - 0', 'OK', 'OK'],
    ['- - - - -', 'ALARM', 'OK'],
    ['0 X X - X', 'ALARM', 'ALARM'],
    ['- - X - -', 'ALARM', 'OK'],
  ])('of %s, all of three to breach, is judged as documented', (text, breaching, notBreaching) => {
    const three = { EvaluationPeriods: 3 };
    const bad = alarm({ ...three, TreatMissingData: 'breaching' });
    expect(stateOf(bad, points(text))).toBe(breaching);
    expect(stateOf(alarm(three), points(text))).toBe(notBreaching);
  });

  test.each([
    ['0 - X - X', 'ALARM', 'ALARM'],
    ['0 0 X 0 X', 'ALARM', 'ALARM'],
    ['0 - X - -', 'ALARM', 'OK'],
    ['- - - - 0', 'ALARM', 'OK'],
    ['- - - - X', 'ALARM', 'OK'],
  ])('of %s, two of three to breach, is judged as documented', (text, breaching, notBreaching) => {
    const twoOfThree = { EvaluationPeriods: 3, DatapointsToAlarm: 2 };
    const bad = alarm({ ...twoOfThree, TreatMissingData: 'breaching' });
    expect(stateOf(bad, points(text))).toBe(breaching);
    expect(stateOf(alarm(twoOfThree), points(text))).toBe(notBreaching);
  });
});

describe('an alarm over time', () => {
  test('slides its period along by the minute, and stays on while it has nothing newer', () => {
    const history = createMetricHistory();
    history.add(metric, 1, 10);
    const state = (minute: number) => judgeAlarm(alarm({}), history, minute);
    expect(state(10)).toBe('OK');
    expect([11, 15, 25].map(state)).toEqual(['ALARM', 'ALARM', 'ALARM']);
    expect(state(26)).toBe('OK');
    history.add(metric, 0, 16);
    expect([16, 17].map(state)).toEqual(['ALARM', 'OK']);
  });

  test('aggregates a period by its statistic, over exactly its dimensions', () => {
    const history = createMetricHistory();
    history.keepValues(metric);
    for (const value of [1, 9, 5]) history.add(metric, value, value);
    history.add({ ...metric, dimensions: {} }, 1_000, 5);
    const over = (statistic: string, threshold: number) => {
      const named = statistic.startsWith('p') ? 'ExtendedStatistic' : 'Statistic';
      const { Statistic: _, ...others } = { Statistic: '', [named]: statistic };
      const one = alarm({ Period: 600, Threshold: threshold, Statistic: statistic, ...others });
      return judgeAlarm(one, history, 10);
    };
    expect([over('Sum', 14), over('Sum', 15)]).toEqual(['ALARM', 'OK']);
    expect([over('Maximum', 8), over('Maximum', 9)]).toEqual(['ALARM', 'OK']);
    expect([over('Minimum', 0), over('Minimum', 1)]).toEqual(['ALARM', 'OK']);
    expect([over('Average', 4), over('Average', 5)]).toEqual(['ALARM', 'OK']);
    expect([over('SampleCount', 2), over('SampleCount', 3)]).toEqual(['ALARM', 'OK']);
    expect([over('p50', 4), over('p50', 5)]).toEqual(['ALARM', 'OK']);
    expect([over('p99', 8), over('p99', 9)]).toEqual(['ALARM', 'OK']);
  });

  test('refuses what it would not judge as CloudWatch does', () => {
    expect(() => alarm({ TreatMissingData: 'ignore' })).toThrow(/missing data as ignore/);
    expect(() => alarm({ Statistic: 'IQM' })).toThrow(/IQM/);
    expect(() => alarm({ Period: 10 })).toThrow(/whole minutes/);
    expect(() => alarm({ ComparisonOperator: 'LessThanLowerThreshold' })).toThrow(/Lower/);
  });
});
