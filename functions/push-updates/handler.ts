import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { createDynamoDBClient, createManagementClient } from '../adapters/aws-clients.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { createLiveConnections, postTo } from '../adapters/live-connections.ts';
import { taskOf } from '../adapters/tasks-table.ts';
import { countAll, lambdaHandler, logger } from '../adapters/telemetry.ts';
import { type PushPorts, pushUpdates } from './push-updates.ts';
import type { TaskWrite } from './task-update.ts';

const connections = createLiveConnections(
  createDynamoDBClient(),
  requiredSetting('CONNECTIONS_TABLE_NAME'),
);
const management = createManagementClient(requiredSetting('LIVE_CALLBACK_URL'));
const ports: PushPorts = {
  connections: connections.all,
  post: (connectionId, text) => postTo(management, connectionId, text),
  forget: connections.close,
  onFailure: (message, cause) => logger.warn(message, cause as Error),
};

function writeOf({ dynamodb }: DynamoDBRecord): TaskWrite[] {
  const after = dynamodb?.NewImage as Record<string, AttributeValue> | undefined;
  const before = dynamodb?.OldImage as Record<string, AttributeValue> | undefined;
  if (after === undefined) return [];
  return [{ after: taskOf(after), ...(before !== undefined && { before: taskOf(before) }) }];
}

export const handler = lambdaHandler(
  async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const { failed, sent } = await pushUpdates(Records.flatMap(writeOf), ports, Date.now());
    countAll({ UpdatesSent: sent, UpdatesFailed: failed });
    return { batchItemFailures: [] };
  },
);
