import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { Ticket } from '../../lib/api/schemas.ts';
import { isPassing } from './patient-client.ts';

const text = Type.String();

/** Something happened to a task. What later versions add is let through. */
const LiveUpdateSchema = Type.Object({
  what: Type.Literal('task'),
  taskId: text,
  caseId: text,
  queue: text,
  step: text,
  tier: text,
  /** Epoch ms. */
  dueAt: Type.Integer(),
  /** Such as `offered`. */
  change: text,
});
export type LiveUpdate = Type.Static<typeof LiveUpdateSchema>;

const validator = Compile(LiveUpdateSchema);

/** What following live updates needs. */
export interface LiveFollowing {
  readonly takeTicket: () => Promise<Ticket>;
  readonly onUpdate: (update: LiveUpdate) => void;
  /** A connection stands. */
  readonly onConnected: (isFirst: boolean) => void;
  /** It broke off, or did not come about. @param wait ms until the next try */
  readonly onLost: (wait: number) => void;
  readonly signal: AbortSignal;
  readonly delay: (ms: number, signal: AbortSignal) => Promise<unknown>;
  readonly random: () => number;
  /** A connection that was silent for so long is made anew. Default {@link SILENCE_MS}. */
  readonly silenceMs?: number;
}

/**
 * API Gateway closes a connection after ten silent minutes. A little earlier, because one that the network has dropped
 * is silent too, and nobody would tell.
 */
const SILENCE_MS = 9 * 60_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/**
 * Follows live updates until the signal, each time with a new ticket. Waits longer and longer where no connection stands.
 *
 * @throws what `takeTicket` throws, unless it may pass
 */
export async function followLiveUpdates(following: LiveFollowing): Promise<void> {
  const { delay, onConnected, onLost, random, signal, takeTicket } = following;
  let failures = 0;
  let isFirst = true;
  while (!signal.aborted) {
    const ticket = await ticketOrNothing(takeTicket, signal);
    if (signal.aborted) return;
    const end =
      ticket === undefined
        ? 'failed'
        : await oneConnection(ticket.url, following, () => {
            failures = 0;
            onConnected(isFirst);
            isFirst = false;
          });
    if (signal.aborted || end === 'silent') continue;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures) * (0.5 + random() / 2);
    failures++;
    onLost(wait);
    await delay(wait, signal);
  }
}

async function ticketOrNothing(takeTicket: () => Promise<Ticket>, signal: AbortSignal) {
  try {
    return await takeTicket();
  } catch (error) {
    if (signal.aborted || isPassing(error)) return undefined;
    throw error;
  }
}

/** One connection until it ends. */
function oneConnection(
  url: string,
  { onUpdate, signal, silenceMs = SILENCE_MS }: LiveFollowing,
  onOpen: () => void,
): Promise<'failed' | 'silent'> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    const end = (how: 'failed' | 'silent') => {
      clearTimeout(silence);
      signal.removeEventListener('abort', onAbort);
      socket.close();
      resolve(how);
    };
    const onAbort = () => end('failed');
    const silence = setTimeout(() => end('silent'), silenceMs);
    signal.addEventListener('abort', onAbort);
    socket.addEventListener('open', onOpen);
    socket.addEventListener('message', ({ data }) => {
      silence.refresh();
      const update = readLiveUpdate(String(data));
      if (update !== undefined) onUpdate(update);
    });
    // After an error, a connection is closed too.
    socket.addEventListener('close', () => end('failed'));
  });
}

/** @returns undefined for a message that is no update */
export function readLiveUpdate(message: string): LiveUpdate | undefined {
  try {
    const value: unknown = JSON.parse(message);
    return validator.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
