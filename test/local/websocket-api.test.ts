import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import {
  CfnIntegration,
  CfnRoute,
  HttpApi,
  LogGroupLogDestination,
  WebSocketApi,
  WebSocketStage,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import * as esbuild from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { JsonObject } from '../../lib/local/json-value.ts';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import { writeSmallAssembly } from './small-assembly.ts';

const source = `
  import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
  const settings = { maxAttempts: 1 };
  const clients = {
    'post-back': new ApiGatewayManagementApiClient({ ...settings, endpoint: process.env.CALLBACK }),
    'post-root': new ApiGatewayManagementApiClient(settings),
  };
  export const handler = async (event) => {
    console.log('EVENT ' + JSON.stringify(event));
    const { routeKey, connectionId: ConnectionId } = event.requestContext;
    if (routeKey === '$connect') {
      const { answer, protocol } = event.queryStringParameters ?? {};
      if (answer === 'throw') throw new Error('broken');
      if (answer === 'nothing') return {};
      if (protocol !== undefined) return { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': protocol } };
      return { statusCode: Number(answer ?? 200) };
    }
    if (routeKey === 'fail') throw new Error('broken');
    const client = clients[routeKey];
    if (client !== undefined) {
      const { to, data } = JSON.parse(event.body);
      const sent = client.send(new PostToConnectionCommand({ ConnectionId: to ?? ConnectionId, Data: data }));
      await sent.catch((error) => console.log('FAILED ' + error.name));
    }
    return { statusCode: 200, body: 'echo ' + event.body };
  };`;

async function synthesize(outdir: string, codeDir: string): Promise<void> {
  await esbuild.build({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: 'ts' },
    outfile: join(codeDir, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    logLevel: 'silent',
  });
  const app = new App({ outdir });
  const stack = new Stack(app, 'Tiny');
  const handlerOf = (id: string): LambdaFunction =>
    new LambdaFunction(stack, id, {
      functionName: id,
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(codeDir),
    });
  const handler = handlerOf('talker');
  const silent = handlerOf('silent');
  const routeTo = (id: string, to = handler) => ({
    integration: new WebSocketLambdaIntegration(`To-${id}`, to),
  });
  const api = new WebSocketApi(stack, 'Api', {
    connectRouteOptions: routeTo('Connect'),
    disconnectRouteOptions: routeTo('Disconnect'),
    defaultRouteOptions: routeTo('Default'),
  });
  for (const key of ['fail', 'post-back', 'post-root']) api.addRoute(key, routeTo(key));
  api.addRoute('echo', { ...routeTo('echo'), returnResponse: true });
  const stage = new WebSocketStage(stack, 'Live', {
    webSocketApi: api,
    stageName: 'live',
    autoDeploy: true,
    detailedMetricsEnabled: true,
    accessLogSettings: { destination: new LogGroupLogDestination(new LogGroup(stack, 'Log')) },
  });
  stage.grantManagementApiAccess(handler);
  handler.addEnvironment('CALLBACK', stage.callbackUrl);

  const bare = new WebSocketApi(stack, 'Bare');
  bare.addRoute('post-root', routeTo('Silent', silent));
  new WebSocketStage(stack, 'Beta', { webSocketApi: bare, stageName: 'beta', autoDeploy: true });
  const closed = new WebSocketApi(stack, 'Closed');
  const notPermitted = new CfnIntegration(stack, 'NotPermitted', {
    apiId: closed.apiId,
    integrationType: 'AWS_PROXY',
    integrationUri: handler.functionArn,
  });
  new CfnRoute(stack, 'NotPermittedRoute', {
    apiId: closed.apiId,
    routeKey: '$connect',
    target: `integrations/${notPermitted.ref}`,
  });
  new WebSocketStage(stack, 'Gamma', {
    webSocketApi: closed,
    stageName: 'gamma',
    autoDeploy: true,
  });
  const http = new HttpApi(stack, 'Http');
  const outputs = {
    Url: stage.url,
    CallbackUrl: stage.callbackUrl,
    Address: api.apiEndpoint,
    ApiId: api.apiId,
    BareAddress: bare.apiEndpoint,
    ClosedAddress: closed.apiEndpoint,
    HttpAddress: http.apiEndpoint,
  };
  for (const [name, value] of Object.entries(outputs)) new CfnOutput(stack, name, { value });
  app.synth();
}

/** For what the machine may be too busy to do at once. */
const DEADLINE_MS = 10_000;

/** A client's end of a connection. */
interface Talk {
  socket: WebSocket;
  messages: string[];
  say(message: unknown): void;
  /** The next message, or the one that a deadline finds missing. */
  heard(count?: number): Promise<string[]>;
  closed: Promise<{ code: number; reason: string }>;
}

/** @throws Error with the HTTP status when the request is refused. */
async function talk(
  url: string,
  protocols: string[] = [],
  headers: Record<string, string> = {},
): Promise<Talk> {
  const socket = new WebSocket(url, protocols, { headers });
  const messages: string[] = [];
  socket.on('message', (data: Buffer) => messages.push(data.toString()));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('open', () => resolve());
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, { statusCode }) =>
      reject(new Error(String(statusCode))),
    );
  });
  return {
    socket,
    messages,
    closed,
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async heard(count = 1) {
      await vi.waitFor(() => expect(messages.length).toBeGreaterThanOrEqual(count), DEADLINE_MS);
      return messages;
    },
  };
}

