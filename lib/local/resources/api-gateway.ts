import type { Api } from '../apis/api-gateway.ts';
import type { ApiStage } from '../apis/api-stage.ts';
import type { CrossOriginRules } from '../apis/cross-origin.ts';
import type { HttpApi } from '../apis/http-api.ts';
import type { LambdaIntegration } from '../apis/invoke-integration.ts';
import { compareRoutes, parseRouteKey } from '../apis/route-choice.ts';
import { createTokenBucket, type ThrottleLimit } from '../apis/token-bucket.ts';
import type { WebSocketApi } from '../apis/websocket-api.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import type { Deployment, DeployResource } from './deployment.ts';
import { invalidResource, madeUpId, refuseOtherProperties } from './read-properties.ts';

const idCharacters = 'abcdefghijklmnopqrstuvwxyz0123456789';

function texts(value: JsonValue | undefined): string[] {
  return [value ?? []].flat().map(String);
}

/** API Gateway's own ids: ten characters for an API, seven for its parts. */
function apiGatewayId({ stackName }: Deployment, logicalId: string, length = 7): string {
  return madeUpId(stackName, logicalId, idCharacters, length);
}

function apiOf({ apiGateway }: Deployment, logicalId: string, properties: JsonObject): Api {
  const api = apiGateway.apis.get(String(properties.ApiId));
  if (api === undefined) throw invalidResource(logicalId, 'its API is not in the stack');
  return api;
}

function crossOriginRules(given: JsonObject): CrossOriginRules {
  return {
    origins: texts(given.AllowOrigins),
    methods: texts(given.AllowMethods),
    headers: texts(given.AllowHeaders),
    exposedHeaders: texts(given.ExposeHeaders),
    credentials: given.AllowCredentials === true,
    ...(given.MaxAge === undefined ? {} : { maxAgeSeconds: Number(given.MaxAge) }),
  };
}

function httpApi(id: string, { CorsConfiguration }: JsonObject): HttpApi {
  return {
    protocol: 'HTTP',
    id,
    stages: new Map(),
    routes: [],
    integrations: new Map(),
    authorizers: new Map(),
    ...(isJsonObject(CorsConfiguration)
      ? { crossOrigin: crossOriginRules(CorsConfiguration) }
      : {}),
  };
}

const bodyExpression = /^\$(?:request\.body\.([\w.]+)|\{request\.body\.([\w.]+)\})$/;

function webSocketApi(id: string, logicalId: string, properties: JsonObject): WebSocketApi {
  const [, plain, braced] = bodyExpression.exec(String(properties.RouteSelectionExpression)) ?? [];
  const selection = plain ?? braced;
  if (selection === undefined || properties.CorsConfiguration !== undefined) {
    throw invalidResource(logicalId, 'messages can name their route by a part of their body only');
  }
  return {
    protocol: 'WEBSOCKET',
    id,
    routeSelection: selection.split('.'),
    stages: new Map(),
    routes: new Map(),
    integrations: new Map(),
  };
}

export const deployApi: DeployResource = (deployment, logicalId, properties) => {
  refuseOtherProperties(logicalId, properties, [
    'CorsConfiguration',
    'Description',
    'DisableExecuteApiEndpoint',
    'IpAddressType',
    'Name',
    'ProtocolType',
    'RouteSelectionExpression',
    'Tags',
    'Version',
  ]);
  const id = apiGatewayId(deployment, logicalId, 10);
  const isWebSocket = properties.ProtocolType === 'WEBSOCKET';
  const api = isWebSocket ? webSocketApi(id, logicalId, properties) : httpApi(id, properties);
  deployment.apiGateway.apis.set(id, api);
  const address = deployment.apiGateway.addressOf(api);
  return { ref: id, attributes: { ApiId: id, ApiEndpoint: address } };
};

/** A snapshot of an API: here its stages always show what it is now. */
export const deployApiDeployment: DeployResource = (deployment, logicalId, properties) => {
  refuseOtherProperties(logicalId, properties, ['ApiId', 'Description', 'StageName']);
  const id = apiGatewayId(deployment, logicalId);
  return { ref: id, attributes: { DeploymentId: id } };
};

