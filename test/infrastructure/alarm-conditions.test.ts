import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../lib/local/json-value.ts';
import {
  type Alarm,
  type AlarmState,
  judgeAlarm,
  readAlarm,
} from '../../lib/local/metrics/alarm.ts';
import { createMetricHistory } from '../../lib/local/metrics/metric-history.ts';
import { flat, resources, synthesized } from './synthesized-stack.ts';

/** A property without intrinsics: what a dimension names matters here, not its name. */
function plain(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && (keys[0] === 'Ref' || keys[0]?.startsWith('Fn::'))) return flat(value);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, plain(inner as JsonValue)]),
  );
}

const STACK = 'Forewarn-prod-';
const alarms: readonly Alarm[] = Object.values(
  resources(synthesized('prod'), 'AWS::CloudWatch::Alarm'),
).map(({ Properties }) => {
  const properties = plain(Properties as JsonObject) as JsonObject;
  return readAlarm(String(properties.AlarmName).slice(STACK.length), properties);
});

/** What the metrics of an alarm say in a period, by their names. */
type Measured = Readonly<Record<string, number>>;

/** The state of an alarm at the end of so many equal periods. */
function stateAfter(alarm: Alarm, periods: readonly Measured[]): AlarmState {
  const history = createMetricHistory();
  const { periodMinutes, queries } = alarm;
  for (const { metric } of queries) history.keepValues(metric);
  periods.forEach((measured, period) => {
    for (const { metric } of queries) {
      const value = measured[metric.name];
      if (value !== undefined) history.add(metric, value, period * periodMinutes);
    }
  });
  return judgeAlarm(alarm, history, periods.length * periodMinutes);
}

interface Condition {
  readonly quiet: readonly Measured[];
  readonly firing: readonly Measured[];
}

const failedNight: Condition = {
  quiet: [{ ExecutionsFailed: 0 }, {}],
  firing: [{ ExecutionsFailed: 1 }, { ExecutionsTimedOut: 1 }],
};

/** Alarms that judge more than one metric. */
const BY_MATH: Readonly<Record<string, Condition>> = {
  'quarantine-rate': {
    // At 2 percent, and far above it where there are too few to say.
    quiet: [
      { CallsReceived: 100, CallsRejected: 2 },
      { CallsReceived: 99, CallsRejected: 99 },
      { CallsReceived: 1_000 },
    ],
    firing: [{ CallsReceived: 100, CallsRejected: 3 }],
  },
  'texts-unreported': {
    quiet: [
      { WarningsSent: 20 },
      { WarningsSent: 500, TextsDelivered: 1 },
      { WarningsSent: 500, TextsFailed: 1 },
    ],
    firing: [{ WarningsSent: 21 }],
  },
  'api-failures': {
    quiet: [{ Count: 100, '5xx': 1 }, { Count: 19, '5xx': 19 }, { Count: 100 }],
    firing: [
      { Count: 100, '5xx': 2 },
      { Count: 20, '5xx': 1 },
    ],
  },
  'archive-failing': {
    quiet: [{ 'DeliveryToS3.Success': 1 }],
    firing: [{ 'DeliveryToS3.Success': 0.99 }, { 'DeliveryToS3.Success': 0 }],
  },
  'compaction-failed': failedNight,
  'study-failed': failedNight,
  'contacts-failed': {
    quiet: [{ ExecutionsFailed: 0, ContactCallsLeftOut: 0 }],
    firing: [...failedNight.firing, { ContactSearchesNotStarted: 1 }, { ContactCallsLeftOut: 1 }],
  },
  'policy-refused': { quiet: [{ PolicyRefused: 0 }], firing: [{ PolicyRefused: 1 }] },
};

const failingTexts: Condition = {
  quiet: [{ TextsFailed: 2, TextsDelivered: 18 }, { TextsFailed: 19 }, { TextsDelivered: 100 }],
  firing: [{ TextsFailed: 3, TextsDelivered: 17 }, { TextsFailed: 20 }],
};

