import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket as Socket, WebSocketServer } from 'ws';
import { followLiveUpdates, type LiveUpdate } from '../../bin/officers/live-updates.ts';
import { RefusedError } from '../../lib/api/officers-client.ts';
import { ProblemError, problemDetails } from '../../lib/api/problem.ts';
import { type OfficersApiServer, startOfficersApi } from '../support/officers-api-server.ts';
import { startForewarn } from '../support/run-forewarn.ts';

let server: Server;
let sockets: WebSocketServer;
let url: string;
/** Tickets of the connections, in their order. */
let tickets: string[];
let onConnection: (socket: Socket) => void;

beforeEach(async () => {
  tickets = [];
  onConnection = () => undefined;
  server = createServer();
  sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => {
    tickets.push(new URL(request.url ?? '/', 'ws://x').searchParams.get('ticket') ?? '');
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(async () => {
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  await new Promise((resolve) => server.close(resolve));
});

function update(more: Partial<LiveUpdate> = {}): string {
  return JSON.stringify({
    what: 'task',
    taskId: 'case-1-1',
    caseId: 'case-1',
    queue: 'call-desk',
    step: 'call',
    tier: 'urgent',
    dueAt: Date.now() + 9.5 * 60_000,
    change: 'offered',
    ...more,
  });
}

function ticket(number: number) {
  return {
    ticket: `t${number}`,
    url: `${url}?ticket=t${number}`,
    expiresAt: Date.now() + 30_000,
  };
}

describe('forewarn task watch', () => {
  let api: OfficersApiServer;

  beforeEach(async () => {
    api = await startOfficersApi({ takeTicket: () => ticket(api.calls.length) });
  });

  afterEach(async () => {
    expect(api.breaches).toEqual([]);
    await api.close();
  });

  async function watchUntil(text: string, ...args: string[]) {
    const forewarn = startForewarn(['task', 'watch', ...args], api.environment);
    let output = '';
    await new Promise<void>((resolve) => {
      const read = (chunk: string) => {
        output += chunk;
        if (output.includes(text)) resolve();
      };
      forewarn.process.stdout?.on('data', read);
      forewarn.process.stderr?.on('data', read);
    });
    forewarn.process.kill('SIGINT');
    return forewarn.finished;
  }

  it('prints a line a message until Ctrl-C, and nothing that a terminal would act on', async () => {
    onConnection = (socket) => {
      socket.send('no JSON');
      socket.send('{"what":"weather"}');
      socket.send(update({ queue: 'call\u001b[2J-desk' }));
      socket.send(update({ taskId: 'last' }));
    };
    const { code, stderr, stdout } = await watchUntil('last');
    expect(code).toBe(0);
    expect(stderr).toBe('Watching; Ctrl-C ends.\n');
    expect(stdout).toMatch(
      /^[-\d]{10} [:\d]{8} {2}offered {2}case-1-1 {2}urgent call, due in 9 min, on call-desk\n.*last.*\n$/,
    );
  });

  it('takes a new ticket and connects again when the connection breaks', async () => {
    onConnection = (socket) => {
      if (tickets.length === 1) socket.terminate();
      else socket.send(update());
    };
    const { code, stderr, stdout } = await watchUntil('case-1-1', '--json');
    expect(code).toBe(0);
    expect(tickets).toEqual(['t1', 't2']);
    expect(stderr).toMatch(
      /Watching; .*\nThe connection is lost; again in 0\.\d s\.\nWatching again/,
    );
    expect(JSON.parse(stdout)).toMatchObject({ taskId: 'case-1-1', change: 'offered' });
  });

  it('ends on Ctrl-C also where the other side is there no more', async () => {
    onConnection = (socket) => {
      socket.send(update());
      socket.pause();
    };
    expect((await watchUntil('case-1-1')).code).toBe(0);
  });

  it('ends when nobody is logged in any more', async () => {
    api.answerers.takeTicket = () => {
      throw new ProblemError('unauthenticated', 'expired');
    };
    const { finished } = startForewarn(['task', 'watch'], api.environment);
    expect(await finished).toMatchObject({ code: 2, stderr: expect.stringContaining('not take') });
  });
});

describe('following live updates', () => {
  function following(takeTicket: () => Promise<ReturnType<typeof ticket>>) {
    const controller = new AbortController();
    return {
      controller,
      takeTicket,
      onUpdate: vi.fn(),
      onConnected: vi.fn(),
      onLost: vi.fn(),
      signal: controller.signal,
      delay: async () => undefined,
      random: () => 1,
    };
  }

  it('waits twice as long after each failure, half a minute at most, and less once a connection stood', async () => {
    let tries = 0;
    const follow = following(async () => {
      tries++;
      if (tries === 9 || tries > 10) return ticket(tries);
      throw new RefusedError(problemDetails(new ProblemError('internal', 'no')));
    });
    onConnection = (socket) => {
      if (tries > 10) follow.controller.abort();
      else socket.close();
    };
    await followLiveUpdates(follow);
    const waits = follow.onLost.mock.calls.map(([wait]) => wait);
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 500, 1_000]);
  });

  it('makes a connection that was silent for too long anew, without a word of loss', async () => {
    let tries = 0;
    const follow = {
      ...following(async () => ticket(++tries)),
      silenceMs: 1_000,
    };
    onConnection = () => {
      if (tries === 3) follow.controller.abort();
    };
    await followLiveUpdates(follow);
    expect(tries).toBe(3);
    expect(follow.onLost).not.toHaveBeenCalled();
    expect(follow.onConnected.mock.calls.slice(0, 2)).toEqual([[true], [false]]);
  });

  it('throws what does not pass', async () => {
    const refused = new RefusedError(problemDetails(new ProblemError('not-allowed', 'no')));
    await expect(followLiveUpdates(following(() => Promise.reject(refused)))).rejects.toBe(refused);
  });
});