let folders: string[] = [];
let cloud: LocalCloud;
let url: string;
const lines: string[] = [];

async function start(): Promise<LocalCloud> {
  return startLocalCloud({
    assemblyDir: folders[0] ?? '',
    stackName: 'Tiny',
    onLog: (_name, line) => lines.push(line),
  });
}

beforeAll(async () => {
  folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'forewarn-test-'))));
  await synthesize(folders[0] ?? '', folders[1] ?? '');
  cloud = await start();
  url = `${cloud.outputs.Address}/live`;
});

afterAll(async () => {
  await cloud?.close();
  for (const folder of folders) await rm(folder, { recursive: true });
});

beforeEach(() => {
  lines.length = 0;
});

function events(): JsonObject[] {
  return lines
    .filter((line) => line.startsWith('EVENT '))
    .map((line) => JSON.parse(line.slice('EVENT '.length)) as JsonObject);
}

/** @param id of the connection; any by default. */
async function eventFor(routeKey: string, id?: string): Promise<JsonObject> {
  return vi.waitFor(() => {
    const found = events().find(({ requestContext }) => {
      const context = requestContext as JsonObject;
      return context.routeKey === routeKey && (id ?? context.connectionId) === context.connectionId;
    });
    if (found === undefined) throw new Error(`No event for ${routeKey}`);
    return found;
  }, DEADLINE_MS);
}

async function connectionId(): Promise<string> {
  const { requestContext } = await eventFor('$connect');
  return String((requestContext as JsonObject).connectionId);
}

function manager(endpoint = cloud.outputs.CallbackUrl ?? ''): ApiGatewayManagementApiClient {
  return new ApiGatewayManagementApiClient({
    endpoint,
    region: cloud.region,
    credentials: cloud.credentials,
    maxAttempts: 1,
  });
}

