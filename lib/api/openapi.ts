import type { TObject, TSchema } from 'typebox';
import { ENDPOINTS, type Endpoint } from './endpoints.ts';
import { PROBLEMS, type ProblemCode } from './problem.ts';

const ALWAYS: readonly ProblemCode[] = ['bad-request', 'too-many', 'internal'];
const WITH_TOKEN: readonly ProblemCode[] = ['unauthenticated', 'not-allowed'];
const OF_ONE: readonly ProblemCode[] = ['not-found'];
const OF_WRITES: readonly ProblemCode[] = [
  'key-missing',
  'task-taken',
  'task-closed',
  'task-not-yours',
  'case-closed',
  'no-change',
  'on-other-list',
  'in-progress',
  'too-large',
  'not-json',
  'key-reused',
];

/** The problems that an endpoint may answer with. */
function problemsOf({ method, parameters, who }: Endpoint): ProblemCode[] {
  return [
    ...ALWAYS,
    ...(who === 'anybody' ? [] : WITH_TOKEN),
    ...(parameters === undefined ? [] : OF_ONE),
    ...(method === 'POST' ? OF_WRITES : []),
  ];
}

function parametersIn(place: 'path' | 'query', schema: TObject | undefined) {
  const required: readonly string[] = schema?.required ?? [];
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: plain(property),
    ...('description' in property && { description: property.description }),
  }));
}

/** The schema without what only its validator knows. */
function plain(schema: TSchema): unknown {
  return JSON.parse(JSON.stringify(schema));
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: true,
  description:
    'Chosen by the caller, another for every write: the same again is answered as it was the first time',
  schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{8,64}$' },
};

function answersOf(endpoint: Endpoint) {
  const byStatus = new Map<number, string[]>();
  for (const code of problemsOf(endpoint)) {
    const [status] = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return {
    [endpoint.status]: {
      description: 'Done',
      content: { 'application/json': { schema: plain(endpoint.answer) } },
    },
    ...Object.fromEntries(
      [...byStatus].map(([status, codes]) => [
        status,
        {
          description: codes.join(', '),
          content: {
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          },
        },
      ]),
    ),
  };
}

function operationOf(name: string, endpoint: Endpoint) {
  const { body, method, parameters, query, summary, who } = endpoint;
  const groups = who === 'anybody' ? 'Anybody.' : `Groups: ${who.join(', ')}.`;
  const held = endpoint.heldToDistrict ? ' Officers of a station: their own districts.' : '';
  return {
    operationId: name,
    summary,
    description: `${groups}${held}`,
    security: who === 'anybody' ? [] : [{ idToken: [] }],
    parameters: [
      ...parametersIn('path', parameters),
      ...parametersIn('query', query),
      ...(method === 'POST' ? [IDEMPOTENCY_KEY] : []),
    ],
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: plain(body) } } },
    }),
    responses: answersOf(endpoint),
  };
}

/** The document of the officers' API, from the schemas that check its requests. OpenAPI 3.1. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, endpoint] of Object.entries<Endpoint>(ENDPOINTS)) {
    const path = paths[endpoint.path] ?? {};
    path[endpoint.method.toLowerCase()] = operationOf(name, endpoint);
    paths[endpoint.path] = path;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Forewarn: the officers’ API',
      version: '1.0.0',
      description:
        'Tasks, cases and numbers of an anti-fraud centre. Times are epoch milliseconds. Numbers are masked but for their tail.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      securitySchemes: {
        idToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An ID token of the stage’s Cognito user pool',
        },
      },
      schemas: {
        Problem: {
          type: 'object',
          description: 'Problem details (RFC 9457)',
          required: ['type', 'title', 'status', 'detail'],
          properties: {
            type: {
              type: 'string',
              enum: Object.keys(PROBLEMS).map((code) => `urn:forewarn:problem:${code}`),
            },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
            instance: { type: 'string' },
            faults: { type: 'array', items: { type: 'string' } },
          },
        },
      },
    },
  };
}
