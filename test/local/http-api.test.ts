import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import {
  CfnIntegration,
  CfnRoute,
  type CfnStage,
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpJwtAuthorizer,
  HttpUserPoolAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { StringAttribute, UserPool, UserPoolGroup } from 'aws-cdk-lib/aws-cognito';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/local/json-value.ts';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import { writeSmallAssembly } from './small-assembly.ts';

const echo = `
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const environment = Math.random();
  exports.handler = async (event) => {
    const { do: what } = event.queryStringParameters ?? {};
    if (what === 'throw') throw new Error('broken');
    if (what === 'exit') process.exit(1);
    if (what === 'malformed') return { statusCode: 200, body: { a: 1 } };
    if (what === 'wait') { await pause(300); return { environment }; }
    if (what === 'page') return {
      statusCode: 201, headers: { 'Content-Type': 'text/html', 'Access-Control-Allow-Origin': 'x' },
      cookies: ['a=1', 'b=2'], body: Buffer.from('<p>').toString('base64'), isBase64Encoded: true,
    };
    return { event, own: process.env.OWN_ADDRESS };
  };`;

const PASSWORD = 'longenough12';

/** A stack as an application writes it, with what is needed to break each rule. */
function synthesize(outdir: string): void {
  const app = new App({ outdir });
  const stack = new Stack(app, 'Tiny');
  const handler = new LambdaFunction(stack, 'Echo', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline(echo),
    timeout: Duration.seconds(10),
  });
  const busy = new LambdaFunction(stack, 'Busy', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline(echo),
    reservedConcurrentExecutions: 1,
  });
  const pool = new UserPool(stack, 'Pool', {
    passwordPolicy: { minLength: 12 },
    customAttributes: { district: new StringAttribute({ mutable: true, maxLen: 6 }) },
  });
  const client = pool.addClient('Client', { authFlows: { userPassword: true } });
  const other = pool.addClient('Other', { authFlows: { userPassword: true } });
  for (const groupName of ['desk', 'lead']) {
    new UserPoolGroup(stack, `Group-${groupName}`, { userPool: pool, groupName });
  }
  const api = new HttpApi(stack, 'Api', {
    corsPreflight: {
      allowOrigins: ['https://console.example'],
      allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST],
      allowHeaders: ['authorization'],
      maxAge: Duration.minutes(10),
    },
  });
  const authorizer = new HttpUserPoolAuthorizer('Officers', pool, { userPoolClients: [client] });
  const integration = new HttpLambdaIntegration('Echo', handler);
  const { GET, POST, ANY } = HttpMethod;
  api.addRoutes({ path: '/tasks/{id}', methods: [GET, POST], integration, authorizer });
  api.addRoutes({ path: '/open/{proxy+}', methods: [ANY], integration });
  api.addRoutes({
    path: '/scoped',
    methods: [GET],
    integration,
    authorizer: new HttpJwtAuthorizer('Scoped', pool.userPoolProviderUrl, {
      jwtAudience: [client.userPoolClientId],
    }),
    authorizationScopes: ['aws.cognito.signin.user.admin', 'more'],
  });
  api.addRoutes({
    path: '/slow',
    methods: [GET],
    integration: new HttpLambdaIntegration('Slow', handler, { timeout: Duration.millis(100) }),
  });
  api.addRoutes({ path: '/seldom', methods: [GET], integration });
  api.addRoutes({
    path: '/busy',
    methods: [GET],
    integration: new HttpLambdaIntegration('Busy', busy),
  });
  const stage = api.defaultStage?.node.defaultChild as CfnStage;
  stage.routeSettings = { 'GET /seldom': { ThrottlingRateLimit: 0.01, ThrottlingBurstLimit: 2 } };
  new HttpStage(stack, 'Beta', {
    httpApi: api,
    stageName: 'beta',
    autoDeploy: true,
    throttle: { rateLimit: 1_000, burstLimit: 1_000 },
    detailedMetricsEnabled: true,
    accessLogSettings: { destination: new LogGroupLogDestination(new LogGroup(stack, 'Log')) },
    stageVariables: { colour: 'red' },
  });
  const forbidden = new CfnIntegration(stack, 'NotPermitted', {
    apiId: api.apiId,
    integrationType: 'AWS_PROXY',
    integrationUri: handler.functionArn,
    payloadFormatVersion: '2.0',
  });
  new CfnRoute(stack, 'NotPermittedRoute', {
    apiId: api.apiId,
    routeKey: 'GET /not-permitted',
    target: `integrations/${forbidden.ref}`,
  });
  const told = new LambdaFunction(stack, 'Told', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline(echo),
    environment: { OWN_ADDRESS: api.url ?? '' },
  });
  const second = new HttpApi(stack, 'Second');
  second.addRoutes({
    path: '/told',
    methods: [GET],
    integration: new HttpLambdaIntegration('Told', told),
  });
  const outputs = {
    Address: api.apiEndpoint,
    ApiId: api.apiId,
    Url: api.url ?? '',
    SecondAddress: second.apiEndpoint,
    PoolId: pool.userPoolId,
    ClientId: client.userPoolClientId,
    OtherClientId: other.userPoolClientId,
  };
  for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, name, { value });
  app.synth();
}

