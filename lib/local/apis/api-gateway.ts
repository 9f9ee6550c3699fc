import type { FunctionResult } from '../functions/function-definition.ts';
import type { AwsResponse } from '../gateway/aws-request.ts';
import type { HttpExchange } from '../gateway/gateway-server.ts';
import type { CloudIdentity } from '../services/aws-names.ts';
import { createHttpApiAnswer, type HttpApi } from './http-api.ts';
import { createInvocationQueue } from './invocation-queue.ts';
import { createInvokeIntegration } from './invoke-integration.ts';
import { createInvokePermissions, type InvokePermissions } from './invoke-permissions.ts';

/** The APIs of a stack, each at an address of its own under the endpoint. */
export interface ApiGateway {
  /** By id. */
  readonly apis: Map<string, HttpApi>;
  readonly permissions: InvokePermissions;
  /** Such as `http://127.0.0.1:4510/_aws/execute-api/a1b2c3d4e5`. */
  addressOf(api: HttpApi): string;
  /** A text with the addresses that our APIs would have on AWS replaced by those that they have here. */
  localAddresses(text: string): string;
  /** Answers a request to an API; undefined for one to something else. */
  answer(exchange: HttpExchange, body: Buffer): Promise<AwsResponse> | undefined;
}

const notFound: AwsResponse = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: '{"message":"Not Found"}',
};

const prefix = '/_aws/execute-api/';

export function createApiGateway(options: {
  cloud: CloudIdentity;
  endpoint(): string;
  invoke(functionArn: string, payload: string): Promise<FunctionResult>;
  now(): number;
}): ApiGateway {
  const { cloud, endpoint } = options;
  const apis = new Map<string, HttpApi>();
  const permissions = createInvokePermissions();
  const invoke = createInvokeIntegration({
    invoke: options.invoke,
    permissions,
    queue: createInvocationQueue(),
  });
  const answerHttpApi = createHttpApiAnswer({ cloud, invoke, now: options.now });
  const onAws = new RegExp(
    `https://([a-z0-9]+)\\.execute-api\\.${cloud.region}\\.${cloud.urlSuffix.replaceAll('.', '\\.')}`,
    'g',
  );
  const addressOf = (api: HttpApi): string => `${endpoint()}${prefix}${api.id}`;

  return {
    apis,
    permissions,
    addressOf,
    localAddresses: (text) =>
      text.replaceAll(onAws, (address, id: string) => {
        const api = apis.get(id);
        return api === undefined ? address : addressOf(api);
      }),
    answer(exchange, body) {
      const { url } = exchange;
      if (!url.startsWith(prefix)) return undefined;
      const rest = url.slice(prefix.length);
      const end = rest.search(/[/?]|$/);
      const api = apis.get(rest.slice(0, end));
      if (api === undefined) return Promise.resolve(notFound);
      const inside = rest.slice(end);
      return answerHttpApi(api, exchange, inside.startsWith('/') ? inside : `/${inside}`, body);
    },
  };
}
