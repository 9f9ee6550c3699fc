import { randomBytes } from 'node:crypto';
import type { HttpExchange } from '../gateway/gateway-server.ts';
import type { JsonObject } from '../json-value.ts';

/** What an event tells beside the request itself. */
export interface EventContext {
  accountId: string;
  apiId: string;
  domainName: string;
  requestId: string;
  routeKey: string;
  stage: { name: string; variables?: Record<string, string> };
  /** Decoded, with the stage's name in front unless it is `$default`. */
  path: string;
  pathParameters: Record<string, string>;
  /** What an authorizer found, where there is one. */
  authorizer?: JsonObject;
  /** Epoch milliseconds. */
  now: number;
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** As in access logs: `12/Mar/2020:19:03:58 +0000`. */
export function logTime(now: number): string {
  const date = new Date(now);
  const day = `${twoDigits(date.getUTCDate())}/${months[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  return `${day}:${time.map(twoDigits).join(':')} +0000`;
}

/** As API Gateway makes them up: 15 characters and an equals sign. */
export function newRequestId(): string {
  return randomBytes(11).toString('base64');
}

/** Headers that speak of one connection, or are told elsewhere in the event. */
const left = new Set(['connection', 'cookie', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** A map, since a caller may choose names that every object has. */
function append(joined: Map<string, string>, name: string, value: string): void {
  const before = joined.get(name);
  joined.set(name, before === undefined ? value : `${before},${value}`);
}

/** By lower-case name; repeated ones joined by commas. */
function joinHeaders({ headers, rawHeaders = [] }: HttpExchange): Record<string, string> {
  const joined = new Map<string, string>();
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const name = (rawHeaders[place] ?? '').toLowerCase();
    const value = rawHeaders[place + 1] ?? '';
    // Names with a colon are the request line of HTTP/2.
    if (left.has(name) || name.startsWith(':')) continue;
    append(joined, name, value);
  }
  joined.set('host', headers.host ?? String(headers[':authority'] ?? ''));
  return Object.fromEntries(joined);
}

function cookiesOf({ headers }: HttpExchange): string[] {
  return (headers.cookie ?? '')
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== '');
}

function joinQuery(query: string): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) append(joined, name, value);
  return Object.fromEntries(joined);
}

/** Whatever else a body is, also a form and one without a type, travels in base64. */
const textTypes = /^(text\/|application\/(json|xml|javascript)\s*(;|$))/i;

function bodyFields(contentType: string | undefined, body: Buffer): JsonObject {
  if (body.length === 0) return { isBase64Encoded: false };
  const isText = textTypes.test(contentType ?? '');
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}

const unlessEmpty = <Value extends object>(name: string, value: Value): JsonObject =>
  Object.keys(value).length === 0 ? {} : { [name]: value as unknown as JsonObject };

/** The event of a Lambda proxy integration, payload format 2.0. */
export function httpEvent(exchange: HttpExchange, body: Buffer, context: EventContext): JsonObject {
  const { headers, method, url } = exchange;
  const { path, stage, now, authorizer } = context;
  const queryStart = url.indexOf('?');
  const query = queryStart < 0 ? '' : url.slice(queryStart + 1);
  const trace = `Root=1-${Math.floor(now / 1_000).toString(16)}-${randomBytes(12).toString('hex')}`;
  return {
    version: '2.0',
    routeKey: context.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...unlessEmpty('cookies', cookiesOf(exchange)),
    headers: {
      ...joinHeaders(exchange),
      'x-amzn-trace-id': trace,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    ...unlessEmpty('queryStringParameters', joinQuery(query)),
    requestContext: {
      accountId: context.accountId,
      apiId: context.apiId,
      ...(authorizer === undefined ? {} : { authorizer }),
      domainName: context.domainName,
      domainPrefix: context.apiId,
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: context.requestId,
      routeKey: context.routeKey,
      stage: stage.name,
      time: logTime(now),
      timeEpoch: now,
    },
    ...unlessEmpty('pathParameters', context.pathParameters),
    ...unlessEmpty('stageVariables', stage.variables ?? {}),
    ...bodyFields(headers['content-type'], body),
  };
}
