import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import {
  type Answers,
  type BodyOf,
  ENDPOINTS,
  type Endpoint,
  type EndpointName,
} from '../../lib/api/endpoints.ts';
import { ProblemError, problemDetails } from '../../lib/api/problem.ts';

/** A request as the contract reads it. */
export interface ContractCall<Name extends EndpointName = EndpointName> {
  readonly name: Name;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: BodyOf<Name>;
  readonly token: string;
  readonly key: string | undefined;
}

/** Answers one endpoint; may throw a {@link ProblemError}, or {@link HangUp}. */
type Answerer<Name extends EndpointName> = (call: ContractCall<Name>) => Answers[Name];
export type Answerers = { [Name in EndpointName]?: Answerer<Name> };

/** The connection breaks off instead of an answer. */
export class HangUp extends Error {
  override readonly name = 'HangUp';
}

/** An HTTP server that takes nothing, and answers nothing, but what the contract has. */
export interface OfficersApiServer {
  readonly url: string;
  /** For `forewarn`: an officer whose token is `token-of-chen`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly calls: ContractCall[];
  /** What broke the contract. */
  readonly breaches: string[];
  /** Replaced by tests at will. */
  answerers: Answerers;
  close(): Promise<void>;
}

const KEY = /^[A-Za-z0-9_-]{8,64}$/;

export async function startOfficersApi(answerers: Answerers = {}): Promise<OfficersApiServer> {
  const server = createServer((request, response) => {
    answer(api, request, response).catch((error: unknown) => {
      api.breaches.push(String(error));
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api: OfficersApiServer = {
    url,
    environment: { FOREWARN_API_URL: url, FOREWARN_ID_TOKEN: 'token-of-chen' },
    calls: [],
    breaches: [],
    answerers,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return api;
}

async function answer(api: OfficersApiServer, request: IncomingMessage, response: ServerResponse) {
  const call = await readCall(request, (breach) => api.breaches.push(breach));
  if (call === undefined) {
    send(response, 400, problemDetails(new ProblemError('bad-request', 'it breaks the contract')));
    return;
  }
  api.calls.push(call);
  const endpoint: Endpoint = ENDPOINTS[call.name];
  const answerer = api.answerers[call.name] as Answerer<EndpointName> | undefined;
  try {
    if (answerer === undefined)
      throw new ProblemError('not-found', 'the test answers nothing here');
    const value = answerer(call);
    check(endpoint.answer, value, `the answer to ${call.name}`, (breach) =>
      api.breaches.push(breach),
    );
    send(response, endpoint.status, value);
  } catch (error) {
    if (error instanceof HangUp) response.destroy();
    else if (error instanceof ProblemError) {
      const problem = problemDetails(error);
      send(response, problem.status, problem);
    } else throw error;
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** @returns undefined for what the contract does not have */
async function readCall(
  request: IncomingMessage,
  onBreach: (breach: string) => void,
): Promise<ContractCall | undefined> {
  const url = new URL(request.url ?? '/', 'http://api');
  const found = endpointOf(request.method ?? '', url.pathname);
  if (found === undefined) {
    onBreach(`there is no ${request.method} ${url.pathname}`);
    return undefined;
  }
  const { endpoint, name, parameters } = found;
  const text = await textOf(request);
  const query = Object.fromEntries(url.searchParams);
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  const { authorization = '', 'idempotency-key': key } = request.headers;
  let isWhole = true;
  const breach = (what: string) => {
    isWhole = false;
    onBreach(`${name}: ${what}`);
  };
  check(endpoint.parameters, parameters, 'parameters', breach);
  if (endpoint.query !== undefined) check(endpoint.query, query, 'query', breach);
  else if (url.search !== '') breach('it has no query');
  if (endpoint.body !== undefined) check(endpoint.body, body, 'body', breach);
  else if (body !== undefined) breach('it has no body');
  if (body !== undefined && request.headers['content-type'] !== 'application/json') {
    breach('the body is not called JSON');
  }
  if (endpoint.who !== 'anybody' && !authorization.startsWith('Bearer ')) breach('no token');
  const isWrite = endpoint.method === 'POST';
  if (isWrite !== (typeof key === 'string' && KEY.test(key)))
    breach('writes, and they alone, have a key');
  if (!isWhole) return undefined;
  return {
    name,
    parameters,
    query,
    body: body as BodyOf<EndpointName>,
    token: authorization.slice('Bearer '.length),
    key: typeof key === 'string' ? key : undefined,
  };
}

function endpointOf(method: string, path: string) {
  for (const [name, endpoint] of Object.entries<Endpoint>(ENDPOINTS)) {
    const pattern = endpoint.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    const match = endpoint.method === method ? new RegExp(`^${pattern}$`).exec(path) : null;
    if (match === null) continue;
    const parameters = Object.fromEntries(
      Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]),
    );
    return { name: name as EndpointName, endpoint, parameters };
  }
  return undefined;
}

function check(
  schema: TSchema | undefined,
  value: unknown,
  what: string,
  onBreach: (breach: string) => void,
): void {
  if (schema === undefined) return;
  const validator = Compile(schema);
  if (validator.Check(value)) return;
  const [first] = validator.Errors(value);
  onBreach(`${what}: ${first?.instancePath} ${first?.message}`);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