let assemblyDir: string;
let cloud: LocalCloud;
let address: string;
let token: string;
let accessToken: string;

beforeAll(async () => {
  assemblyDir = await mkdtemp(join(tmpdir(), 'forewarn-test-'));
  synthesize(assemblyDir);
  cloud = await startLocalCloud({ assemblyDir, stackName: 'Tiny' });
  address = cloud.outputs.Address ?? '';
  const { PoolId: UserPoolId, ClientId } = cloud.outputs;
  const cognito = new CognitoIdentityProviderClient({
    endpoint: cloud.endpoint,
    region: cloud.region,
    credentials: cloud.credentials,
  });
  const user = { UserPoolId, Username: 'ming' };
  await cognito.send(
    new AdminCreateUserCommand({
      ...user,
      UserAttributes: [{ Name: 'custom:district', Value: '510104' }],
    }),
  );
  await cognito.send(
    new AdminSetUserPasswordCommand({ ...user, Password: PASSWORD, Permanent: true }),
  );
  for (const GroupName of ['desk', 'lead']) {
    await cognito.send(new AdminAddUserToGroupCommand({ ...user, GroupName }));
  }
  const { AuthenticationResult } = await cognito.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'ming', PASSWORD },
    }),
  );
  cognito.destroy();
  token = AuthenticationResult?.IdToken ?? '';
  accessToken = AuthenticationResult?.AccessToken ?? '';
});

afterAll(async () => {
  await cloud?.close();
  if (assemblyDir !== undefined) await rm(assemblyDir, { recursive: true });
});

function get(path: string, headers: Record<string, string> = {}, init: RequestInit = {}) {
  return fetch(`${address}${path}`, { ...init, headers });
}

async function eventOf(response: Response): Promise<JsonObject> {
  expect(response.status).toBe(200);
  return ((await response.json()) as { event: JsonObject }).event;
}

