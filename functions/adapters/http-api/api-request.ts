import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { type TObject, type TSchema, Type } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import type { Endpoint } from '../../../lib/api/endpoints.ts';
import { type Officer, officerOf, type TokenClaims } from '../../../lib/api/officer.ts';
import { ProblemError } from '../../../lib/api/problem.ts';
import { schemaProblems } from '../../../lib/domain/schema-problems.ts';

/** As an HTTP API hands a request to its function, in payload format 2.0; without a token where the route asks none. */
export type ApiEvent = Omit<APIGatewayProxyEventV2WithJWTAuthorizer, 'requestContext'> & {
  readonly requestContext: Omit<
    APIGatewayProxyEventV2WithJWTAuthorizer['requestContext'],
    'authorizer'
  > & { readonly authorizer?: { readonly jwt: { readonly claims: Record<string, unknown> } } };
};

/** A request's parts, each as its schema has it. */
export interface ApiParts {
  readonly parameters: object;
  readonly query: object;
  readonly body: object;
}

/** API Gateway takes 10 MB; nothing that an officer writes by hand comes near this. */
const MOST_BYTES = 16 * 1024;
const KEY = /^[A-Za-z0-9_-]{8,64}$/;
const NOTHING = Type.Object({}, { additionalProperties: false });

const validators = new WeakMap<TSchema, Validator>();

function validatorOf(schema: TSchema): Validator {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const compiled = Compile(schema);
  validators.set(schema, compiled);
  return compiled;
}

function checked(value: unknown, schema: TObject | undefined, what: string): object {
  const validator = validatorOf(schema ?? NOTHING);
  if (validator.Check(value)) return value as object;
  const faults = schemaProblems(validator.Errors(value), what).slice(0, 20);
  throw new ProblemError('bad-request', `The ${what} is not as it should be.`, faults);
}

function bytesOf({ body = '', isBase64Encoded }: ApiEvent, mostBytes = MOST_BYTES): Buffer {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > mostBytes) {
    throw new ProblemError('too-large', `A request may have ${mostBytes} bytes at the most.`);
  }
  return bytes;
}

function jsonOf(event: ApiEvent, mostBytes: number | undefined): unknown {
  const bytes = bytesOf(event, mostBytes);
  const type = event.headers['content-type'] ?? '';
  if (!/^application\/json(;|$)/i.test(type.trim())) {
    throw new ProblemError('not-json', 'Send the body as application/json.');
  }
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new ProblemError('not-json', 'The body is not JSON.');
  }
}

/**
 * Reads a request by the schemas of its endpoint.
 *
 * @throws {ProblemError} that says what is wrong with it
 */
export function partsOf(
  event: ApiEvent,
  { body, mostBytes, parameters, query }: Endpoint,
): ApiParts {
  // What is not asked for must not be there: a body that nobody reads would hide a mistake.
  const read = body === undefined && bytesOf(event).length === 0 ? {} : jsonOf(event, mostBytes);
  return {
    parameters: checked(event.pathParameters ?? {}, parameters, 'path'),
    query: checked(event.queryStringParameters ?? {}, query, 'query'),
    body: checked(read, body, 'body'),
  };
}

/**
 * Who calls, by the claims that the authorizer has verified.
 *
 * @throws {ProblemError} where they name nobody
 */
export function callerOf(event: ApiEvent): Officer {
  const claims = event.requestContext.authorizer?.jwt.claims ?? {};
  const texts: TokenClaims = Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [name, String(value)]),
  );
  const officer = officerOf(texts);
  if (officer === undefined) {
    throw new ProblemError('unauthenticated', 'Call with an ID token of the user pool.');
  }
  return officer;
}

/** @throws {ProblemError} where a write names itself badly or not at all */
export function idempotencyKeyOf({ headers }: ApiEvent): string {
  const key = headers['idempotency-key'] ?? '';
  if (KEY.test(key)) return key;
  throw new ProblemError(
    'key-missing',
    'Send a header Idempotency-Key of 8 to 64 letters, digits, - and _; another for every write.',
  );
}
