import type { LiveConnection } from '../adapters/live-connections.ts';
import { isTold, type TaskUpdate, type TaskWrite, updateOf } from './task-update.ts';

export interface PushPorts {
  /** The pages that are connected. */
  readonly connections: (now: number) => Promise<readonly LiveConnection[]>;
  /** Sends a text down a connection; false where the connection is gone. */
  readonly post: (connectionId: string, text: string) => Promise<boolean>;
  /** Forgets a connection that is gone. */
  readonly forget: (connectionId: string) => Promise<void>;
  readonly onFailure: (message: string, cause: unknown) => void;
}

/** How many messages to pages were taken, and how many were not though their page is there. */
export interface Pushed {
  readonly sent: number;
  readonly failed: number;
}

/** A connection is listed a moment before API Gateway has opened it, and until then it seems to be gone. */
const OPENING_MS = 15_000;

interface Told {
  readonly write: TaskWrite;
  readonly update: TaskUpdate;
}

/** Tells one page, in order; after the first failure no more is tried, lest the others wait. */
async function tell(
  { connectionId, openedAt }: LiveConnection,
  updates: readonly TaskUpdate[],
  ports: PushPorts,
  now: number,
): Promise<Pushed> {
  let sent = 0;
  try {
    for (const update of updates) {
      if (!(await ports.post(connectionId, JSON.stringify(update)))) {
        if (now - openedAt > OPENING_MS) await ports.forget(connectionId);
        return { sent, failed: 0 };
      }
      sent++;
    }
    return { sent, failed: 0 };
  } catch (error) {
    ports.onFailure('a page was not told of a change', error);
    return { sent, failed: updates.length - sent };
  }
}

/**
 * Tells the pages of officers what changed about tasks. An update is a hint to look again: where one cannot be sent it
 * is counted and left, so this never fails, and never holds up the table's stream.
 *
 * @param now epoch ms
 */
export async function pushUpdates(
  writes: readonly TaskWrite[],
  ports: PushPorts,
  now: number,
): Promise<Pushed> {
  const told = writes.flatMap((write): Told[] => {
    const update = updateOf(write);
    return update === undefined ? [] : [{ write, update }];
  });
  if (told.length === 0) return { sent: 0, failed: 0 };
  let connections: readonly LiveConnection[];
  try {
    connections = await ports.connections(now);
  } catch (error) {
    ports.onFailure('nobody was told of changes: connections cannot be read', error);
    return { sent: 0, failed: told.length };
  }
  const results = await Promise.all(
    connections.map((connection) => {
      const updates = told
        .filter(({ write }) => isTold(connection.officer, write, now))
        .map(({ update }) => update);
      return tell(connection, updates, ports, now);
    }),
  );
  return {
    sent: results.reduce((sum, { sent }) => sum + sent, 0),
    failed: results.reduce((sum, { failed }) => sum + failed, 0),
  };
}
