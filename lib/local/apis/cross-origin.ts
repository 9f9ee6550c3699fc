import type { IncomingHttpHeaders } from 'node:http';

/** `CorsConfiguration` of an HTTP API. */
export interface CrossOriginRules {
  origins: readonly string[];
  methods: readonly string[];
  headers: readonly string[];
  exposedHeaders: readonly string[];
  maxAgeSeconds?: number;
  credentials: boolean;
}

/** `*`, `https://*` and `http://*` stand for all origins, or all of a scheme. */
function allows({ origins }: CrossOriginRules, origin: string): boolean {
  return origins.some(
    (allowed) =>
      allowed === origin || (allowed.endsWith('*') && origin.startsWith(allowed.slice(0, -1))),
  );
}

function list(name: string, values: readonly string[]): Record<string, string> {
  return values.length === 0 ? {} : { [name]: values.join(',') };
}

export function isPreflight(method: string, headers: IncomingHttpHeaders): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}

/** What the API adds to the answer of an integration; nothing for an origin that is not allowed. */
export function crossOriginHeaders(
  rules: CrossOriginRules,
  origin: string | undefined,
): Record<string, string> {
  if (origin === undefined || !allows(rules, origin)) return {};
  return {
    'access-control-allow-origin': rules.origins.includes('*') ? '*' : origin,
    ...(rules.credentials ? { 'access-control-allow-credentials': 'true' } : {}),
    ...list('access-control-expose-headers', rules.exposedHeaders),
  };
}

/** The headers of the answer to a preflight request. */
export function preflightHeaders(
  rules: CrossOriginRules,
  origin: string | undefined,
): Record<string, string> {
  const headers = crossOriginHeaders(rules, origin);
  if (Object.keys(headers).length === 0) return {};
  const { maxAgeSeconds } = rules;
  return {
    ...headers,
    ...list('access-control-allow-methods', rules.methods),
    ...list('access-control-allow-headers', rules.headers),
    ...(maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(maxAgeSeconds) }),
  };
}