describe('an event', () => {
  it('has the form of payload version 2.0, claims included', async () => {
    const response = await get('/tasks/a%2Fb%20c?x=1&x=2&y=%C3%A9&empty', {
      authorization: `Bearer ${token}`,
      cookie: 'one=1; two=2',
      'X-Own': 'Value',
      'user-agent': 'test',
    });
    const event = await eventOf(response);
    const { ApiId } = cloud.outputs;
    const host = new URL(address).host;
    const requestId = response.headers.get('apigw-requestid');
    expect(requestId).toMatch(/^[\w+/]{15}=$/);
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'GET /tasks/{id}',
      rawPath: '/tasks/a/b c',
      rawQueryString: 'x=1&x=2&y=%C3%A9&empty',
      cookies: ['one=1', 'two=2'],
      headers: expect.objectContaining({
        authorization: `Bearer ${token}`,
        host,
        'x-own': 'Value',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
        'x-forwarded-for': '127.0.0.1',
      }),
      queryStringParameters: { x: '1,2', y: 'é', empty: '' },
      pathParameters: { id: 'a/b c' },
      requestContext: {
        accountId: '000000000000',
        apiId: ApiId,
        authorizer: {
          jwt: {
            claims: expect.objectContaining({
              'cognito:groups': '[desk lead]',
              'cognito:username': 'ming',
              'custom:district': '510104',
              token_use: 'id',
              exp: expect.stringMatching(/^\d{10}$/),
            }),
            scopes: null,
          },
        },
        domainName: `${ApiId}.execute-api.us-east-1.amazonaws.com`,
        domainPrefix: ApiId,
        http: {
          method: 'GET',
          path: '/tasks/a/b c',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'test',
        },
        requestId,
        routeKey: 'GET /tasks/{id}',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      isBase64Encoded: false,
    });
    expect(event.headers).not.toHaveProperty('cookie');
  });

  it('leaves out what the request has not', async () => {
    const event = await eventOf(await get('/open/x'));
    for (const absent of ['cookies', 'queryStringParameters', 'body', 'stageVariables']) {
      expect(event).not.toHaveProperty(absent);
    }
    expect(event.requestContext).not.toHaveProperty('authorizer');
    expect(event.rawQueryString).toBe('');
  });

  it.each([
    ['application/json', '{"a":"é"}', false],
    ['text/csv; charset=utf-8', 'a,b', false],
    ['application/x-www-form-urlencoded', 'a=b', true],
    ['application/octet-stream', 'ab', true],
    ['application/problem+json', '{}', true],
  ])('carries a body of type %s', async (type, body, isBase64Encoded) => {
    const sent = { method: 'POST', body: Buffer.from(body) };
    const event = await eventOf(await get('/open/x', { 'content-type': type }, sent));
    const encoded = isBase64Encoded ? Buffer.from(body).toString('base64') : body;
    expect(event).toMatchObject({ body: encoded, isBase64Encoded });
  });

  it('joins repeated headers, and minds no names that every object has', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const sent = httpRequest(
        `${address}/open/x?constructor=1&__proto__=2&constructor=3`,
        { headers: { 'x-list': ['a', 'b'], constructor: 'c' } },
        (reply) => {
          const chunks: Buffer[] = [];
          reply.on('data', (chunk: Buffer) => chunks.push(chunk));
          reply.on('end', () => resolve(Buffer.concat(chunks).toString()));
        },
      );
      sent.on('error', reject);
      sent.end();
    });
    const { event } = JSON.parse(answer) as { event: JsonObject };
    expect(event.headers).toMatchObject({ 'x-list': 'a,b', constructor: 'c' });
    expect(Object.entries(event.queryStringParameters ?? {})).toEqual([
      ['constructor', '1,3'],
      ['__proto__', '2'],
    ]);
  });

  it('is the same over HTTP/2', async () => {
    const session = connectHttp2(cloud.endpoint);
    const stream = session.request({ ':path': `${new URL(address).pathname}/open/two` });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    session.close();
    const { event } = JSON.parse(Buffer.concat(chunks).toString()) as { event: JsonObject };
    expect(event).toMatchObject({
      rawPath: '/open/two',
      headers: { host: new URL(address).host },
    });
    expect(Object.keys(event.headers ?? {}).some((name) => name.startsWith(':'))).toBe(false);
  });
});

