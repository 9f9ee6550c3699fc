import { hash } from 'node:crypto';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { mayCall } from '../../../lib/api/access.ts';
import {
  type Answers,
  type BodyOf,
  ENDPOINTS,
  type Endpoint,
  type EndpointName,
  type ParametersOf,
  type QueryOf,
  routeKeyOf,
} from '../../../lib/api/endpoints.ts';
import type { Officer } from '../../../lib/api/officer.ts';
import { ProblemError, problemDetails } from '../../../lib/api/problem.ts';
import { CursorError } from '../errors.ts';
import { type ApiEvent, callerOf, idempotencyKeyOf, partsOf } from './api-request.ts';
import type { KeptAnswer, RequestLedger } from './request-ledger.ts';

/** A request that was checked: who calls, and with what. */
export interface ApiCall<Name extends EndpointName> {
  readonly officer: Officer;
  readonly parameters: ParametersOf<Name>;
  readonly query: QueryOf<Name>;
  readonly body: BodyOf<Name>;
  /** Of a write, and of this officer alone: names what it writes, so that a repeat writes nothing twice. */
  readonly key: string;
  /** Epoch ms. */
  readonly now: number;
  /** The address that the request came from, as API Gateway saw it. */
  readonly from: string;
}

/** What does the work of an endpoint. Refuses with a {@link ProblemError}. */
export type Serve<Name extends EndpointName> = (call: ApiCall<Name>) => Promise<Answers[Name]>;
export type Servers<Names extends EndpointName> = { readonly [Name in Names]: Serve<Name> };

/** What an API needs of its function. */
export interface AnswerPorts {
  readonly ledger: RequestLedger;
  /** Epoch ms. */
  readonly now: () => number;
  /** Told of what failed here, and of requests that were refused. */
  readonly report: (what: 'failed' | 'refused', details: Readonly<Record<string, unknown>>) => void;
}

/** What every answer says: it is for one officer, for now, and no page. */
const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
};

/** Answers that hold a clear number, or what strangers wrote, are kept nowhere; the audit knows their repeats. */
const NEVER_KEPT: ReadonlySet<EndpointName> = new Set(['revealNumber', 'readClues']);

function responseOf({ body, status }: KeptAnswer): APIGatewayProxyStructuredResultV2 {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  return { statusCode: status, headers: { ...HEADERS, 'content-type': type }, body };
}

function refusalOf(error: ProblemError, requestId: string): KeptAnswer {
  const problem = problemDetails(error, requestId);
  return { status: problem.status, body: JSON.stringify(problem) };
}

/** A problem that its caller can mend; undefined for what failed here. */
function problemOf(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (error instanceof CursorError) {
    return new ProblemError('bad-request', 'Give `next` as the page before gave it.');
  }
  return undefined;
}

/** Serves a call whose caller may make it. */
async function serve<Name extends EndpointName>(
  name: Name,
  call: ApiCall<Name>,
  work: Serve<Name>,
): Promise<KeptAnswer> {
  const answer = await work(call);
  return { status: ENDPOINTS[name].status, body: JSON.stringify(answer) };
}

/** Serves a write once; its repeat gets the first answer, a refusal too. */
async function serveOnce(
  id: string,
  fingerprint: string,
  requestId: string,
  { ledger, now }: AnswerPorts,
  work: () => Promise<KeptAnswer>,
): Promise<KeptAnswer> {
  const begun = await ledger.begin(id, fingerprint, now());
  switch (begun.kind) {
    case 'done':
      return begun.answer;
    case 'in-progress':
      throw new ProblemError('in-progress', 'Ask again in a moment, with the same key.');
    case 'another':
      throw new ProblemError('key-reused', 'Choose another idempotency key for another request.');
    case 'new':
  }
  let answer: KeptAnswer;
  try {
    answer = await work();
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined) {
      await ledger.forget(id);
      throw error;
    }
    answer = refusalOf(problem, requestId);
  }
  await ledger.finish(id, answer);
  return answer;
}

const digest = (...parts: readonly string[]) => hash('sha256', JSON.stringify(parts), 'base64url');

/** The endpoints of a function by API Gateway's names for their routes. */
function routesOf<Names extends EndpointName>(servers: Servers<Names>) {
  return new Map(
    (Object.keys(servers) as Names[]).map((name) => [routeKeyOf(ENDPOINTS[name]), name]),
  );
}

/**
 * Makes a function of endpoints: checks who calls and with what, serves writes once, and answers every error with
 * problem details (RFC 9457).
 */
export function createApi<Names extends EndpointName>(servers: Servers<Names>, ports: AnswerPorts) {
  const routes = routesOf(servers);

  async function answer(event: ApiEvent): Promise<KeptAnswer> {
    const name = routes.get(event.routeKey);
    if (name === undefined) throw new ProblemError('not-found', 'There is no such endpoint.');
    const endpoint: Endpoint = ENDPOINTS[name];
    const requestId = event.requestContext.requestId;
    const isOpen = endpoint.who === 'anybody';
    const officer = isOpen ? NOBODY : callerOf(event);
    if (!mayCall(officer, endpoint)) {
      throw new ProblemError('not-allowed', `This is for ${String(endpoint.who)}.`);
    }
    const parts = partsOf(event, endpoint);
    const isWrite = endpoint.method === 'POST';
    const key = isWrite ? idempotencyKeyOf(event) : '';
    const id = digest(officer.name, key);
    const from = event.requestContext.http.sourceIp;
    const call = { ...parts, officer, key: id.slice(0, 22), now: ports.now(), from };
    const work = () => serve(name, call as unknown as ApiCall<Names>, servers[name]);
    if (!isWrite || NEVER_KEPT.has(name)) return work();
    const fingerprint = digest(event.routeKey, JSON.stringify(parts));
    return serveOnce(id, fingerprint, requestId, ports, work);
  }

  return async (event: ApiEvent): Promise<APIGatewayProxyStructuredResultV2> => {
    const { requestId } = event.requestContext;
    const about = { requestId, route: event.routeKey };
    try {
      return responseOf(await answer(event));
    } catch (error) {
      const problem = problemOf(error);
      if (problem !== undefined) {
        ports.report('refused', { ...about, problem: problem.code });
        return responseOf(refusalOf(problem, requestId));
      }
      ports.report('failed', { ...about, error });
      const internal = new ProblemError('internal', 'It was logged; try again with the same key.');
      return responseOf(refusalOf(internal, requestId));
    }
  };
}

const NOBODY: Officer = { name: '', groups: [], districts: [] };
