import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { JsonObject } from '../json-value.ts';
import { logTime, newRequestId } from './http-event.ts';

/** Who is connected, as events tell it. */
export interface ConnectionFacts {
  id: string;
  apiId: string;
  stage: string;
  domainName: string;
  userAgent: string | undefined;
  /** Epoch milliseconds. */
  connectedAt: number;
}

/** What makes one kind of event differ from another. */
interface EventKind {
  eventType: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
  routeKey: string;
  more?: JsonObject;
}

function requestContext(facts: ConnectionFacts, kind: EventKind, now: number): JsonObject {
  const requestId = newRequestId();
  return {
    routeKey: kind.routeKey,
    ...kind.more,
    eventType: kind.eventType,
    extendedRequestId: requestId,
    requestTime: logTime(now),
    messageDirection: 'IN',
    stage: facts.stage,
    connectedAt: facts.connectedAt,
    requestTimeEpoch: now,
    identity: {
      ...(facts.userAgent === undefined ? {} : { userAgent: facts.userAgent }),
      sourceIp: '127.0.0.1',
    },
    requestId,
    domainName: facts.domainName,
    connectionId: facts.id,
    apiId: facts.apiId,
  };
}

/** Every value of each name, in order; maps, since a caller may choose names that all objects have. */
function gather(pairs: Iterable<readonly [string, string]>): Map<string, string[]> {
  const gathered = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const values = gathered.get(name) ?? [];
    gathered.set(name, [...values, value]);
  }
  return gathered;
}

/** The last value of each name under one key, all values under another, as payload 1.0 has them. */
function singleAndMulti(
  single: string,
  multi: string,
  gathered: Map<string, string[]>,
): JsonObject {
  if (gathered.size === 0) return {};
  const lasts = [...gathered].map(([name, values]) => [name, values.at(-1) ?? ''] as const);
  return { [single]: Object.fromEntries(lasts), [multi]: Object.fromEntries(gathered) };
}

function* headerPairs(rawHeaders: readonly string[]): Iterable<readonly [string, string]> {
  for (let place = 0; place < rawHeaders.length; place += 2) {
    yield [rawHeaders[place] ?? '', rawHeaders[place + 1] ?? ''];
  }
}

/** The event of the `$connect` route: header names are as sent. */
export function connectEvent(
  facts: ConnectionFacts,
  request: Pick<IncomingMessage, 'rawHeaders' | 'url'>,
  now: number,
): JsonObject {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const headers = gather(headerPairs(request.rawHeaders));
  return {
    ...singleAndMulti('headers', 'multiValueHeaders', headers),
    ...singleAndMulti('queryStringParameters', 'multiValueQueryStringParameters', gather(query)),
    requestContext: requestContext(facts, { eventType: 'CONNECT', routeKey: '$connect' }, now),
    isBase64Encoded: false,
  };
}

export function messageEvent(
  facts: ConnectionFacts,
  routeKey: string,
  body: string,
  now: number,
): JsonObject {
  const more = { messageId: newRequestId() };
  return {
    requestContext: requestContext(facts, { eventType: 'MESSAGE', routeKey, more }, now),
    body,
    isBase64Encoded: false,
  };
}

export function disconnectEvent(
  facts: ConnectionFacts,
  close: { code: number; reason: string },
  now: number,
): JsonObject {
  const more = { disconnectStatusCode: close.code, disconnectReason: close.reason };
  const kind: EventKind = { eventType: 'DISCONNECT', routeKey: '$disconnect', more };
  return {
    headers: { Host: facts.domainName, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' },
    requestContext: requestContext(facts, kind, now),
    isBase64Encoded: false,
  };
}

/** As API Gateway makes them up, and fit for a path. */
export function newConnectionId(): string {
  const random = Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
  return `${random.subarray(0, 11).toString('base64url')}=`;
}
