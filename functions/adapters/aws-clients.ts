import { ApiGatewayManagementApiClient } from '@aws-sdk/client-apigatewaymanagementapi';
import { AppConfigDataClient } from '@aws-sdk/client-appconfigdata';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { FirehoseClient } from '@aws-sdk/client-firehose';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** A hung connection must cost seconds of a batch, not its whole time. */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 10_000 };

/** A batch waits for its policy, but has one already: a slow answer is not worth much of its time. */
const POLICY_TIMEOUTS = { connectionTimeout: 1_000, requestTimeout: 3_000 };

/** Updates are hints, and one slow page must not keep the others waiting. */
const PUSH_TIMEOUTS = { connectionTimeout: 1_000, requestTimeout: 2_000 };

/** As long as the study's function has. */
const PATIENT_TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 300_000 };

/** HTTP/1: one warm connection serves a function's batches, and every emulator speaks it. */
export const createKinesisClient = () =>
  new KinesisClient({ requestHandler: new NodeHttpHandler(TIMEOUTS) });
export const createFirehoseClient = () =>
  new FirehoseClient({ requestHandler: new NodeHttpHandler(TIMEOUTS) });
export const createDynamoDBClient = () =>
  new DynamoDBClient({ requestHandler: new NodeHttpHandler(TIMEOUTS) });
/** Path style, which emulators on a bare address need and Amazon's own takes as well. */
export const createS3Client = () =>
  new S3Client({
    requestHandler: new NodeHttpHandler(TIMEOUTS),
    forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined,
  });
export const createSecretsManagerClient = () =>
  new SecretsManagerClient({ requestHandler: new NodeHttpHandler(TIMEOUTS) });
export const createSNSClient = () =>
  new SNSClient({ requestHandler: new NodeHttpHandler(TIMEOUTS) });
/** For texts: a request whose answer got lost may have been taken, and one more would be a second text. */
export const createTextingClient = () =>
  new SNSClient({ requestHandler: new NodeHttpHandler(TIMEOUTS), maxAttempts: 1 });
/** An endpoint of its own is where the queues are, whatever host their addresses name. */
export const createSQSClient = () =>
  new SQSClient({
    requestHandler: new NodeHttpHandler(TIMEOUTS),
    useQueueUrlAsEndpoint: process.env.AWS_ENDPOINT_URL === undefined,
  });
export const createSFNClient = () =>
  new SFNClient({ requestHandler: new NodeHttpHandler(TIMEOUTS) });
export const createLambdaClient = () =>
  new LambdaClient({ requestHandler: new NodeHttpHandler(TIMEOUTS) });
/** For functions that take minutes; asking again would only make them begin again. */
export const createPatientLambdaClient = () =>
  new LambdaClient({ requestHandler: new NodeHttpHandler(PATIENT_TIMEOUTS), maxAttempts: 1 });
export const createAppConfigDataClient = () =>
  new AppConfigDataClient({
    requestHandler: new NodeHttpHandler(POLICY_TIMEOUTS),
    maxAttempts: 2,
  });

/** An API's own address; an emulator may give another, which is left as it is. */
const AT_AWS = /^https:\/\/([a-z0-9]+)\.execute-api\.[^/]+\/(.+)$/;

/**
 * Where connections of a WebSocket API are managed: at its own address, or, where everything is elsewhere, at the path
 * by which emulators know an API.
 *
 * @param callbackUrl `https://<api>.execute-api.<region>.amazonaws.com/<stage>`
 * @param elsewhere AWS_ENDPOINT_URL, if it is set
 */
export function managementEndpoint(callbackUrl: string, elsewhere: string | undefined): string {
  const [, api, stage] = AT_AWS.exec(callbackUrl) ?? [];
  if (elsewhere === undefined || api === undefined) return callbackUrl;
  return `${elsewhere.replace(/\/$/, '')}/_aws/execute-api/${api}/${stage}`;
}

/** @param callbackUrl where the connections are managed, the stage included */
export const createManagementClient = (callbackUrl: string) =>
  new ApiGatewayManagementApiClient({
    endpoint: managementEndpoint(callbackUrl, process.env.AWS_ENDPOINT_URL),
    requestHandler: new NodeHttpHandler(PUSH_TIMEOUTS),
    maxAttempts: 2,
  });
export const createAthenaClient = () =>
  new AthenaClient({ requestHandler: new NodeHttpHandler(TIMEOUTS) });
