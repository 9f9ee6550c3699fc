import { describe, expect, test } from 'vitest';
import type { LiveConnection } from '../../../functions/adapters/live-connections.ts';
import { type PushPorts, pushUpdates } from '../../../functions/push-updates/push-updates.ts';
import { claimed, NOW, page, visit } from './live-tasks.ts';

const OFFERED = { after: visit() };
const CLAIMED = { before: visit(), after: visit({ claim: claimed }) };
const HEARTBEAT = { before: visit({ claim: claimed }), after: visit({ claim: claimed }) };

/** Pages that get what is posted to them; what `post` says of one by its id comes first. */
function pages(
  connections: readonly LiveConnection[],
  post: Readonly<Record<string, () => boolean>> = {},
) {
  const got: string[] = [];
  const forgotten: string[] = [];
  const failures: string[] = [];
  let asked = 0;
  const ports: PushPorts = {
    connections: async () => {
      asked++;
      return connections;
    },
    post: async (connectionId, text) => {
      const answer = post[connectionId]?.() ?? true;
      if (answer) got.push(`${connectionId} ${JSON.parse(text).change}`);
      return answer;
    },
    forget: async (connectionId) => {
      forgotten.push(connectionId);
    },
    onFailure: (message) => failures.push(message),
  };
  return { ports, got, forgotten, failures, asked: () => asked };
}

const fails = (): never => {
  throw new Error('no answer');
};

describe('Updates of tasks', () => {
  test('reach those whose queue it is, each page in order', async () => {
    const { got, ports } = pages([
      page('jinjiang', 'station', 'jinjiang'),
      page('wuhou', 'station', 'wuhou'),
      page('boss', 'supervisor'),
    ]);

    const pushed = await pushUpdates([OFFERED, HEARTBEAT, CLAIMED], ports, NOW);

    expect(pushed).toEqual({ sent: 4, failed: 0 });
    expect(got.filter((line) => line.startsWith('jinjiang'))).toEqual([
      'jinjiang offered',
      'jinjiang claimed',
    ]);
    expect(got.filter((line) => line.startsWith('boss'))).toEqual(['boss offered', 'boss claimed']);
  });

  test('are not looked for when nothing changed', async () => {
    const { asked, ports } = pages([page('boss', 'supervisor')]);

    expect(await pushUpdates([HEARTBEAT], ports, NOW)).toEqual({ sent: 0, failed: 0 });
    expect(asked()).toBe(0);
  });

  test('forget a page that is gone, and count no failure', async () => {
    const { forgotten, ports } = pages([page('gone', 'supervisor'), page('boss', 'supervisor')], {
      gone: () => false,
    });

    expect(await pushUpdates([OFFERED, CLAIMED], ports, NOW)).toEqual({ sent: 2, failed: 0 });
    expect(forgotten).toEqual(['gone']);
  });

  test('do not forget a page that is still connecting', async () => {
    const { forgotten, ports } = pages([page('new', 'supervisor', undefined, NOW - 1_000)], {
      new: () => false,
    });

    await pushUpdates([OFFERED], ports, NOW);

    expect(forgotten).toEqual([]);
  });

  test('that one page does not take reach the others, and are counted', async () => {
    const { failures, got, ports } = pages(
      [page('slow', 'supervisor'), page('boss', 'supervisor')],
      {
        slow: fails,
      },
    );

    expect(await pushUpdates([OFFERED, CLAIMED], ports, NOW)).toEqual({ sent: 2, failed: 2 });
    expect(got).toEqual(['boss offered', 'boss claimed']);
    expect(failures).toHaveLength(1);
  });

  test('never fail, even when nobody knows who is connected', async () => {
    const { failures, ports } = pages([]);

    const pushed = await pushUpdates(
      [OFFERED],
      { ...ports, connections: async () => fails() },
      NOW,
    );

    expect(pushed).toEqual({ sent: 0, failed: 1 });
    expect(failures).toHaveLength(1);
  });
});
