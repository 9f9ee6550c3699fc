import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readAlarm } from '../../../lib/local/metrics/alarm.ts';
import { readEmbeddedMetrics } from '../../../lib/local/metrics/embedded-metrics.ts';
import { createMonitoring } from '../../../lib/local/metrics/monitoring.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:alarms';
const START = Date.parse('2026-11-02T01:00:00Z');
const MINUTE = 60_000;

beforeEach(() => void vi.useFakeTimers({ now: START }));
afterEach(() => void vi.useRealTimers());

function monitored(speed: number) {
  const told: string[] = [];
  const monitoring = createMonitoring({
    speed,
    now: Date.now,
    publish: (topic, subject) => told.push(`${topic.split(':').at(-1)} ${subject}`),
    log: (line) => told.push(line),
  });
  monitoring.addAlarm(
    readAlarm('refused', {
      AlarmDescription: 'Too many are refused.',
      Namespace: 'Forewarn',
      MetricName: 'CallsRejected',
      Dimensions: [{ Name: 'service', Value: 'intake' }],
      Statistic: 'Sum',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 10,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [TOPIC],
      OKActions: [TOPIC],
    }),
  );
  monitoring.start();
  return { monitoring, told };
}

/** What a function prints. @param by dimensions beside the service */
const printed = (value: number, by: Record<string, string> = {}) =>
  readEmbeddedMetrics(
    JSON.stringify({
      _aws: {
        Timestamp: Date.now(),
        CloudWatchMetrics: [
          {
            Namespace: 'Forewarn',
            Dimensions: [['service', ...Object.keys(by)]],
            Metrics: [{ Name: 'CallsRejected', Unit: 'Count' }],
          },
        ],
      },
      service: 'intake',
      ...by,
      CallsRejected: value,
    }),
  ) ?? [];

describe('monitoring', () => {
  test('fires an alarm by what functions print, tells its topic, and clears it', async () => {
    const { monitoring, told } = monitored(1);
    monitoring.take(printed(11, { reason: 'not-json' }));
    monitoring.take(printed(10));
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(monitoring.alarms()).toMatchObject([{ name: 'refused', state: 'OK', value: 10 }]);

    monitoring.take(printed(11));
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(monitoring.alarms()).toMatchObject([
      { state: 'ALARM', value: 21, threshold: 10, since: START + 2 * MINUTE },
    ]);
    // A period of five, and two more in which nothing newer came.
    await vi.advanceTimersByTimeAsync(15 * MINUTE);
    expect(monitoring.alarms()).toMatchObject([{ state: 'OK' }]);
    expect(told).toEqual(['alarms ALARM: "refused"', 'alarms OK: "refused"']);
    await monitoring.close();
  });

  test('passes its minutes as quickly as it is asked to', async () => {
    const { monitoring } = monitored(60);
    monitoring.take(printed(11));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(monitoring.alarms()).toMatchObject([{ state: 'ALARM' }]);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(monitoring.alarms()).toMatchObject([{ state: 'OK' }]);
    await monitoring.close();
  });

  test('goes on when something could not be measured, and says so', async () => {
    const { monitoring, told } = monitored(1);
    let measurable = false;
    monitoring.addGauge(async (record) => {
      if (!measurable) throw new Error('no queue');
      record(
        { namespace: 'Forewarn', name: 'CallsRejected', dimensions: { service: 'intake' } },
        20,
      );
    });
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(told).toEqual(['alarms were not judged: Error: no queue']);
    measurable = true;
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(monitoring.alarms()).toMatchObject([{ state: 'ALARM' }]);
    await monitoring.close();
  });
});
