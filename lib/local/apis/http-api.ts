import type { AwsResponse } from '../gateway/aws-request.ts';
import type { HttpExchange } from '../gateway/gateway-server.ts';
import type { JsonObject } from '../json-value.ts';
import type { RecordMetric } from '../metrics/metric-history.ts';
import { arnOf, type CloudIdentity } from '../services/aws-names.ts';
import type { ApiStage } from './api-stage.ts';
import {
  type CrossOriginRules,
  crossOriginHeaders,
  isPreflight,
  preflightHeaders,
} from './cross-origin.ts';
import { httpEvent, newRequestId } from './http-event.ts';
import type { InvokeIntegration, LambdaIntegration } from './invoke-integration.ts';
import { proxyResponse } from './proxy-response.ts';
import { chooseRoute, type RoutePattern } from './route-choice.ts';
import { claimTexts, scopesOf, type TokenRules, verifyToken } from './verify-token.ts';

/** Asks for a token in a header, with or without `Bearer` before it. */
export interface JwtAuthorizer extends TokenRules {
  /** Lower case. */
  header: string;
}

export interface HttpRoute extends RoutePattern {
  integration: LambdaIntegration;
  authorizer?: JwtAuthorizer;
  /** A token needs one of them; empty for none. */
  scopes: readonly string[];
}

export interface HttpApi {
  protocol: 'HTTP';
  id: string;
  crossOrigin?: CrossOriginRules;
  stages: Map<string, ApiStage>;
  /** In the order of `compareRoutes`. */
  routes: HttpRoute[];
  integrations: Map<string, LambdaIntegration>;
  authorizers: Map<string, JwtAuthorizer>;
}

const largestBody = 10 * 1_024 * 1_024;

/** What an authorizer lets through, or the answer to who it does not. */
type Admission = { authorizer: JsonObject } | { refusal: AwsResponse };

function message(status: number, text: string, headers: Record<string, string> = {}): AwsResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ message: text }),
  };
}

async function admit(
  { scopes }: HttpRoute,
  authorizer: JwtAuthorizer,
  exchange: HttpExchange,
  now: number,
): Promise<Admission> {
  const refuse = (status: number, text: string, challenge: string): Admission => ({
    refusal: message(status, text, { 'www-authenticate': challenge }),
  });
  const given = exchange.headers[authorizer.header];
  if (typeof given !== 'string') return refuse(401, 'Unauthorized', 'Bearer');
  const verdict = await verifyToken(given.replace(/^bearer\s+/i, ''), authorizer, now);
  const realm = `Bearer scope="${scopes.join(' ')}"`;
  if ('problem' in verdict) {
    const challenge = `${realm} error="invalid_token" error_description="${verdict.problem}"`;
    return refuse(401, 'Unauthorized', challenge);
  }
  const held = scopesOf(verdict.claims);
  if (scopes.length > 0 && !scopes.some((scope) => held.includes(scope))) {
    return refuse(403, 'Forbidden', `${realm} error="insufficient_scope"`);
  }
  const claims = claimTexts(verdict.claims);
  return { authorizer: { jwt: { claims, scopes: scopes.length === 0 ? null : held } } };
}

/** The stage that a path begins with, else `$default`; and the path within it. */
function chooseStage(
  { stages }: HttpApi,
  path: readonly string[],
): { stage: ApiStage; inside: readonly string[] } | undefined {
  const named = stages.get(path[0] ?? '');
  // A stage's own address may lack the slash at its end.
  if (named !== undefined) return { stage: named, inside: path.length > 1 ? path.slice(1) : [''] };
  const stage = stages.get('$default');
  return stage && { stage, inside: path };
}

function decodeSegments(path: string): string[] | undefined {
  try {
    return path.slice(1).split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** CORS headers are the API's business where it is configured, whatever a function answers. */
function withCrossOrigin(
  rules: CrossOriginRules | undefined,
  origin: string | undefined,
  response: AwsResponse,
): AwsResponse {
  if (rules === undefined) return response;
  const own = Object.entries(response.headers).filter(
    ([name]) => !name.startsWith('access-control-'),
  );
  return {
    ...response,
    headers: { ...Object.fromEntries(own), ...crossOriginHeaders(rules, origin) },
  };
}

/** Answers requests to HTTP APIs. */
export type AnswerHttpApi = (
  api: HttpApi,
  exchange: HttpExchange,
  /** Path and query within the API's address. */
  url: string,
  body: Buffer,
) => Promise<AwsResponse>;

export function createHttpApiAnswer(options: {
  cloud: CloudIdentity;
  invoke: InvokeIntegration;
  now(): number;
  /** Told what API Gateway measures of each request. */
  record: RecordMetric;
}): AnswerHttpApi {
  const { cloud, invoke } = options;

  const answer = async (
    api: HttpApi,
    exchange: HttpExchange,
    url: string,
    body: Buffer,
    requestId: string,
  ): Promise<AwsResponse> => {
    const { method, headers } = exchange;
    const path = decodeSegments(url.split('?', 1)[0] ?? '');
    if (path === undefined) return message(400, 'Bad Request');
    if (body.length > largestBody) return message(413, 'Request Entity Too Large');
    const chosen = chooseStage(api, path);
    if (chosen === undefined) return message(404, 'Not Found');
    const { stage, inside } = chosen;
    const choice = chooseRoute(api.routes, method, inside);
    if (choice === undefined) {
      if (api.crossOrigin === undefined || !isPreflight(method, headers)) {
        return message(404, 'Not Found');
      }
      const allowed = preflightHeaders(api.crossOrigin, headers.origin);
      return { status: 204, headers: allowed, body: '' };
    }
    const { route, parameters } = choice;
    const now = options.now();
    if (!stage.admits(route.key, now)) return message(429, 'Too Many Requests');
    const admission = route.authorizer && (await admit(route, route.authorizer, exchange, now));
    if (admission !== undefined && 'refusal' in admission) return admission.refusal;

    const event = httpEvent({ ...exchange, url }, body, {
      accountId: cloud.accountId,
      apiId: api.id,
      domainName: `${api.id}.execute-api.${cloud.region}.${cloud.urlSuffix}`,
      requestId,
      routeKey: route.key,
      stage,
      path: `/${path.join('/')}`,
      pathParameters: parameters,
      ...admission,
      now,
    });
    const source = route.segments === undefined ? '/$default' : `/${method}${route.path}`;
    const routeArn = arnOf(cloud, 'execute-api', `${api.id}/${stage.name}${source}`);
    const outcome = await invoke(route.integration, routeArn, event);
    if (outcome.kind === 'timed-out' || outcome.kind === 'throttled') {
      return message(503, 'Service Unavailable');
    }
    const response = outcome.kind === 'answered' ? proxyResponse(outcome.payload) : undefined;
    return withCrossOrigin(
      api.crossOrigin,
      headers.origin,
      response ?? message(500, 'Internal Server Error'),
    );
  };

  return async (api, exchange, url, body) => {
    const requestId = newRequestId();
    const startedAt = options.now();
    const response = await answer(api, exchange, url, body, requestId);
    const measure = (name: string, value: number): void =>
      options.record({ namespace: 'AWS/ApiGateway', name, dimensions: { ApiId: api.id } }, value);
    measure('Count', 1);
    measure('4xx', response.status >= 400 && response.status < 500 ? 1 : 0);
    measure('5xx', response.status >= 500 ? 1 : 0);
    measure('Latency', options.now() - startedAt);
    return { ...response, headers: { ...response.headers, 'apigw-requestid': requestId } };
  };
}
