import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** Whom a subscription filter hands the lines of a log group to. */
interface LogSubscription {
  readonly filterName: string;
  readonly functionArn: string;
}

/** CloudWatch Logs, as far as other services write to it and functions are subscribed to it. */
export interface LogGroups {
  addGroup(name: string): void;
  /** @returns false when there is no such group */
  subscribe(groupName: string, subscription: LogSubscription): boolean;
  /** Writes lines to a group, made if it is not there, and hands them to its subscriptions. */
  write(groupName: string, lines: readonly string[], now: number): void;
  /** Invocations that have not ended. */
  pending(): number;
}

/** What a subscribed function is invoked with. */
function subscriptionEvent(
  owner: string,
  logGroup: string,
  filterName: string,
  lines: readonly string[],
  now: number,
): string {
  const content = {
    messageType: 'DATA_MESSAGE',
    owner,
    logGroup,
    logStream: randomUUID(),
    subscriptionFilters: [filterName],
    logEvents: lines.map((message) => ({ id: randomUUID(), timestamp: now, message })),
  };
  const data = gzipSync(JSON.stringify(content)).toString('base64');
  return JSON.stringify({ awslogs: { data } });
}

/** @param invoke resolves when the invocation has ended, well or not */
export function createLogGroups(
  accountId: string,
  invoke: (functionArn: string, payload: string) => Promise<void>,
): LogGroups {
  const groups = new Map<string, LogSubscription[]>();
  let pending = 0;
  const addGroup = (name: string): void => {
    if (!groups.has(name)) groups.set(name, []);
  };
  return {
    addGroup,
    subscribe(groupName, subscription) {
      const subscriptions = groups.get(groupName);
      subscriptions?.push(subscription);
      return subscriptions !== undefined;
    },
    write(groupName, lines, now) {
      addGroup(groupName);
      for (const { filterName, functionArn } of groups.get(groupName) ?? []) {
        pending += 1;
        void invoke(
          functionArn,
          subscriptionEvent(accountId, groupName, filterName, lines, now),
        ).finally(() => {
          pending -= 1;
        });
      }
    },
    pending: () => pending,
  };
}
