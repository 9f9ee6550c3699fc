import { describe, expect, test } from 'vitest';
import type { LiveConnections } from '../../../functions/adapters/live-connections.ts';
import { answerConnection } from '../../../functions/live-connections/answer-connection.ts';

const NOW = 1_700_000_000_000;

function desk() {
  const calls: unknown[][] = [];
  const connections: LiveConnections = {
    async open(ticket, connectionId, openedAt) {
      calls.push(['open', ticket, connectionId, openedAt]);
      if (ticket !== 'good') return undefined;
      return { connectionId, officer: { name: 'chen', groups: [], districts: [] }, openedAt };
    },
    async close(connectionId) {
      calls.push(['close', connectionId]);
    },
    all: async () => [],
  };
  return { calls, connections };
}

const connecting = (ticket?: string) => ({
  requestContext: { connectionId: 'one', eventType: 'CONNECT' },
  ...(ticket !== undefined && { queryStringParameters: { ticket } }),
});

describe('A page that connects', () => {
  test('is let in with a good ticket', async () => {
    const { calls, connections } = desk();

    expect(await answerConnection(connecting('good'), connections, NOW)).toEqual({
      result: 'opened',
      officer: 'chen',
    });
    expect(calls).toEqual([['open', 'good', 'one', NOW]]);
  });

  test('is refused with a bad ticket', async () => {
    const { connections } = desk();

    const answer = await answerConnection(connecting('bad'), connections, NOW);

    expect(answer).toEqual({ result: 'refused' });
  });

  test.each([undefined, ''])(
    'is refused without asking anybody for the ticket %j',
    async (ticket) => {
      const { calls, connections } = desk();

      const answer = await answerConnection(connecting(ticket), connections, NOW);

      expect(answer).toEqual({ result: 'refused' });
      expect(calls).toEqual([]);
    },
  );

  test('is forgotten when it has gone', async () => {
    const { calls, connections } = desk();
    const gone = { requestContext: { connectionId: 'one', eventType: 'DISCONNECT' } };

    expect(await answerConnection(gone, connections, NOW)).toEqual({ result: 'closed' });
    expect(calls).toEqual([['close', 'one']]);
  });
});