describe('connecting', () => {
  it('is at the local address, also where CDK joins it itself', async () => {
    const { ApiId, Url, CallbackUrl, Address } = cloud.outputs;
    const host = new URL(cloud.endpoint).host;
    expect(Address).toBe(`ws://${host}/_aws/execute-api/${ApiId}`);
    expect(Url).toBe(`${Address}/live`);
    expect(CallbackUrl).toBe(`${cloud.endpoint}/_aws/execute-api/${ApiId}/live`);
  });

  it('asks the function of $connect, with the headers and the query of the request', async () => {
    const { socket } = await talk(`${url}?token=a%20b&x=1&x=2`, [], { 'X-Own': 'Value' });
    const { ApiId } = cloud.outputs;
    expect(await eventFor('$connect')).toMatchObject({
      headers: { Host: new URL(cloud.endpoint).host, 'X-Own': 'Value' },
      multiValueHeaders: { 'X-Own': ['Value'] },
      queryStringParameters: { token: 'a b', x: '2' },
      multiValueQueryStringParameters: { token: ['a b'], x: ['1', '2'] },
      requestContext: {
        routeKey: '$connect',
        eventType: 'CONNECT',
        messageDirection: 'IN',
        stage: 'live',
        apiId: ApiId,
        domainName: `${ApiId}.execute-api.us-east-1.amazonaws.com`,
        connectionId: expect.stringMatching(/^[\w-]{15}=$/),
        requestId: expect.any(String),
        extendedRequestId: expect.any(String),
        connectedAt: expect.any(Number),
        requestTimeEpoch: expect.any(Number),
        identity: { sourceIp: '127.0.0.1' },
      },
      isBase64Encoded: false,
    });
    socket.close();
  });

  it.each([
    ['401', '401'],
    ['403', '403'],
    ['302', '302'],
    ['throw', '502'],
    ['nothing', '502'],
  ])('is refused when the function answers so: %s', async (answer, status) => {
    await expect(talk(`${url}?answer=${answer}`)).rejects.toThrow(status);
    const { requestContext } = await eventFor('$connect');
    const gone = manager().send(
      new GetConnectionCommand({
        ConnectionId: String((requestContext as JsonObject).connectionId),
      }),
    );
    await expect(gone).rejects.toMatchObject({ name: 'GoneException' });
  });

  it('is refused where no permission lets API Gateway invoke the function', async () => {
    await expect(talk(`${cloud.outputs.ClosedAddress}/gamma`)).rejects.toThrow('500');
  });

  it('is refused where there is no such API or stage', async () => {
    const { Address, HttpAddress } = cloud.outputs;
    await expect(talk(`${Address}/none`)).rejects.toThrow('403');
    await expect(talk(`${url}/more`)).rejects.toThrow('403');
    await expect(talk(`${Address?.slice(0, -4)}none/live`)).rejects.toThrow('404');
    await expect(talk(`${HttpAddress?.replace('http', 'ws')}/live`)).rejects.toThrow('404');
    await expect(talk(cloud.endpoint.replace('http', 'ws'))).rejects.toThrow('404');
  });

  it('agrees on the subprotocol that the function chooses', async () => {
    const { socket } = await talk(`${url}?protocol=two`, ['one', 'two']);
    expect(socket.protocol).toBe('two');
    socket.close();
  });
});

