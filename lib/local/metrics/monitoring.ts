import { type Alarm, type AlarmState, alarmValue, EXTRA_PERIODS, judgeAlarm } from './alarm.ts';
import type { EmbeddedMetric } from './embedded-metrics.ts';
import {
  createMetricHistory,
  isPercentile,
  type MetricIdentity,
  type RecordMetric,
} from './metric-history.ts';

/** An alarm as it stands. */
export interface AlarmReport {
  readonly name: string;
  readonly description: string;
  readonly state: AlarmState;
  /** What it sees in the period that just ended. */
  readonly value: number | undefined;
  readonly threshold: number;
  /** When it came into this state, epoch milliseconds. */
  readonly since: number;
}

/** CloudWatch: keeps what services and functions measure, and judges the alarms by it every minute. */
export interface Monitoring {
  readonly record: RecordMetric;
  /** Takes what a function printed in the embedded format. */
  take(printed: readonly EmbeddedMetric[]): void;
  /** Something to measure before each judgement. */
  addGauge(measure: (record: RecordMetric) => Promise<void>): void;
  addAlarm(alarm: Alarm): void;
  /** All alarms, as they were judged last. */
  alarms(): AlarmReport[];
  /** Judges the alarms every minute from now on. */
  start(): void;
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;

interface Judged {
  readonly alarm: Alarm;
  state: AlarmState;
  since: number;
}

/**
 * @param options.speed how many minutes of alarms pass in a real one
 * @param options.publish told of each change of a state that a topic is to hear of
 */
export function createMonitoring(options: {
  readonly speed: number;
  readonly now: () => number;
  readonly publish: (topicArn: string, subject: string, message: string) => void;
  readonly log: (line: string) => void;
}): Monitoring {
  const { now, publish, speed } = options;
  const history = createMetricHistory();
  const judged: Judged[] = [];
  const gauges: ((record: RecordMetric) => Promise<void>)[] = [];
  const origin = now();
  const minuteOf = (time: number): number => Math.floor(((time - origin) * speed) / MINUTE_MS);
  /** The longest that an alarm looks back, in minutes. */
  let longest = 0;
  let timer: NodeJS.Timeout | undefined;
  let judging: Promise<void> | undefined;

  const record = (metric: MetricIdentity, value: number): void =>
    history.add(metric, value, minuteOf(now()));

  const judge = async (): Promise<void> => {
    for (const measure of gauges) await measure(record);
    const before = minuteOf(now());
    for (const one of judged) {
      const state = judgeAlarm(one.alarm, history, before);
      if (state === one.state) continue;
      const { description, name, tells, threshold } = one.alarm;
      const message = JSON.stringify({
        AlarmName: name,
        AlarmDescription: description,
        NewStateValue: state,
        OldStateValue: one.state,
        NewStateReason: `${String(alarmValue(one.alarm, history, before))} against a threshold of ${threshold}`,
        StateChangeTime: new Date(now()).toISOString(),
      });
      one.state = state;
      one.since = now();
      for (const topic of tells[state]) publish(topic, `${state}: "${name}"`, message);
    }
    history.forget(before - longest);
  };

  return {
    record,
    take(printed) {
      for (const { dimensionSets, name, namespace, timestamp, values } of printed) {
        const minute = minuteOf(timestamp);
        for (const dimensions of dimensionSets) {
          for (const value of values) history.add({ namespace, name, dimensions }, value, minute);
        }
      }
    },
    addGauge: (measure) => void gauges.push(measure),
    addAlarm(alarm) {
      judged.push({ alarm, state: 'OK', since: now() });
      for (const { metric, statistic } of alarm.queries) {
        if (isPercentile(statistic)) history.keepValues(metric);
      }
      const looksBack = alarm.periodMinutes * (alarm.evaluationPeriods + EXTRA_PERIODS);
      longest = Math.max(longest, looksBack);
    },
    alarms: () =>
      judged.map(({ alarm, since, state }) => ({
        name: alarm.name,
        description: alarm.description,
        state,
        value: alarmValue(alarm, history, minuteOf(now())),
        threshold: alarm.threshold,
        since,
      })),
    start() {
      timer ??= setInterval(() => {
        // A judgement that takes longer than a minute is not overtaken by the next.
        judging ??= judge()
          .catch((error: unknown) => options.log(`alarms were not judged: ${String(error)}`))
          .finally(() => {
            judging = undefined;
          });
      }, MINUTE_MS / speed).unref();
    },
    async close() {
      clearInterval(timer);
      await judging;
    },
  };
}
