import {
  type Answers,
  type BodyOf,
  ENDPOINTS,
  type Endpoint,
  type EndpointName,
  type ParametersOf,
  type QueryOf,
} from './endpoints.ts';
import type { ProblemDetails } from './problem.ts';

/** How to reach the API. */
export interface OfficersClientOptions {
  /** Without a slash at its end. */
  readonly url: string;
  /** An ID token that is good now. */
  readonly idToken: () => Promise<string>;
  readonly fetch?: typeof globalThis.fetch;
  /** Names a write, so that its repeat is known for one. */
  readonly newKey: () => string;
}

/** What goes into a call; parts that an endpoint does not have stay away. */
export interface CallParts<Name extends EndpointName> {
  readonly parameters?: ParametersOf<Name>;
  readonly query?: QueryOf<Name>;
  readonly body?: BodyOf<Name>;
  /** For a repeat of a write: the key it had the first time. */
  readonly key?: string;
  readonly signal?: AbortSignal;
}

/** The API refused. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code = 'REFUSED';
  readonly problem: ProblemDetails;

  constructor(problem: ProblemDetails) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Calls an endpoint by its name. @throws {RefusedError} with the problem that the API answered */
export type OfficersClient = <Name extends EndpointName>(
  name: Name,
  parts?: CallParts<Name>,
) => Promise<Answers[Name]>;

function pathOf({ path }: Endpoint, parameters: Readonly<Record<string, unknown>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(parameters[name] ?? '')),
  );
}

function queryOf(query: Readonly<Record<string, unknown>>): string {
  const set = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(
    set.map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
  return text === '' ? '' : `?${text}`;
}

/** What API Gateway itself refuses has a message and no more. */
function problemOf(status: number, body: unknown): ProblemDetails {
  if (typeof body === 'object' && body !== null && 'type' in body && 'detail' in body) {
    return body as ProblemDetails;
  }
  const message = (body as { message?: unknown } | null)?.message;
  const title = typeof message === 'string' ? message : `The API answered ${status}`;
  const type =
    status === 401 ? 'unauthenticated' : status === 429 ? 'too-many' : ('internal' as const);
  return { type: `urn:forewarn:problem:${type}`, title, status, detail: title };
}

/** The connection broke off within the answer, or something else than the API answered in its place. */
const UNREADABLE: ProblemDetails = {
  type: 'urn:forewarn:problem:internal',
  title: 'The answer cannot be read',
  status: 502,
  detail: 'The answer cannot be read',
};

/** The API over HTTP, typed by its endpoints. */
export function createOfficersClient({
  fetch = globalThis.fetch,
  idToken,
  newKey,
  url,
}: OfficersClientOptions): OfficersClient {
  return async (name, { body, key, parameters, query, signal } = {}) => {
    const endpoint: Endpoint = ENDPOINTS[name];
    const isWrite = endpoint.method === 'POST';
    const response = await fetch(
      `${url}${pathOf(endpoint, parameters ?? {})}${queryOf(query ?? {})}`,
      {
        method: endpoint.method,
        headers: {
          ...(endpoint.who !== 'anybody' && { authorization: `Bearer ${await idToken()}` }),
          ...(isWrite && { 'idempotency-key': key ?? newKey() }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
      },
    );
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw new RefusedError(problemOf(response.status, answer));
    if (answer === undefined) throw new RefusedError(UNREADABLE);
    return answer as Answers[typeof name];
  };
}