describe('a message', () => {
  it.each<[string, unknown, string]>([
    ['of a route', { action: 'echo' }, 'echo'],
    ['of no route of ours', { action: 'other' }, '$default'],
    ['that names no route', { hello: 1 }, '$default'],
    ['that names a route that is not for messages', { action: '$connect', n: 1 }, '$default'],
    ['that is not JSON', 'hello', '$default'],
    ['whose route is no text', { action: ['echo'] }, '$default'],
  ])('%s goes where it belongs', async (_what, message, routeKey) => {
    const { socket, say } = await talk(url);
    const id = await connectionId();
    say(message);
    const event = await eventFor(routeKey, id);
    expect(event).toMatchObject({
      body: typeof message === 'string' ? message : JSON.stringify(message),
      isBase64Encoded: false,
      requestContext: {
        routeKey,
        eventType: 'MESSAGE',
        connectionId: id,
        messageId: expect.any(String),
        stage: 'live',
      },
    });
    expect(event).not.toHaveProperty('headers');
    socket.close();
  });

  it('is answered only on a route that has a response', async () => {
    const { socket, say, heard } = await talk(url);
    say({ action: 'other' });
    await eventFor('$default');
    say({ action: 'echo' });
    expect(await heard()).toEqual(['echo {"action":"echo"}']);
    socket.close();
  });

  it('gets an error when the function fails, or nobody is there for it', async () => {
    const { socket, say, heard } = await talk(url);
    say({ action: 'fail' });
    const [told = ''] = await heard();
    expect(JSON.parse(told)).toEqual({
      message: 'Internal server error',
      connectionId: await connectionId(),
      requestId: expect.any(String),
    });
    socket.close();
    const bare = await talk(`${cloud.outputs.BareAddress}/beta`);
    bare.say('hello');
    const [answer = ''] = await bare.heard();
    expect(JSON.parse(answer)).toMatchObject({ message: 'Forbidden' });
    bare.socket.close();
  });

  it('may have 32 KB; a longer one ends the connection, and so does a binary one', async () => {
    const good = await talk(url);
    good.say(`"${'x'.repeat(32 * 1_024 - 2)}"`);
    await eventFor('$default');
    good.say('x'.repeat(32 * 1_024 + 1));
    expect((await good.closed).code).toBe(1_009);
    const binary = await talk(url);
    binary.socket.send(Buffer.from([1, 2]), { binary: true });
    expect((await binary.closed).code).toBe(1_003);
  });
});

describe('the function of $disconnect', () => {
  it('is told how the connection ended', async () => {
    const { socket } = await talk(url);
    const id = await connectionId();
    socket.close(4_000, 'enough');
    expect(await eventFor('$disconnect', id)).toMatchObject({
      requestContext: {
        eventType: 'DISCONNECT',
        connectionId: id,
        disconnectStatusCode: 4_000,
        disconnectReason: 'enough',
      },
    });
  });

  it('is told of a client that just went away', async () => {
    const { socket } = await talk(url);
    const id = await connectionId();
    socket.terminate();
    expect(await eventFor('$disconnect', id)).toMatchObject({
      requestContext: { disconnectStatusCode: 1_006 },
    });
  });
});

describe('a function', () => {
  it.each(['post-back', 'post-root'])('reaches a client by %s', async (action) => {
    const { socket, say, heard } = await talk(url);
    say({ action, data: '您好' });
    expect(await heard()).toEqual(['您好']);
    socket.close();
    expect(cloud.usedActions().talker).toContain('execute-api:ManageConnections');
  });

  it('learns that a client is gone', async () => {
    const { socket, say } = await talk(url);
    say({ action: 'post-back', to: 'never-was=', data: 'x' });
    say({ action: 'post-root', to: 'never-was=', data: 'x' });
    await vi.waitFor(
      () =>
        expect(lines.filter((line) => line.startsWith('FAILED'))).toEqual([
          'FAILED GoneException',
          'FAILED GoneException',
        ]),
      DEADLINE_MS,
    );
    socket.close();
  });

  it('reaches nobody when its role does not grant it', async () => {
    const { socket, say } = await talk(`${cloud.outputs.BareAddress}/beta`);
    say({ action: 'post-root', data: 'x' });
    await vi.waitFor(() => expect(lines).toContain('FAILED AccessDeniedException'), DEADLINE_MS);
    socket.close();
  });
});