describe('an answer', () => {
  it('is what the function spells out', async () => {
    const response = await get('/open/x?do=page');
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.text()).toBe('<p>');
  });

  it.each(['throw', 'malformed', 'exit'])(
    'to a function that does this is 500: %s',
    async (what) => {
      const response = await get(`/open/x?do=${what}`);
      expect(response.status).toBe(500);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.text()).toBe('{"message":"Internal Server Error"}');
    },
  );

  it('is 500 where no permission lets API Gateway invoke the function', async () => {
    expect((await get('/not-permitted')).status).toBe(500);
  });

  it('is 503 once the integration’s time is over, and when the function is throttled', async () => {
    const slow = await get('/slow?do=wait');
    expect(slow.status).toBe(503);
    expect(await slow.text()).toBe('{"message":"Service Unavailable"}');
    const busy = await Promise.all([get('/busy?do=wait'), get('/busy?do=wait')]);
    expect(busy.map(({ status }) => status).sort()).toEqual([200, 503]);
  });

  it.each(['/', '/tasks', '/tasks/', '/tasks/1/2', '/beta2/open/x', '/open'])(
    'is 404 for %s',
    async (path) => {
      const response = await get(path, { authorization: token });
      expect(response.status).toBe(404);
      expect(await response.text()).toBe('{"message":"Not Found"}');
    },
  );

  it('is 404 for an API that does not exist, and 400 for a path that cannot be read', async () => {
    const unknown = `${cloud.endpoint}/_aws/execute-api/none/open/x`;
    expect((await fetch(unknown)).status).toBe(404);
    expect((await get('/open/%zz')).status).toBe(400);
  });

  it('is 413 for more than 10 MB', async () => {
    const send = (bytes: number) =>
      get('/tasks/1', { authorization: token }, { method: 'POST', body: Buffer.alloc(bytes) });
    const response = await send(10 * 1_024 * 1_024 + 1);
    expect(response.status).toBe(413);
    expect(await response.text()).toBe('{"message":"Request Entity Too Large"}');
  });

  it('is 429 for more than the route’s limit', async () => {
    const statuses: number[] = [];
    for (let turn = 0; turn < 3; turn += 1) statuses.push((await get('/seldom')).status);
    expect(statuses).toEqual([200, 200, 429]);
    const again = await get('/seldom');
    expect(await again.text()).toBe('{"message":"Too Many Requests"}');
  });
});

describe('a stage of its own name', () => {
  it('is the first part of the path, which functions see', async () => {
    const event = await eventOf(await get('/beta/open/x'));
    expect(event).toMatchObject({
      rawPath: '/beta/open/x',
      routeKey: 'ANY /open/{proxy+}',
      pathParameters: { proxy: 'x' },
      stageVariables: { colour: 'red' },
      requestContext: { stage: 'beta', http: { path: '/beta/open/x' } },
    });
  });
});

describe('authorization', () => {
  it('takes ID and access tokens, with Bearer or without', async () => {
    for (const header of [token, `Bearer ${token}`, `bearer ${accessToken}`]) {
      expect((await get('/tasks/1', { authorization: header })).status).toBe(200);
    }
  });

  it('refuses who has no token', async () => {
    const response = await get('/tasks/1');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await response.text()).toBe('{"message":"Unauthorized"}');
  });

  it.each<[string, () => Promise<string>]>([
    ['expired', async () => (await tokensAt(-3_600_001)).idToken],
    ['issued in the future', async () => (await tokensAt(5_000)).idToken],
    ['of another client', async () => (await tokensAt(0, cloud.outputs.OtherClientId)).idToken],
    [
      'with another user’s signature',
      async () => `${token.slice(0, -20)}${accessToken.slice(-20)}`,
    ],
    ['of two kinds', async () => `${token}, ${accessToken}`],
    ['in basic form', async () => `Basic ${Buffer.from('ming:x').toString('base64')}`],
    ['empty', async () => ' '],
  ])('refuses a token that is %s', async (_what, make) => {
    const response = await get('/tasks/1', { authorization: await make() });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(await response.text()).toBe('{"message":"Unauthorized"}');
  });

  it('asks for one of the route’s scopes, and tells the function those of the token', async () => {
    const idToken = await get('/scoped', { authorization: token });
    expect(idToken.status).toBe(403);
    expect(await idToken.text()).toBe('{"message":"Forbidden"}');
    const event = await eventOf(await get('/scoped', { authorization: accessToken }));
    expect(event.requestContext).toMatchObject({
      authorizer: { jwt: { scopes: ['aws.cognito.signin.user.admin'] } },
    });
  });

  const tokensAt = (offsetMs: number, clientId = cloud.outputs.ClientId) =>
    cloud.tokensFor(clientId ?? '', 'ming', Date.now() + offsetMs);
});

