import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { AwsResponse } from '../gateway/aws-request.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';

/** Headers that belong to the connection between client and API. */
const dropped = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function readHeaders(given: JsonValue | undefined): Record<string, string> | undefined {
  if (given === undefined || given === null) return {};
  if (!isJsonObject(given)) return undefined;
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (!isScalar(value)) return undefined;
    const lowerCase = name.toLowerCase();
    if (!dropped.has(lowerCase)) headers[lowerCase] = String(value);
  }
  return headers;
}

function canBeSent(headers: Record<string, string>, cookies: readonly string[]): boolean {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    for (const cookie of cookies) validateHeaderValue('set-cookie', cookie);
    return true;
  } catch {
    return false;
  }
}

/** The answer that a function spells out. */
function explicitResponse(given: JsonObject): AwsResponse | undefined {
  const { body = '', cookies = [], isBase64Encoded } = given;
  const status = Number(given.statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined;
  if (body !== null && !isScalar(body)) return undefined;
  if (!Array.isArray(cookies) || !cookies.every((cookie) => typeof cookie === 'string')) {
    return undefined;
  }
  const headers = readHeaders(given.headers);
  if (headers === undefined || !canBeSent(headers, cookies)) return undefined;
  const text = String(body ?? '');
  return {
    status,
    headers: { 'content-type': 'text/plain;charset=UTF-8', ...headers },
    ...(cookies.length === 0 ? {} : { cookies }),
    body: isBase64Encoded === true ? Buffer.from(text, 'base64') : text,
  };
}

/**
 * What a function's result means under payload format 2.0: an answer if it has a status code,
 * else the body of a JSON answer.
 *
 * @returns undefined for an answer that is malformed.
 */
export function proxyResponse(payload: unknown): AwsResponse | undefined {
  const result = payload as JsonValue;
  if (isJsonObject(result) && result.statusCode !== undefined) return explicitResponse(result);
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: typeof result === 'string' ? result : JSON.stringify(result),
  };
}