const functionUri = /:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/;
const longestTimeoutMs = { HTTP: 30_000, WEBSOCKET: 29_000 };
const payloadFormats = { HTTP: '2.0', WEBSOCKET: '1.0' };

export const deployIntegration: DeployResource = (deployment, logicalId, properties) => {
  refuseOtherProperties(logicalId, properties, [
    'ApiId',
    'Description',
    'IntegrationMethod',
    'IntegrationType',
    'IntegrationUri',
    'PayloadFormatVersion',
    'TimeoutInMillis',
  ]);
  const api = apiOf(deployment, logicalId, properties);
  const uri = String(properties.IntegrationUri);
  const functionArn = functionUri.exec(uri)?.[1] ?? uri;
  if (properties.IntegrationType !== 'AWS_PROXY' || !functionArn.includes(':function:')) {
    throw invalidResource(logicalId, 'only integrations that proxy a function are emulated');
  }
  const format = payloadFormats[api.protocol];
  // CloudFormation's default is 1.0.
  if ((properties.PayloadFormatVersion ?? '1.0') !== format) {
    throw invalidResource(logicalId, `only payload format ${format} is emulated`);
  }
  const longest = longestTimeoutMs[api.protocol];
  const timeoutMs = Number(properties.TimeoutInMillis ?? longest);
  if (!(timeoutMs >= 50 && timeoutMs <= longest)) {
    throw invalidResource(logicalId, `its time-out must be from 50 to ${longest} ms`);
  }
  const id = apiGatewayId(deployment, logicalId);
  api.integrations.set(id, { functionArn, timeoutMs });
  return { ref: id, attributes: { IntegrationId: id } };
};

const headerSource = /^\$request\.header\.([\w-]+)$/;

export const deployAuthorizer: DeployResource = (deployment, logicalId, properties) => {
  refuseOtherProperties(logicalId, properties, [
    'ApiId',
    'AuthorizerType',
    'IdentitySource',
    'JwtConfiguration',
    'Name',
  ]);
  const api = apiOf(deployment, logicalId, properties);
  const { AuthorizerType, JwtConfiguration } = properties;
  if (AuthorizerType !== 'JWT' || !isJsonObject(JwtConfiguration) || api.protocol !== 'HTTP') {
    throw invalidResource(logicalId, 'only authorizers of type JWT are emulated');
  }
  const [source = '', ...others] = texts(properties.IdentitySource);
  const header = headerSource.exec(source)?.[1];
  if (header === undefined || others.length > 0) {
    throw invalidResource(logicalId, 'tokens can come in a header only');
  }
  const issuer = String(JwtConfiguration.Issuer);
  const key = deployment.cognito.keyOf(issuer);
  if (key === undefined) {
    throw invalidResource(logicalId, `the issuer ${issuer} is no user pool of the stack`);
  }
  const id = apiGatewayId(deployment, logicalId);
  api.authorizers.set(id, {
    header: header.toLowerCase(),
    issuer,
    audience: texts(JwtConfiguration.Audience),
    key,
  });
  return { ref: id, attributes: { AuthorizerId: id } };
};

function addHttpRoute(
  api: HttpApi,
  logicalId: string,
  integration: LambdaIntegration,
  properties: JsonObject,
): void {
  const pattern = parseRouteKey(String(properties.RouteKey));
  if (pattern === undefined) {
    throw invalidResource(logicalId, `${String(properties.RouteKey)} is no route key`);
  }
  if (api.routes.some(({ key }) => key === pattern.key)) {
    throw invalidResource(logicalId, `the API has a route ${pattern.key} already`);
  }
  const type = String(properties.AuthorizationType ?? 'NONE');
  const authorizer = api.authorizers.get(String(properties.AuthorizerId));
  if (type !== 'NONE' && type !== 'JWT') {
    throw invalidResource(logicalId, `authorization of type ${type} is not emulated`);
  }
  if ((type === 'JWT') !== (authorizer !== undefined)) {
    throw invalidResource(logicalId, 'its authorizer does not fit its authorization type');
  }
  api.routes.push({
    ...pattern,
    integration,
    scopes: texts(properties.AuthorizationScopes),
    ...(authorizer === undefined ? {} : { authorizer }),
  });
  api.routes.sort(compareRoutes);
}

