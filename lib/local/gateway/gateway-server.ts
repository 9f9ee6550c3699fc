import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AwsResponse } from './aws-request.ts';

export interface HttpExchange {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  /** Names and values in turn, as sent; absent where the caller is in our own process. */
  rawHeaders?: readonly string[];
}

export interface GatewayServer {
  /** Such as `http://127.0.0.1:4510`. */
  endpoint: string;
  close(): Promise<void>;
}

// The largest request of the services behind the gateway is a multipart upload of S3.
const maxBodyBytes = 64 * 1024 * 1024;

async function readBody(stream: AsyncIterable<Buffer>): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
}

/** HTTP/2 forbids the headers that speak of one connection. */
const connectionHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

function send(
  reply: ServerResponse | Http2ServerResponse,
  method: string,
  response: AwsResponse,
): void {
  reply.statusCode = response.status;
  for (const [name, value] of Object.entries(response.headers)) {
    if (!connectionHeaders.has(name)) reply.setHeader(name, value);
  }
  if (response.cookies !== undefined) reply.setHeader('set-cookie', response.cookies);
  // A HEAD answer describes a body that it does not carry.
  if (method === 'HEAD') {
    reply.end();
    return;
  }
  const body = typeof response.body === 'string' ? Buffer.from(response.body) : response.body;
  reply.setHeader('content-length', body.length);
  reply.end(body);
}

/**
 * Listens on 127.0.0.1 and speaks HTTP/1.1 and clear-text HTTP/2 on the same port: most AWS SDK
 * clients use the first, the Kinesis client the second.
 *
 * @param upgrade gets the requests that ask for a WebSocket, each with its socket.
 */
export async function startGatewayServer(
  port: number,
  answer: (exchange: HttpExchange, body: Buffer) => Promise<AwsResponse>,
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>,
): Promise<GatewayServer> {
  const onRequest = async (
    request: IncomingMessage | Http2ServerRequest,
    reply: ServerResponse | Http2ServerResponse,
  ): Promise<void> => {
    const method = request.method ?? 'GET';
    try {
      const body = await readBody(request);
      if (body === undefined) {
        send(reply, method, { status: 413, headers: {}, body: '' });
        return;
      }
      const { url = '/', headers, rawHeaders } = request;
      const exchange = { method, url, headers, rawHeaders };
      send(reply, method, await answer(exchange, body));
    } catch {
      // The caller went away in the middle of its request (a killed function): nobody to tell.
      reply.destroy();
    }
  };
  const http1 = createHttpServer(
    {
      keepAliveTimeout: 60_000,
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    },
    onRequest,
  );
  http1.on('upgrade', (request, socket, head) => {
    upgrade(request, socket, head).catch(() => socket.destroy());
  });
  const http2 = createHttp2Server({}, onRequest);
  // A killed function breaks its session off; its socket's own handler below ends what is left.
  http2.on('sessionError', () => undefined);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      // The HTTP/2 preface starts with "PRI", which is no HTTP/1 method.
      const target = first.subarray(0, 3).toString('latin1') === 'PRI' ? http2 : http1;
      target.emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
