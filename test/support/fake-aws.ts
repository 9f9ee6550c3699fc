import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers one operation of a JSON service; throws `{ name, message }` to answer with an error. */
export type JsonOperation = (input: Record<string, unknown>) => unknown;

/** A few answers of AWS behind one address: stack outputs, a bucket's objects, and JSON operations. */
export interface FakeAws {
  readonly environment: Readonly<Record<string, string>>;
  readonly objects: Map<string, string>;
  close(): Promise<void>;
}

/**
 * @param outputs of the only stack there is, Forewarn-dev
 * @param operations by their X-Amz-Target, such as `DynamoDB_20120810.GetItem`
 */
export async function startFakeAws(
  outputs: Readonly<Record<string, string>>,
  operations: Readonly<Record<string, JsonOperation>>,
): Promise<FakeAws> {
  const objects = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const target = request.headers['x-amz-target'];
    const url = new URL(request.url ?? '/', 'http://fake');
    const answer = (status: number, type: string, text: string) =>
      response.writeHead(status, { 'content-type': type }).end(text);
    if (typeof target === 'string') {
      try {
        const output = operations[target]?.(JSON.parse(body));
        answer(200, 'application/x-amz-json-1.1', JSON.stringify(output ?? {}));
      } catch (error) {
        const { name, message } = error as Error;
        answer(400, 'application/x-amz-json-1.1', JSON.stringify({ __type: name, message }));
      }
    } else if (body.includes('Action=DescribeStacks')) {
      const known = body.includes('StackName=Forewarn-dev');
      answer(known ? 200 : 400, 'text/xml', known ? stackXml(outputs) : NO_STACK);
    } else if (url.searchParams.get('list-type') === '2') {
      const prefix = url.searchParams.get('prefix') ?? '';
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
      answer(200, 'application/xml', listXml(keys));
    } else {
      const key = decodeURIComponent(url.pathname).split('/').slice(2).join('/');
      if (request.method === 'DELETE') {
        objects.delete(key);
        response.writeHead(204).end();
      } else {
        const found = objects.get(key);
        answer(found === undefined ? 404 : 200, 'application/xml', found ?? NO_KEY);
      }
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    objects,
    environment: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const NO_KEY = '<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>';
const NO_STACK =
  '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id X does not exist</Message></Error></ErrorResponse>';

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function stackXml(outputs: Readonly<Record<string, string>>): string {
  const members = Object.entries(outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>Forewarn-dev</StackName><CreationTime>2026-11-23T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}

function listXml(keys: readonly string[]): string {
  const contents = keys.map((key) => `<Contents><Key>${key}</Key></Contents>`);
  return `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`;
}