function addWebSocketRoute(
  api: WebSocketApi,
  logicalId: string,
  integration: LambdaIntegration,
  properties: JsonObject,
): void {
  const type = String(properties.AuthorizationType ?? 'NONE');
  if (type !== 'NONE') {
    throw invalidResource(logicalId, `authorization of type ${type} is not emulated`);
  }
  const key = String(properties.RouteKey);
  const answers = properties.RouteResponseSelectionExpression === '$default';
  api.routes.set(key, { key, integration, answers });
}

export const deployRoute: DeployResource = (deployment, logicalId, properties) => {
  refuseOtherProperties(logicalId, properties, [
    'ApiId',
    'ApiKeyRequired',
    'AuthorizationScopes',
    'AuthorizationType',
    'AuthorizerId',
    'OperationName',
    'RouteKey',
    'RouteResponseSelectionExpression',
    'Target',
  ]);
  if (properties.ApiKeyRequired === true) {
    throw invalidResource(logicalId, 'API keys are not emulated');
  }
  const api = apiOf(deployment, logicalId, properties);
  const integration = api.integrations.get(String(properties.Target).replace('integrations/', ''));
  if (integration === undefined) throw invalidResource(logicalId, 'it has no integration');
  if (api.protocol === 'HTTP') addHttpRoute(api, logicalId, integration, properties);
  else addWebSocketRoute(api, logicalId, integration, properties);
  const id = apiGatewayId(deployment, logicalId);
  return { ref: id, attributes: { RouteId: id } };
};

/** What a route's own property says already: its answers go back to the client. */
export const deployRouteResponse: DeployResource = (deployment, logicalId, properties) => {
  refuseOtherProperties(logicalId, properties, ['ApiId', 'RouteId', 'RouteResponseKey']);
  if (properties.RouteResponseKey !== '$default') {
    throw invalidResource(logicalId, 'the only response of a route is $default');
  }
  const id = apiGatewayId(deployment, logicalId);
  return { ref: id, attributes: { RouteResponseId: id } };
};

function throttleLimit(settings: JsonValue | undefined): ThrottleLimit | undefined {
  if (!isJsonObject(settings) || settings.ThrottlingRateLimit === undefined) return undefined;
  const rate = Number(settings.ThrottlingRateLimit);
  return { rate, burst: Number(settings.ThrottlingBurstLimit ?? rate) };
}

/** Each route has a bucket of its own, by its own limit or the stage's. */
function admission(properties: JsonObject): ApiStage['admits'] {
  const usual = throttleLimit(properties.DefaultRouteSettings);
  const routes = isJsonObject(properties.RouteSettings) ? properties.RouteSettings : {};
  const buckets = new Map<string, ReturnType<typeof createTokenBucket>>();
  return (routeKey, now) => {
    const limit = throttleLimit(routes[routeKey]) ?? usual;
    if (limit === undefined) return true;
    const bucket = buckets.get(routeKey) ?? createTokenBucket(limit);
    buckets.set(routeKey, bucket);
    return bucket(now);
  };
}

export const deployStage: DeployResource = (deployment, logicalId, properties) => {
  refuseOtherProperties(logicalId, properties, [
    'AccessLogSettings',
    'ApiId',
    'AutoDeploy',
    'DefaultRouteSettings',
    'DeploymentId',
    'Description',
    'RouteSettings',
    'StageName',
    'StageVariables',
    'Tags',
  ]);
  const api = apiOf(deployment, logicalId, properties);
  const { AutoDeploy, DeploymentId, StageName, StageVariables } = properties;
  if (AutoDeploy !== true && DeploymentId === undefined) {
    throw invalidResource(logicalId, 'nothing is deployed to it: AutoDeploy is not true');
  }
  const name = String(StageName);
  const variables = isJsonObject(StageVariables)
    ? Object.fromEntries(Object.entries(StageVariables).map(([key, value]) => [key, String(value)]))
    : undefined;
  api.stages.set(name, {
    name,
    admits: admission(properties),
    ...(variables === undefined ? {} : { variables }),
  });
  return { ref: name, attributes: {} };
};
