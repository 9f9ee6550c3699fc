import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { LOCAL_STACK } from '../../bin/replay/local-stack.ts';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import { BREAKS } from '../gameday/breaks.ts';
import { playBreak, wentWell } from '../gameday/play-break.ts';
import { type GameSystem, gameSystem } from '../gameday/system.ts';
import { readRunbook } from '../support/read-runbook.ts';

/** Minutes of alarms in one: a period of five passes in a second. */
const SPEED = 300;

let cloud: LocalCloud;
let system: GameSystem;

beforeAll(async () => {
  cloud = await startLocalCloud({
    assemblyDir: inject('assemblyDir'),
    stackName: LOCAL_STACK,
    alarmSpeed: SPEED,
  });
  system = gameSystem(cloud);
});

afterAll(async () => {
  system?.close();
  await cloud?.close();
});

/** Those that are quick, and of every kind: what functions print, what services measure, what a gauge reads. */
const QUICK = ['bad-records', 'stream-full', 'dead-letters', 'rows-refused'];

describe('A game day', () => {
  test.each(
    BREAKS.filter(({ name }) => QUICK.includes(name)).map((one) => [one.name, one] as const),
  )('%s: its alarm goes off, tells the topic, and is over when it is mended', async (_, broken) => {
    const told = cloud.published.length;
    const outcome = await playBreak(
      broken,
      system,
      { fired: () => undefined, mended: () => undefined },
      { patience: 60, quiet: 1, signal: new AbortController().signal },
    );
    expect(outcome).toMatchObject({ besides: [] });
    expect(wentWell(outcome), JSON.stringify(outcome)).toBe(true);
    const messages = cloud.published.slice(told).map(({ message, topicArn }) => {
      expect(topicArn).toBe(cloud.outputs.AlarmTopicArn);
      return JSON.parse(message) as { AlarmName: string; NewStateValue: string };
    });
    for (const alarm of broken.expected) {
      const ofAlarm = messages.filter(({ AlarmName }) => AlarmName === `${LOCAL_STACK}-${alarm}`);
      expect(ofAlarm[0]?.NewStateValue).toBe('ALARM');
      expect(ofAlarm.at(-1)?.NewStateValue).toBe('OK');
    }
  });

  test('expects alarms that the stack has and the runbook knows', () => {
    const alarms = cloud.alarms().map(({ name }) => name.slice(`${LOCAL_STACK}-`.length));
    const expected = BREAKS.flatMap((one) => one.expected);
    expect(expected.filter((alarm) => !alarms.includes(alarm))).toEqual([]);
    const runbook = readRunbook();
    const entries = expected.map((alarm) => alarm.replace(/-carrier-.*/, '-carrier'));
    expect(entries.filter((entry) => !runbook.has(entry))).toEqual([]);
  });
});
