import { randomUUID } from 'node:crypto';
import type { JsonValue } from '../json-value.ts';
import type { AwsRequest, AwsResponse } from './aws-request.ts';

/** One IAM action on one resource that a request needs. */
export interface Permission {
  /** Such as `kinesis:PutRecords`. */
  action: string;
  /** An ARN, or `*` for actions without a resource. */
  resource: string;
  /** Condition keys that this request has beside those of every request. */
  context?: Record<string, string>;
}

/** An emulated AWS service behind the gateway. */
export interface AwsService {
  /** Operations that everybody may call, signed or not; all others must be signed. */
  readonly unsigned?: ReadonlySet<string>;
  /** What IAM must grant the caller before `handle` runs. */
  permissions(request: AwsRequest): Permission[];
  handle(request: AwsRequest): Promise<AwsResponse>;
}

export function jsonResponse(value: JsonValue, status = 200): AwsResponse {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() },
    body: JSON.stringify(value),
  };
}

/** The answer of a query-protocol operation, around the XML of its result. */
export function queryResponse(operation: string, result: string): AwsResponse {
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: `<${operation}Response><${operation}Result>${result}</${operation}Result><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${operation}Response>`,
  };
}
