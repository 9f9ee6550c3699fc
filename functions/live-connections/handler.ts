import { createDynamoDBClient } from '../adapters/aws-clients.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { createLiveConnections } from '../adapters/live-connections.ts';
import { countAll, lambdaHandler, logger } from '../adapters/telemetry.ts';
import { answerConnection, type ConnectionEvent } from './answer-connection.ts';

const connections = createLiveConnections(
  createDynamoDBClient(),
  requiredSetting('CONNECTIONS_TABLE_NAME'),
);

export const handler = lambdaHandler(async (event: ConnectionEvent) => {
  const answered = await answerConnection(event, connections, Date.now());
  const { connectionId } = event.requestContext;
  logger.info('a page for live updates', { connectionId, ...answered });
  countAll({
    ConnectionsOpened: answered.result === 'opened' ? 1 : 0,
    ConnectionsRefused: answered.result === 'refused' ? 1 : 0,
  });
  return { statusCode: answered.result === 'refused' ? 401 : 200 };
});
