import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../json-value.ts';
import type { AwsRequest, AwsResponse } from './aws-request.ts';

/** An error as AWS services answer it; the gateway writes it in the protocol of the request. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** What a JSON service tells beside the message. */
  readonly details: JsonObject;

  constructor(code: string, message: string, status = 400, details: JsonObject = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Answers an error in the wire format of the service that was called. */
export function renderError(
  request: Pick<AwsRequest, 'service' | 'headers'>,
  error: AwsError,
): AwsResponse {
  const requestId = randomUUID();
  const message = escapeXml(error.message);
  if (request.service === 's3') {
    return {
      status: error.status,
      headers: { 'content-type': 'application/xml' },
      body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${error.code}</Code><Message>${message}</Message><RequestId>${requestId}</RequestId></Error>`,
    };
  }
  if ((request.headers['content-type'] ?? '').includes('x-www-form-urlencoded')) {
    const type = error.status >= 500 ? 'Receiver' : 'Sender';
    return {
      status: error.status,
      headers: { 'content-type': 'text/xml' },
      body: `<ErrorResponse><Error><Type>${type}</Type><Code>${error.code}</Code><Message>${message}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    };
  }
  return {
    status: error.status,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-errortype': error.code,
      'x-amzn-requestid': requestId,
    },
    body: JSON.stringify({ __type: error.code, message: error.message, ...error.details }),
  };
}