/** Of a source whose given up records are kept, if they can be. */
const abandoned: Condition = {
  quiet: [{ OnFailureDestinationDeliveredEventCount: 0, DroppedEventCount: 0 }],
  firing: [{ OnFailureDestinationDeliveredEventCount: 1 }, { DroppedEventCount: 1 }],
};

const unread: Condition = {
  quiet: [{ IncomingRecords: 9, Invocations: 1 }, { Invocations: 3 }],
  firing: [{ IncomingRecords: 1 }, { IncomingRecords: 1, Invocations: 0 }],
};

function conditionOf(alarm: Alarm): Condition {
  const known = BY_MATH[alarm.name];
  if (known !== undefined) return known;
  if (alarm.name.startsWith('texts-failing')) return failingTexts;
  if (alarm.name.endsWith('-unread')) return unread;
  if (alarm.name.endsWith('-abandoned') && alarm.queries.length > 1) return abandoned;
  const [only, ...others] = alarm.queries;
  if (only === undefined || others.length > 0) throw new Error(`${alarm.name} has no condition`);
  const { name } = only.metric;
  return {
    quiet: [{ [name]: alarm.threshold }, { [name]: 0 }],
    firing: [{ [name]: alarm.threshold + 0.01 }, { [name]: alarm.threshold * 2 + 1 }],
  };
}

describe('The condition of an alarm', () => {
  test.each(alarms.map((alarm) => [alarm.name, alarm] as const))(
    '%s is met above its threshold, not at it, and not without data',
    (_, alarm) => {
      const { firing, quiet } = conditionOf(alarm);
      const states = (measured: readonly Measured[]) =>
        measured.map((one) => stateAfter(alarm, Array(alarm.evaluationPeriods).fill(one)));
      expect(states([{}, ...quiet])).toEqual(['OK', ...quiet.map(() => 'OK')]);
      expect(states(firing)).toEqual(firing.map(() => 'ALARM'));
    },
  );

  test.each(alarms.map((alarm) => [alarm.name, alarm] as const))(
    '%s is over when its cause is',
    (_, alarm) => {
      const { firing, quiet } = conditionOf(alarm);
      const [bad = {}] = firing;
      const [good = {}] = quiet;
      const { evaluationPeriods: periods } = alarm;
      const ill: Measured[] = Array(periods).fill(bad);
      expect(stateAfter(alarm, [...ill, good])).toBe('OK');
      // And when nothing comes any more, as soon as CloudWatch no longer sees what came last.
      expect(stateAfter(alarm, [...ill, {}, {}, {}])).toBe('OK');
    },
  );

  test('api-latency is met by three periods in a row only', () => {
    const latency = alarms.find(({ name }) => name === 'api-latency');
    if (latency === undefined) throw new Error('There is no such alarm');
    const slow = { Latency: 3_001 };
    expect(stateAfter(latency, [slow, slow])).toBe('OK');
    expect(stateAfter(latency, [slow, { Latency: 100 }, slow, slow])).toBe('OK');
    expect(stateAfter(latency, [slow, slow, slow])).toBe('ALARM');
  });

  test('texts-failing of one kind or carrier is met by that one alone', () => {
    const [loan, mobile] = ['kind-loan', 'carrier-china-mobile'].map((name) =>
      alarms.find((alarm) => alarm.name === `texts-failing-${name}`),
    );
    const dimensions = (alarm: Alarm | undefined) =>
      alarm?.queries.map(({ metric }) => metric.dimensions);
    expect(dimensions(loan)).toEqual(Array(2).fill({ service: 'record-delivery', kind: 'loan' }));
    expect(dimensions(mobile)).toEqual(
      Array(2).fill({ service: 'record-delivery', carrier: 'China Mobile' }),
    );
  });

  test('policy-refused is met by any function that goes by the policy', () => {
    const refused = alarms.find(({ name }) => name === 'policy-refused');
    if (refused === undefined) throw new Error('There is no such alarm');
    for (const { metric } of refused.queries) {
      const history = createMetricHistory();
      history.add(metric, 1, 0);
      expect(judgeAlarm(refused, history, 1), metric.dimensions.service).toBe('ALARM');
    }
  });
});
