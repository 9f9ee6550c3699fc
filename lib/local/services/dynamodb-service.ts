import { Agent, request as httpRequest } from 'node:http';
import { LocalCloudError } from '../errors.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsRequest, AwsResponse } from '../gateway/aws-request.ts';
import type { AwsService } from '../gateway/aws-service.ts';
import type { JsonObject } from '../json-value.ts';
import type { KeptProcesses } from '../kept/processes.ts';
import { arnOf, type CloudIdentity } from './aws-names.ts';
import { dynamoDbPermissions, writtenTables } from './dynamodb-permissions.ts';
import {
  type DynamoDbProcess,
  indexStreamRecords,
  startDynamoDbProcess,
} from './dynamodb-process.ts';

export interface DynamoDbService extends AwsService {
  /** Creates a table unless it exists; answers its ARN and that of its stream. */
  createTable(definition: JsonObject): Promise<{ arn: string; streamArn?: string }>;
  /** To be called once all tables exist and before they are written to. */
  tablesCreated(): Promise<void>;
  close(): Promise<void>;
}

/** The region in dynoxide's ARNs, which no request can change. */
const foreignRegion = ':dynamodb:dynoxide:';

/** Operations whose requests or answers hold ARNs. */
const withArns = new Set([
  'CreateTable',
  'DeleteTable',
  'DescribeStream',
  'DescribeTable',
  'GetShardIterator',
  'ListStreams',
  'UpdateTable',
]);

const passedOn = ['content-type', 'x-amz-target', 'authorization', 'x-amz-date'] as const;

/**
 * DynamoDB and DynamoDB Streams: requests go on to a dynoxide process as they are.
 *
 * @param onWrite told the name of each table that a request may have written to.
 */
export async function startDynamoDbService(options: {
  cloud: CloudIdentity;
  file: string;
  processes: KeptProcesses;
  onWrite(tableName: string): void;
}): Promise<DynamoDbService> {
  const { cloud, file, processes } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const start = async (): Promise<DynamoDbProcess> => {
    const started = await startDynamoDbProcess(file);
    processes.add(started.pid);
    return started;
  };
  await processes.ended(file);
  let database = await start();
  /** By table name. */
  const streams = new Map<string, string>();
  const ownRegion = `:dynamodb:${cloud.region}:`;

  const forward = (headers: Record<string, string>, body: Buffer): Promise<AwsResponse> =>
    new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        {
          host: '127.0.0.1',
          port: database.port,
          method: 'POST',
          path: '/',
          agent,
          headers: { ...headers, 'content-length': body.length },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => {
            const answered: Record<string, string> = {};
            for (const name of ['content-type', 'x-amz-crc32', 'x-amzn-requestid']) {
              const value = incoming.headers[name];
              if (typeof value === 'string') answered[name] = value;
            }
            resolve({
              status: incoming.statusCode ?? 500,
              headers: answered,
              body: Buffer.concat(chunks),
            });
          });
        },
      );
      outgoing.on('error', (cause) =>
        reject(
          new AwsError('InternalServerError', `The local DynamoDB failed: ${cause.message}`, 500),
        ),
      );
      outgoing.end(body);
    });

  const forwardAndNotice = async (
    headers: Record<string, string>,
    request: AwsRequest,
  ): Promise<AwsResponse> => {
    const response = await forward(headers, request.body);
    if (response.status === 200) {
      for (const table of writtenTables(request, cloud)) options.onWrite(table);
    }
    return response;
  };

  const administer = async (operation: string, parameters: JsonObject): Promise<JsonObject> => {
    const response = await forward(
      {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/${cloud.region}/dynamodb/aws4_request, SignedHeaders=host, Signature=0`,
        'x-amz-date': '20260101T000000Z',
      },
      Buffer.from(JSON.stringify(parameters)),
    );
    const answer = JSON.parse(response.body.toString()) as JsonObject;
    if (response.status !== 200) {
      const code = String(answer.__type).split('#').pop() ?? 'InternalServerError';
      throw new AwsError(code, String(answer.message ?? answer.Message ?? ''), response.status);
    }
    return answer;
  };

  return {
    permissions: (request) => dynamoDbPermissions(request, cloud, (table) => streams.get(table)),

    async handle(request) {
      const headers: Record<string, string> = {};
      for (const name of passedOn) {
        const value = request.headers[name];
        if (typeof value === 'string') headers[name] = value;
      }
      if (!withArns.has(request.operation)) return forwardAndNotice(headers, request);
      const inward = request.body.toString().replaceAll(ownRegion, foreignRegion);
      const answer = await forward(headers, Buffer.from(inward));
      const outward = answer.body.toString().replaceAll(foreignRegion, ownRegion);
      const { 'x-amz-crc32': _checksum, ...kept } = answer.headers;
      return { ...answer, headers: kept, body: outward };
    },

    async createTable(definition) {
      try {
        await administer('CreateTable', definition);
      } catch (error) {
        const exists = error instanceof AwsError && error.code === 'ResourceInUseException';
        if (!exists) {
          const why = error instanceof Error ? error.message : String(error);
          throw new LocalCloudError('resource-invalid', `Table ${definition.TableName}: ${why}`, {
            cause: error,
          });
        }
      }
      const described = await administer('DescribeTable', { TableName: definition.TableName });
      const { LatestStreamArn } = described.Table as JsonObject;
      const arn = arnOf(cloud, 'dynamodb', `table/${definition.TableName}`);
      if (typeof LatestStreamArn !== 'string') return { arn };
      const streamArn = LatestStreamArn.replace(foreignRegion, ownRegion);
      streams.set(String(definition.TableName), streamArn);
      return { arn, streamArn };
    },

    async tablesCreated() {
      if (streams.size === 0) return;
      await database.stop();
      indexStreamRecords(file);
      database = await start();
    },

    async close() {
      agent.destroy();
      await database.stop();
    },
  };
}
