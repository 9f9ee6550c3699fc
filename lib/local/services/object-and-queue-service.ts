import { buildApp } from 'fauxqs';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsRequest, AwsResponse } from '../gateway/aws-request.ts';
import type { AwsService, Permission } from '../gateway/aws-service.ts';
import type { JsonObject } from '../json-value.ts';
import { arnOf, type CloudIdentity, nameFromArn } from './aws-names.ts';
import { openFauxqsStores } from './fauxqs-stores.ts';
import { s3Permissions } from './s3-permissions.ts';

/** SQS and S3, both by fauxqs, in-process. */
export interface ObjectAndQueueService {
  sqs: AwsService;
  s3: AwsService;
  /** @returns the queue's URL. */
  createQueue(name: string, attributes: Record<string, string>): Promise<string>;
  createBucket(name: string): Promise<void>;
  /** Messages of each queue that a receiver could have now, by its name. */
  visibleMessages(): Promise<Map<string, number>>;
  /** For other services, which read objects as they may. @throws AwsError when there is no such object */
  readObject(bucket: string, key: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** Operations whose batch form is authorized as the single one. */
const batchOperations: Record<string, string> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

function sqsPermissions(request: AwsRequest, cloud: CloudIdentity): Permission[] {
  const { operation, parameters } = request;
  const action = `sqs:${batchOperations[operation] ?? operation}`;
  const queue = parameters.QueueUrl ?? parameters.QueueName;
  const resource = typeof queue === 'string' ? arnOf(cloud, 'sqs', nameFromArn(queue)) : '*';
  return [{ action, resource }];
}

/**
 * @param onSend told the name of each queue that got messages.
 */
export async function startObjectAndQueueService(options: {
  cloud: CloudIdentity;
  /** Where queues and objects are kept for the next start; undefined keeps them in memory. */
  folder: string | undefined;
  endpoint(): string;
  onSend(queueName: string): void;
}): Promise<ObjectAndQueueService> {
  const { cloud } = options;
  const kept = await openFauxqsStores(options.folder);
  const app = buildApp({
    logger: false,
    defaultRegion: cloud.region,
    ...(kept !== undefined && { stores: kept.stores }),
  });
  kept?.closeWith(app);
  await app.ready();

  const inject = async (
    request: Pick<AwsRequest, 'method' | 'url' | 'headers' | 'body'>,
  ): Promise<AwsResponse> => {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers)) {
      if (typeof value === 'string' && !name.startsWith(':')) headers[name] = value;
    }
    headers.host = new URL(options.endpoint()).host;
    const answer = await app.inject({
      method: request.method as 'GET',
      url: request.url,
      headers,
      ...(request.body.length > 0 ? { payload: request.body } : {}),
    });
    const answered: Record<string, string> = {};
    for (const [name, value] of Object.entries(answer.headers)) {
      if (value !== undefined) answered[name] = String(value);
    }
    return { status: answer.statusCode, headers: answered, body: answer.rawPayload };
  };

  const administer = async (operation: string, parameters: JsonObject): Promise<JsonObject> => {
    const answer = await inject({
      method: 'POST',
      url: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${operation}`,
        authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/${cloud.region}/sqs/aws4_request`,
      },
      body: Buffer.from(JSON.stringify(parameters)),
    });
    const result = JSON.parse(answer.body.toString()) as JsonObject;
    if (answer.status !== 200) {
      throw new AwsError(String(result.__type), String(result.message), answer.status);
    }
    return result;
  };

  return {
    sqs: {
      permissions: (request) => sqsPermissions(request, cloud),
      async handle(request) {
        const response = await inject(request);
        const { QueueUrl } = request.parameters;
        if (request.operation.startsWith('SendMessage') && typeof QueueUrl === 'string') {
          options.onSend(nameFromArn(QueueUrl));
        }
        return response;
      },
    },
    s3: {
      permissions: (request) => s3Permissions(request, cloud.partition),
      handle: inject,
    },
    async createQueue(name, attributes) {
      await administer('CreateQueue', { QueueName: name, Attributes: attributes });
      // The emulator's own address names a host that need not resolve; clients send to what they are given.
      return `${options.endpoint()}/${cloud.accountId}/${name}`;
    },
    async visibleMessages() {
      const { QueueUrls } = await administer('ListQueues', {});
      const visible = new Map<string, number>();
      for (const url of [QueueUrls ?? []].flat().map(String)) {
        const { Attributes } = await administer('GetQueueAttributes', {
          QueueUrl: url,
          AttributeNames: ['ApproximateNumberOfMessages'],
        });
        const { ApproximateNumberOfMessages: count } = Attributes as JsonObject;
        visible.set(nameFromArn(url), Number(count));
      }
      return visible;
    },
    async createBucket(name) {
      const answer = await inject({
        method: 'PUT',
        url: `/${name}`,
        headers: {},
        body: Buffer.alloc(0),
      });
      if (answer.status !== 200) throw new AwsError('BucketNotCreated', answer.body.toString());
    },
    async readObject(bucket, key) {
      const path = key.split('/').map(encodeURIComponent).join('/');
      const answer = await inject({
        method: 'GET',
        url: `/${bucket}/${path}`,
        headers: {},
        body: Buffer.alloc(0),
      });
      if (answer.status !== 200) {
        throw new AwsError('NoSuchKey', `There is no object ${key} in ${bucket}`, answer.status);
      }
      return Buffer.from(answer.body);
    },
    close: () => app.close(),
  };
}
