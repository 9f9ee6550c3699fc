import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type CfnApi, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AttributeType } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcard } from './acknowledged-findings.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import { PipelineTable } from './pipeline-table.ts';
import type { StageConfig } from './stage-config.ts';
import { StreamSource } from './stream-source.ts';

const STAGE_NAME = 'live';

export interface LiveUpdatesProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly tasks: PipelineTable;
}

/**
 * Tells officers' pages at once when a task changes. Over a WebSocket API, because an HTTP API buffers an answer
 * whole and ends it after 30 seconds, so that no stream of events gets through it.
 *
 * WebSocket APIs take no JWT authorizer, and a token in an address would end up in logs. So a page brings a ticket,
 * which it got from the officers' API for its token, and which opens one connection within a minute.
 */
export class LiveUpdates extends Construct {
  /** Open connections, and tickets not used yet, which are known by hash only. */
  readonly connections: PipelineTable;
  readonly connect: PipelineFunction;
  readonly push: PipelineFunction;
  readonly source: StreamSource;
  /** Where pages connect, `wss://…`. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: LiveUpdatesProps) {
    super(scope, id);
    const { config, key, tasks } = props;
    this.connections = new PipelineTable(this, 'Connections', {
      config,
      key,
      partitionKey: { name: 'connectionId', type: AttributeType.STRING },
    });
    const CONNECTIONS_TABLE_NAME = this.connections.table.tableName;
    this.connect = new PipelineFunction(this, 'Connect', {
      name: 'live-connections',
      description: 'Forewarn: lets pages with a ticket connect for live updates',
      config,
      key,
      environment: { CONNECTIONS_TABLE_NAME },
    });
    this.connections.allowItems(this.connect, 'dynamodb:DeleteItem', 'dynamodb:PutItem');
    const api = this.api();
    const stage = new WebSocketStage(this, 'Stage', {
      webSocketApi: api,
      stageName: STAGE_NAME,
      autoDeploy: true,
      throttle: {
        rateLimit: config.officers.requests.perSecond,
        burstLimit: config.officers.requests.burst,
      },
    });
    acknowledge(
      stage,
      'APIG1',
      'A WebSocket API logs accesses only under a role that is set for the whole account and region. ' +
        'The function counts and logs every connection itself.',
    );
    this.url = `${api.apiEndpoint}/${STAGE_NAME}`;
    this.push = new PipelineFunction(this, 'Push', {
      name: 'push-updates',
      description: 'Forewarn: tells the pages of officers that a task changed',
      config,
      key,
      environment: { CONNECTIONS_TABLE_NAME, LIVE_CALLBACK_URL: stage.callbackUrl },
    });
    this.connections.allowItems(this.push, 'dynamodb:DeleteItem', 'dynamodb:Scan');
    this.allowPushing(api);
    this.source = new StreamSource(this, 'TaskUpdates', {
      name: 'task-updates',
      config,
      from: tasks,
      consumer: this.push,
      changesToo: true,
    });
  }

  private api(): WebSocketApi {
    const integration = (id: string) => new WebSocketLambdaIntegration(id, this.connect.function);
    const api = new WebSocketApi(this, 'Api', {
      apiName: `${Stack.of(this).stackName}-live`,
      description: 'Forewarn: live updates for officers',
      connectRouteOptions: { integration: integration('Connect') },
      disconnectRouteOptions: { integration: integration('Disconnect') },
    });
    acknowledge(
      api,
      'APIG4',
      'The function behind $connect lets in who brings a ticket that the officers’ API gave to an ' +
        'officer, once and within a minute; $disconnect needs an open connection.',
    );
    return api;
  }

  private allowPushing(api: WebSocketApi): void {
    const stack = Stack.of(this);
    const connections = `${STAGE_NAME}/POST/@connections/*`;
    this.push.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['execute-api:ManageConnections'],
        resources: [
          stack.formatArn({
            service: 'execute-api',
            resource: api.apiId,
            resourceName: connections,
            arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
          }),
        ],
      }),
    );
    const apiId = stack.getLogicalId(api.node.defaultChild as CfnApi);
    acknowledgeWildcard(
      this.push.role,
      `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${apiId}>/${connections}`,
      'The last part is the id of a connection, which API Gateway makes up when a page connects.',
    );
  }
}
