import { Readable } from 'node:stream';
import type { AwsResponse } from './gateway/aws-request.ts';
import type { HttpExchange } from './gateway/gateway-server.ts';

/** The part of an SDK client's outgoing request that matters here. */
interface OutgoingRequest {
  method: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}

function queryString(query: OutgoingRequest['query']): string {
  const search = new URLSearchParams();
  for (const [name, values] of Object.entries(query ?? {})) {
    for (const value of [values].flat()) search.append(name, value ?? '');
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

function bodyBytes(body: unknown): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  throw new TypeError('The local cloud takes no streamed bodies from its own clients');
}

/**
 * A request handler for SDK clients that run in the gateway's own process: the same requests and
 * answers as over a socket, without the socket.
 */
export function createInProcessHandler(
  answer: (exchange: HttpExchange, body: Buffer) => Promise<AwsResponse>,
) {
  return {
    async handle(request: OutgoingRequest) {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(request.headers)) {
        headers[name.toLowerCase()] = value;
      }
      const url = `${request.path}${queryString(request.query)}`;
      const { status, ...response } = await answer(
        { method: request.method, url, headers },
        bodyBytes(request.body),
      );
      return {
        response: {
          statusCode: status,
          headers: response.headers,
          body: Readable.from([Buffer.from(response.body)]),
        },
      };
    },
    updateHttpClientConfig(): void {
      // There is no socket to configure.
    },
    httpHandlerConfigs: () => ({}),
  };
}