describe('requests from another origin', () => {
  const origin = 'https://console.example';
  const preflight = (path: string, from = origin) =>
    get(path, { origin: from, 'access-control-request-method': 'GET' }, { method: 'OPTIONS' });

  it('are announced, and answered by the API without a token', async () => {
    const response = await preflight('/tasks/1');
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '600',
    });
    const stranger = await preflight('/tasks/1', 'https://evil.example');
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('get the API’s headers in place of the function’s', async () => {
    const allowed = await get('/open/x?do=page', { origin });
    expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
    const others = await get('/open/x?do=page', { origin: 'https://evil.example' });
    expect(others.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('reach a route that takes any method, as on AWS', async () => {
    const response = await preflight('/open/x');
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
  });
});

describe('the addresses of APIs', () => {
  it('are the local ones, also where CDK joins them itself', async () => {
    const { ApiId, Url, SecondAddress } = cloud.outputs;
    expect(address).toBe(`${cloud.endpoint}/_aws/execute-api/${ApiId}`);
    expect(Url).toBe(`${address}/`);
    const told = await fetch(`${SecondAddress}/told`);
    expect(await told.json()).toMatchObject({ own: `${address}/` });
  });
});

describe('several requests at once', () => {
  it('each have an environment of their own, up to a few', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => (await get('/open/x?do=wait')).json()),
    );
    const environments = new Set(
      answers.map((answer) => (answer as { environment: number }).environment),
    );
    expect(environments.size).toBeGreaterThanOrEqual(2);
    expect(environments.size).toBeLessThanOrEqual(4);
  });
});

describe('an HTTP API that cannot be run faithfully', () => {
  const api = (more: JsonObject = {}): JsonObject => ({
    Api: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: { Name: 'a', ProtocolType: 'HTTP', ...more },
    },
  });
  const part = (type: string, properties: JsonObject): JsonObject => ({
    ...api(),
    Part: {
      Type: `AWS::ApiGatewayV2::${type}`,
      Properties: { ApiId: { Ref: 'Api' }, ...properties },
    },
  });
  const jwt = (more: JsonObject): JsonObject => ({
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: 'https://issuer.example', Audience: ['a'] },
    ...more,
  });
  const proxy = {
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: 'arn:aws:lambda:us-east-1:000000000000:function:f',
    PayloadFormatVersion: '2.0',
  };

  it.each<[string, JsonObject, string]>([
    ['is imported', api({ Body: {} }), 'Body'],
    [
      'calls another server',
      part('Integration', { ...proxy, IntegrationType: 'HTTP_PROXY' }),
      'proxy a function',
    ],
    [
      'speaks payload 1.0',
      part('Integration', { ...proxy, PayloadFormatVersion: '1.0' }),
      'format 2.0',
    ],
    ['waits too long', part('Integration', { ...proxy, TimeoutInMillis: 30_001 }), 'time-out'],
    ['has a route without target', part('Route', { RouteKey: 'GET /' }), 'no integration'],
    [
      'has a strange route',
      {
        ...part('Integration', proxy),
        Route: {
          Type: 'AWS::ApiGatewayV2::Route',
          Properties: {
            ApiId: { Ref: 'Api' },
            RouteKey: 'GET',
            Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Part' }]] },
          },
        },
      },
      'no route key',
    ],
    ['asks a function who may call', part('Authorizer', { AuthorizerType: 'REQUEST' }), 'type JWT'],
    ['trusts a stranger’s tokens', part('Authorizer', jwt({})), 'no user pool of the stack'],
    [
      'looks for tokens in the query',
      part('Authorizer', jwt({ IdentitySource: ['$request.querystring.t'] })),
      'in a header only',
    ],
    ['has a stage that shows nothing', part('Stage', { StageName: 'x' }), 'AutoDeploy'],
  ])('is refused: it %s', async (_what, resources, message) => {
    const assembly = await writeSmallAssembly({ resources });
    await expect(startLocalCloud(assembly)).rejects.toMatchObject({
      code: 'resource-invalid',
      message: expect.stringContaining(message),
    });
    await assembly.remove();
  });
});
