import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import { arnOf, type CloudIdentity } from '../services/aws-names.ts';
import type { ApiStage } from './api-stage.ts';
import { newRequestId } from './http-event.ts';
import type {
  IntegrationOutcome,
  InvokeIntegration,
  LambdaIntegration,
} from './invoke-integration.ts';
import {
  type ConnectionFacts,
  connectEvent,
  disconnectEvent,
  messageEvent,
  newConnectionId,
} from './websocket-event.ts';

export interface WebSocketRoute {
  key: string;
  integration: LambdaIntegration;
  /** What the function answers goes back to the client. */
  answers: boolean;
}

export interface WebSocketApi {
  protocol: 'WEBSOCKET';
  id: string;
  /** Where a message names its route: `['action']` for `$request.body.action`. */
  routeSelection: readonly string[];
  stages: Map<string, ApiStage>;
  /** By key. */
  routes: Map<string, WebSocketRoute>;
  integrations: Map<string, LambdaIntegration>;
}

/** An open connection. */
export interface Connection {
  facts: ConnectionFacts;
  socket: WebSocket;
  /** Epoch milliseconds. */
  lastActiveAt: number;
}

/** The connections of all WebSocket APIs. */
export interface WebSocketConnections {
  /** Those open now, by id. */
  readonly open: ReadonlyMap<string, Connection>;
  /** Whose connection an id is or was. */
  ownerOf(connectionId: string): Pick<ConnectionFacts, 'apiId' | 'stage'> | undefined;
  /** Asks `$connect`, and opens the connection or refuses the request. */
  upgrade(
    api: WebSocketApi,
    stageName: string,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ): Promise<void>;
  /** Ends all connections, of which functions are not told. */
  close(): void;
}

/** API Gateway's limit for a frame. A message in several frames is held to it too, here. */
const largestFrame = 32 * 1_024;

/** Codes of RFC 6455. */
const goingAway = 1_001;
const unsupportedData = 1_003;

const lifecycleRoutes = new Set(['$connect', '$disconnect']);

const refusals: Record<Exclude<IntegrationOutcome['kind'], 'answered'>, number> = {
  failed: 502,
  forbidden: 500,
  throttled: 500,
  'timed-out': 504,
};

/** Answers an upgrade request with an HTTP error, and ends its socket. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  const body = JSON.stringify({ message: STATUS_CODES[status] ?? 'Error' });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

function readStatus(payload: unknown): number {
  const status = isJsonObject(payload) ? Number(payload.statusCode) : Number.NaN;
  return Number.isInteger(status) && status >= 200 && status <= 599 ? status : refusals.failed;
}

/** The subprotocol that the function of `$connect` chose. */
function readProtocol(payload: unknown): string | undefined {
  const headers = isJsonObject(payload) && isJsonObject(payload.headers) ? payload.headers : {};
  const [, value] =
    Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol') ?? [];
  return typeof value === 'string' ? value : undefined;
}

function selectRoute(api: WebSocketApi, text: string): WebSocketRoute | undefined {
  let value: JsonValue | undefined;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    // What is not JSON names no route.
  }
  for (const name of api.routeSelection) value = isJsonObject(value) ? value[name] : undefined;
  const key = typeof value === 'string' && !lifecycleRoutes.has(value) ? value : '$default';
  return api.routes.get(key) ?? api.routes.get('$default');
}

export function createWebSocketConnections(options: {
  cloud: CloudIdentity;
  invoke: InvokeIntegration;
  now(): number;
}): WebSocketConnections {
  const { cloud, invoke, now } = options;
  const open = new Map<string, Connection>();
  const owners = new Map<string, Pick<ConnectionFacts, 'apiId' | 'stage'>>();
  const protocols = new WeakMap<IncomingMessage, string>();
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: largestFrame,
    handleProtocols: (_offered, request) => protocols.get(request) ?? false,
  });
  let isClosed = false;

  const call = (
    { apiId, stage }: ConnectionFacts,
    { key, integration }: WebSocketRoute,
    event: JsonObject,
  ): Promise<IntegrationOutcome> =>
    invoke(integration, arnOf(cloud, 'execute-api', `${apiId}/${stage}/${key}`), event);

  const onMessage = async (
    api: WebSocketApi,
    stage: ApiStage,
    { facts, socket }: Connection,
    text: string,
  ): Promise<void> => {
    const complain = (message: string): void =>
      socket.send(JSON.stringify({ message, connectionId: facts.id, requestId: newRequestId() }));
    const route = selectRoute(api, text);
    if (route === undefined) return complain('Forbidden');
    if (!stage.admits(route.key, now())) return complain('Too Many Requests');
    const outcome = await call(facts, route, messageEvent(facts, route.key, text, now()));
    if (outcome.kind !== 'answered') return complain('Internal server error');
    const { payload } = outcome;
    if (!route.answers || !isJsonObject(payload)) return;
    if (typeof payload.body === 'string') socket.send(payload.body);
  };

  const disconnected = (
    api: WebSocketApi,
    facts: ConnectionFacts,
    close: { code: number; reason: string },
  ): void => {
    open.delete(facts.id);
    const route = api.routes.get('$disconnect');
    if (route === undefined || isClosed) return;
    // Nobody is left to be told how it went.
    void call(facts, route, disconnectEvent(facts, close, now()));
  };

  const connected = (
    api: WebSocketApi,
    stage: ApiStage,
    facts: ConnectionFacts,
    socket: WebSocket,
  ): void => {
    const connection = { facts, socket, lastActiveAt: now() };
    open.set(facts.id, connection);
    // Errors end in a close, which is heard below.
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, isBinary) => {
      connection.lastActiveAt = now();
      if (isBinary) socket.close(unsupportedData);
      else void onMessage(api, stage, connection, data.toString());
    });
    socket.on('close', (code, reason) =>
      disconnected(api, facts, { code, reason: reason.toString() }),
    );
  };

  return {
    open,
    ownerOf: (connectionId) => owners.get(connectionId),

    async upgrade(api, stageName, request, socket, head) {
      const stage = api.stages.get(stageName);
      if (stage === undefined || isClosed) return refuseUpgrade(socket, 403);
      if (!stage.admits('$connect', now())) return refuseUpgrade(socket, 429);
      const facts: ConnectionFacts = {
        id: newConnectionId(),
        apiId: api.id,
        stage: stageName,
        domainName: `${api.id}.execute-api.${cloud.region}.${cloud.urlSuffix}`,
        userAgent: request.headers['user-agent'],
        connectedAt: now(),
      };
      owners.set(facts.id, facts);
      const route = api.routes.get('$connect');
      if (route !== undefined) {
        const outcome = await call(facts, route, connectEvent(facts, request, now()));
        if (outcome.kind !== 'answered') return refuseUpgrade(socket, refusals[outcome.kind]);
        const status = readStatus(outcome.payload);
        if (status >= 300) return refuseUpgrade(socket, status);
        const protocol = readProtocol(outcome.payload);
        if (protocol !== undefined) protocols.set(request, protocol);
      }
      if (isClosed || socket.destroyed) {
        disconnected(api, facts, { code: 1_006, reason: '' });
        socket.destroy();
        return;
      }
      server.handleUpgrade(request, socket, head, (webSocket) =>
        connected(api, stage, facts, webSocket),
      );
    },

    close() {
      isClosed = true;
      for (const { socket } of open.values()) socket.close(goingAway);
    },
  };
}
