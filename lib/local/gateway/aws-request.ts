import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject, type JsonObject } from '../json-value.ts';

/** One call to an AWS API, as the gateway understood it. */
export interface AwsRequest {
  /** Signing name of the service, from the credential scope: `kinesis`, `dynamodb`, `s3`… */
  service: string;
  /** Operation name, such as `PutRecords`; empty for REST services, which read method and path. */
  operation: string;
  /** Empty when the request is not signed, which a few operations of AWS need not be. */
  accessKeyId: string;
  region: string;
  method: string;
  /** Path with query, as sent. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The parameters: the JSON body, or the fields of a query-protocol form. */
  parameters: JsonObject;
}

export interface AwsResponse {
  status: number;
  headers: Record<string, string>;
  /** Each goes into a `set-cookie` header of its own. */
  cookies?: readonly string[];
  body: string | Buffer;
}

const credentialScope =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

/** Services with operations that are called unsigned, by the first part of their `X-Amz-Target`. */
const unsignedTargets: Record<string, string> = {
  AWSCognitoIdentityProviderService: 'cognito-idp',
};

/** Who calls which service; undefined when the request is not one to AWS. */
function readScope(
  headers: IncomingHttpHeaders,
): Pick<AwsRequest, 'accessKeyId' | 'region' | 'service'> | undefined {
  const signed = credentialScope.exec(headers.authorization ?? '');
  if (signed !== null) {
    const [, accessKeyId = '', region = '', service = ''] = signed;
    return { accessKeyId, region, service };
  }
  const target = headers['x-amz-target'];
  const service = unsignedTargets[String(target).split('.')[0] ?? ''];
  return service === undefined ? undefined : { accessKeyId: '', region: '', service };
}

function parseJson(body: Buffer): JsonObject {
  if (body.length === 0) return {};
  const parsed: unknown = JSON.parse(body.toString('utf8'));
  return isJsonObject(parsed) ? parsed : {};
}

function parseForm(body: Buffer): JsonObject {
  return Object.fromEntries(new URLSearchParams(body.toString('utf8')));
}

/**
 * Reads service, operation and caller out of an HTTP request. Signatures are not verified:
 * the access key alone says who calls.
 *
 * @returns undefined when the request is not signed in AWS's way, and to no service that need not be.
 * @throws SyntaxError when a JSON body is not JSON.
 */
export function parseAwsRequest(
  http: { method: string; url: string; headers: IncomingHttpHeaders },
  body: Buffer,
): AwsRequest | undefined {
  const scope = readScope(http.headers);
  if (scope === undefined) return undefined;
  const contentType = http.headers['content-type'] ?? '';
  const base = { ...scope, ...http, body };
  if (scope.service === 's3') return { ...base, operation: '', parameters: {} };
  if (contentType.includes('x-www-form-urlencoded')) {
    const parameters = parseForm(body);
    return { ...base, operation: String(parameters.Action ?? ''), parameters };
  }
  const target = http.headers['x-amz-target'];
  if (typeof target === 'string') {
    const operation = target.slice(target.lastIndexOf('.') + 1);
    return { ...base, operation, parameters: parseJson(body) };
  }
  return { ...base, operation: '', parameters: {} };
}
