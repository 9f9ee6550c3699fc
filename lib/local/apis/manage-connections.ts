import { AwsError } from '../gateway/aws-error.ts';
import type { AwsRequest } from '../gateway/aws-request.ts';
import type { AwsService } from '../gateway/aws-service.ts';
import { arnOf, type CloudIdentity } from '../services/aws-names.ts';
import type { Connection, WebSocketApi, WebSocketConnections } from './websocket-api.ts';

const managementPath =
  /^(?:\/_aws\/execute-api\/(?<apiId>[^/]+)\/(?<stage>[^/]+))?\/(?:@|%40)connections\/(?<id>[^/?]+)$/i;

const largestMessage = 128 * 1_024;

/** Which connection a request is about, and by which stage it was asked for. */
interface Target {
  id: string;
  apiId: string;
  stage: string;
}

/**
 * The management API of WebSocket connections (`execute-api`), at a stage's own address, or at the
 * root of the endpoint where the connection's id alone says which.
 */
export function createConnectionsService(options: {
  cloud: CloudIdentity;
  connections: WebSocketConnections;
  webSocketApis(): Iterable<WebSocketApi>;
  now(): number;
}): AwsService {
  const { cloud, connections } = options;

  const someStage = (): Pick<Target, 'apiId' | 'stage'> => {
    for (const { id: apiId, stages } of options.webSocketApis()) {
      for (const stage of stages.keys()) return { apiId, stage };
    }
    return { apiId: '*', stage: '*' };
  };
  const targetOf = ({ url }: AwsRequest): Target | undefined => {
    const { apiId, stage, id: encoded } = managementPath.exec(url)?.groups ?? {};
    if (encoded === undefined) return undefined;
    const id = decodeURIComponent(encoded);
    if (apiId !== undefined && stage !== undefined) return { id, apiId, stage };
    // An id that was never given out is judged as one of ours that is gone.
    const { apiId: owner, stage: place } = connections.ownerOf(id) ?? someStage();
    return { id, apiId: owner, stage: place };
  };
  const openConnection = ({ id, apiId, stage }: Target): Connection => {
    const connection = connections.open.get(id);
    const { facts, socket } = connection ?? {};
    if (
      connection === undefined ||
      facts?.apiId !== apiId ||
      facts.stage !== stage ||
      socket?.readyState !== socket?.OPEN
    ) {
      throw new AwsError('GoneException', 'The connection is gone', 410);
    }
    return connection;
  };

  const post = async (target: Target, body: Buffer): Promise<void> => {
    if (body.length > largestMessage) {
      throw new AwsError('PayloadTooLargeException', 'Payload Too Large', 413);
    }
    const connection = openConnection(target);
    connection.lastActiveAt = options.now();
    await new Promise<void>((resolve, reject) => {
      connection.socket.send(body.toString(), (error) =>
        error == null
          ? resolve()
          : reject(new AwsError('GoneException', 'The connection is gone', 410)),
      );
    });
  };

  return {
    permissions(request) {
      const target = targetOf(request);
      if (target === undefined) return [];
      const { apiId, stage, id } = target;
      const path = `${apiId}/${stage}/${request.method}/@connections/${id}`;
      return [
        { action: 'execute-api:ManageConnections', resource: arnOf(cloud, 'execute-api', path) },
      ];
    },
    async handle(request) {
      const target = targetOf(request);
      if (target !== undefined && request.method === 'POST') {
        await post(target, request.body);
        return { status: 200, headers: {}, body: '' };
      }
      if (target !== undefined && request.method === 'DELETE') {
        openConnection(target).socket.close();
        return { status: 204, headers: {}, body: '' };
      }
      if (target !== undefined && request.method === 'GET') {
        const { facts, lastActiveAt } = openConnection(target);
        return {
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            connectedAt: new Date(facts.connectedAt).toISOString(),
            identity: { sourceIp: '127.0.0.1', userAgent: facts.userAgent },
            lastActiveAt: new Date(lastActiveAt).toISOString(),
          }),
        };
      }
      throw new AwsError('ForbiddenException', 'Forbidden', 403);
    },
  };
}
