import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FunctionResult } from '../functions/function-definition.ts';
import type { AwsResponse } from '../gateway/aws-request.ts';
import type { AwsService } from '../gateway/aws-service.ts';
import type { HttpExchange } from '../gateway/gateway-server.ts';
import type { RecordMetric } from '../metrics/metric-history.ts';
import type { CloudIdentity } from '../services/aws-names.ts';
import { createHttpApiAnswer, type HttpApi } from './http-api.ts';
import { createInvocationQueue } from './invocation-queue.ts';
import { createInvokeIntegration } from './invoke-integration.ts';
import { createInvokePermissions, type InvokePermissions } from './invoke-permissions.ts';
import { createConnectionsService } from './manage-connections.ts';
import { createWebSocketConnections, refuseUpgrade, type WebSocketApi } from './websocket-api.ts';

export type Api = HttpApi | WebSocketApi;

/** The APIs of a stack, each at an address of its own under the endpoint. */
export interface ApiGateway {
  /** By id. */
  readonly apis: Map<string, Api>;
  readonly permissions: InvokePermissions;
  /** The management API of WebSocket connections. */
  readonly connections: AwsService;
  /** Such as `http://127.0.0.1:4510/_aws/execute-api/a1b2c3d4e5`; `ws:` for a WebSocket API. */
  addressOf(api: Api): string;
  /** A text with the addresses that our APIs would have on AWS replaced by those that they have here. */
  localAddresses(text: string): string;
  /** Answers a request to an HTTP API; undefined for one to something else. */
  answer(exchange: HttpExchange, body: Buffer): Promise<AwsResponse> | undefined;
  /** Opens a connection to a WebSocket API, or refuses to. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** Ends all connections. */
  close(): void;
}

const prefix = '/_aws/execute-api/';

/** The parts of a URL under our prefix. */
function splitUrl(url: string): { apiId: string; inside: string } | undefined {
  if (!url.startsWith(prefix)) return undefined;
  const rest = url.slice(prefix.length);
  const end = rest.search(/[/?]|$/);
  const inside = rest.slice(end);
  return { apiId: rest.slice(0, end), inside: inside.startsWith('/') ? inside : `/${inside}` };
}

const notFound: AwsResponse = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: '{"message":"Not Found"}',
};

export function createApiGateway(options: {
  cloud: CloudIdentity;
  endpoint(): string;
  invoke(functionArn: string, payload: string): Promise<FunctionResult>;
  now(): number;
  record: RecordMetric;
}): ApiGateway {
  const { cloud, endpoint, now, record } = options;
  const apis = new Map<string, Api>();
  const permissions = createInvokePermissions();
  const invoke = createInvokeIntegration({
    invoke: options.invoke,
    permissions,
    queue: createInvocationQueue(),
  });
  const answerHttpApi = createHttpApiAnswer({ cloud, invoke, now, record });
  const connections = createWebSocketConnections({ cloud, invoke, now });

  const onAws = new RegExp(
    `(http|ws)s://([a-z0-9]+)\\.execute-api\\.${cloud.region}\\.${cloud.urlSuffix.replaceAll('.', '\\.')}`,
    'g',
  );
  const address = (scheme: 'http' | 'ws', apiId: string): string =>
    `${endpoint().replace(/^http/, scheme)}${prefix}${apiId}`;

  return {
    apis,
    permissions,
    connections: createConnectionsService({
      cloud,
      connections,
      webSocketApis: () => [...apis.values()].filter((api) => api.protocol === 'WEBSOCKET'),
      now,
    }),
    addressOf: ({ protocol, id }) => address(protocol === 'HTTP' ? 'http' : 'ws', id),
    localAddresses: (text) =>
      text.replaceAll(onAws, (original, scheme: 'http' | 'ws', id: string) =>
        apis.has(id) ? address(scheme, id) : original,
      ),
    answer(exchange, body) {
      const parts = splitUrl(exchange.url);
      if (parts === undefined) return undefined;
      const api = apis.get(parts.apiId);
      if (api === undefined) return Promise.resolve(notFound);
      // What is not an upgrade can only be a call of the management API.
      if (api.protocol === 'WEBSOCKET') return undefined;
      return answerHttpApi(api, exchange, parts.inside, body);
    },
    async upgrade(request, socket, head) {
      const parts = splitUrl(request.url ?? '/');
      const api = apis.get(parts?.apiId ?? '');
      if (api?.protocol !== 'WEBSOCKET') return refuseUpgrade(socket, 404);
      const [, stage = '', rest = ''] = parts?.inside.split('?', 1)[0]?.split('/') ?? [];
      if (rest !== '') return refuseUpgrade(socket, 403);
      await connections.upgrade(api, stage, request, socket, head);
    },
    close: () => connections.close(),
  };
}