describe('the management of connections', () => {
  it('tells of a connection, speaks to it, and ends it', async () => {
    const { heard, closed } = await talk(url, [], { 'user-agent': 'test' });
    const ConnectionId = await connectionId();
    const told = await manager().send(new GetConnectionCommand({ ConnectionId }));
    expect(told).toMatchObject({
      ConnectedAt: expect.any(Date),
      LastActiveAt: expect.any(Date),
      Identity: { SourceIp: '127.0.0.1', UserAgent: 'test' },
    });
    const endpoints = [cloud.outputs.CallbackUrl ?? '', cloud.endpoint];
    for (const endpoint of endpoints) {
      await manager(endpoint).send(new PostToConnectionCommand({ ConnectionId, Data: endpoint }));
    }
    expect(await heard(2)).toEqual(endpoints);
    await manager().send(new DeleteConnectionCommand({ ConnectionId }));
    await closed;
    await expect(
      manager().send(new PostToConnectionCommand({ ConnectionId, Data: 'x' })),
    ).rejects.toMatchObject({ name: 'GoneException', $metadata: { httpStatusCode: 410 } });
  });

  it('carries 128 KB and no more', async () => {
    const { socket, heard } = await talk(url);
    const ConnectionId = await connectionId();
    const post = (bytes: number) =>
      manager().send(new PostToConnectionCommand({ ConnectionId, Data: 'x'.repeat(bytes) }));
    await post(128 * 1_024);
    expect((await heard())[0]).toHaveLength(128 * 1_024);
    await expect(post(128 * 1_024 + 1)).rejects.toMatchObject({
      name: 'PayloadTooLargeException',
      $metadata: { httpStatusCode: 413 },
    });
    socket.close();
  });

  it('knows a connection at its own stage only', async () => {
    const { socket } = await talk(url);
    const ConnectionId = await connectionId();
    const elsewhere = manager(cloud.outputs.CallbackUrl?.replace('/live', '/dead'));
    await expect(
      elsewhere.send(new PostToConnectionCommand({ ConnectionId, Data: 'x' })),
    ).rejects.toMatchObject({ name: 'GoneException' });
    socket.close();
  });

  it('is for signed callers, and nothing else is at a WebSocket API’s address', async () => {
    const base = cloud.outputs.CallbackUrl;
    const unsigned = await fetch(`${base}/@connections/x`, { method: 'POST', body: 'x' });
    expect(unsigned.status).toBe(403);
    expect((await fetch(`${base}`)).status).toBe(403);
  });
});

describe('the end of the cloud', () => {
  it('ends its connections', async () => {
    const other = await start();
    const { closed } = await talk(`${other.outputs.Address}/live`);
    await other.close();
    expect((await closed).code).toBe(1_001);
    const contexts = events().map(({ requestContext }) => requestContext as JsonObject);
    // Others may still be told of the end of an earlier connection.
    const own = contexts.findLast(({ routeKey }) => routeKey === '$connect');
    const told = contexts.filter(({ connectionId }) => connectionId === own?.connectionId);
    expect(told.map(({ routeKey }) => routeKey)).toEqual(['$connect']);
  });
});

describe('a WebSocket API that cannot be run faithfully', () => {
  const api = (more: JsonObject = {}): JsonObject => ({
    Api: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: {
        Name: 'a',
        ProtocolType: 'WEBSOCKET',
        RouteSelectionExpression: '$request.body.action',
        ...more,
      },
    },
  });
  const withRoute = (more: JsonObject): JsonObject => ({
    ...api(),
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Api' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: 'arn:aws:lambda:us-east-1:000000000000:function:f',
      },
    },
    Route: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Api' },
        RouteKey: '$connect',
        Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
        ...more,
      },
    },
  });

  it.each<[string, JsonObject, string]>([
    [
      'selects by a header',
      api({ RouteSelectionExpression: '$request.header.x' }),
      'part of their body',
    ],
    ['asks IAM', withRoute({ AuthorizationType: 'AWS_IAM' }), 'AWS_IAM'],
    ['asks for a key', withRoute({ ApiKeyRequired: true }), 'API keys'],
  ])('is refused: it %s', async (_what, resources, message) => {
    const assembly = await writeSmallAssembly({ resources });
    await expect(startLocalCloud(assembly)).rejects.toMatchObject({
      code: 'resource-invalid',
      message: expect.stringContaining(message),
    });
    await assembly.remove();
  });
});
