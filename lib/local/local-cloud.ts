import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { createApiGateway } from './apis/api-gateway.ts';
import { LocalCloudError } from './errors.ts';
import { createEventSourceClients } from './event-source-clients.ts';
import { createEventSource } from './event-sources/create-event-source.ts';
import type { EventSource } from './event-sources/event-source.ts';
import { createAsynchronousInvocations } from './functions/asynchronous-invocation.ts';
import { createFunctionRuntime } from './functions/function-runtime.ts';
import { AwsError } from './gateway/aws-error.ts';
import type { AwsResponse } from './gateway/aws-request.ts';
import { answerConsolePage } from './gateway/console-pages.ts';
import { dispatchRequest } from './gateway/dispatch-request.ts';
import { createFaultPlan } from './gateway/fault-plan.ts';
import { type HttpExchange, startGatewayServer } from './gateway/gateway-server.ts';
import { createAccessControl } from './iam/access-control.ts';
import type { SessionKey } from './iam/session-key.ts';
import { createInProcessHandler } from './in-process-handler.ts';
import type { JsonObject } from './json-value.ts';
import { createCheckpoints } from './kept/checkpoints.ts';
import { createKeptConfigurations } from './kept/configurations.ts';
import { openDataFolder } from './kept/data-folder.ts';
import { openDatabase } from './kept/database.ts';
import { createDeliveryRows } from './kept/delivery-rows.ts';
import { createKeptExecutions } from './kept/executions.ts';
import { createKeptInvocations } from './kept/invocations.ts';
import { createKeptProcesses } from './kept/processes.ts';
import { createKeptTexts } from './kept/texts.ts';
import type { LocalCloud, LocalCloudOptions } from './local-cloud-options.ts';
import { readEmbeddedMetrics } from './metrics/embedded-metrics.ts';
import { createMetricStore } from './metrics/metric-store.ts';
import { createMonitoring } from './metrics/monitoring.ts';
import { deployTemplate } from './resources/deploy-template.ts';
import type { Deployment, EventSourceMapping } from './resources/deployment.ts';
import { createAppConfigService } from './services/appconfig-service.ts';
import { createAthenaService } from './services/athena-service.ts';
import { arnOf, type CloudIdentity, nameFromArn } from './services/aws-names.ts';
import { createCloudFormationService } from './services/cloudformation-service.ts';
import { createCognitoService } from './services/cognito-service.ts';
import { startDynamoDbService } from './services/dynamodb-service.ts';
import { createFirehoseService } from './services/firehose-service.ts';
import { createKinesisService } from './services/kinesis-service.ts';
import { createLambdaService } from './services/lambda-service.ts';
import { createLogGroups } from './services/log-groups.ts';
import { startObjectAndQueueService } from './services/object-and-queue-service.ts';
import { createSecretsService } from './services/secrets-service.ts';
import { createSmsDeliveryLog, PRICE_USD } from './services/sms-delivery-log.ts';
import { type SmsEnd, SmsInbox, type SmsText } from './services/sms-inbox.ts';
import { createSnsService } from './services/sns-service.ts';
import { createStepFunctionsService } from './services/step-functions-service.ts';
import { createStsService } from './services/sts-service.ts';
import { settle } from './settle.ts';
import { readAssembly } from './template/read-assembly.ts';
import { createTemporaryFolders } from './temporary-folders.ts';
import { createCatalog } from './warehouse/catalog.ts';
import { createObjectMirror } from './warehouse/objects.ts';
import { createSqlEngine } from './warehouse/sql-engine.ts';

export type { LocalCloud, LocalCloudOptions } from './local-cloud-options.ts';

const cloud: CloudIdentity = {
  partition: 'aws',
  region: 'us-east-1',
  accountId: '000000000000',
  urlSuffix: 'amazonaws.com',
};

/** Known to everybody on purpose: it opens nothing but this machine's emulators. */
const administrator = { accessKeyId: 'FOREWARNLOCAL', secretAccessKey: 'forewarn-local' };

/** How long running invocations may go on after `close()`. */
const closingGraceMs = 2_000;

/** The stream, table or queue that an event source reads: its ARN without a table stream's label. */
function sourceName(eventSourceArn: string): string {
  const table = /:table\/([^/]+)\/stream\//.exec(eventSourceArn)?.[1];
  return table === undefined ? nameFromArn(eventSourceArn) : `table/${table}`;
}

/** Closes everything in turn, the last opened first, and reports the first failure at the end. */
function createClosing(): { add(close: () => unknown): void; run(): Promise<void> } {
  const steps: (() => unknown)[] = [];
  let closing: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  return {
    add: (close) => void steps.push(close),
    run: () => (closing ??= run()),
  };
}

/**
 * Runs a synthesized stack on this machine: its functions, streams, tables, queues and workflows
 * behind one endpoint that the real AWS SDK talks to.
 *
 * @throws LocalCloudError when the template holds something that cannot be run faithfully, or a
 * part does not start; what had been started is closed again.
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const closing = createClosing();
  try {
    return await start(options, closing);
  } catch (error) {
    await closing.run();
    throw error;
  }
}

async function start(
  options: LocalCloudOptions,
  closing: ReturnType<typeof createClosing>,
): Promise<LocalCloud> {
  const { stackName } = options;
  const onLog = options.onLog ?? (() => undefined);
  const warn = (line: string): void => onLog('local-cloud', line);
  const assembly = await readAssembly(options.assemblyDir, stackName);
  const folders = await createTemporaryFolders();
  closing.add(folders.remove);
  const data =
    options.dataDir === undefined
      ? undefined
      : openDataFolder(options.dataDir, { stackName, version: options.version ?? '' });
  closing.add(() => data?.release());
  const kept = openDatabase(data?.file('cloud.db'));
  closing.add(() => kept.close());
  const checkpoints = createCheckpoints(kept);
  const keptTexts = createKeptTexts(kept);

  const inbox = new SmsInbox(keptTexts);
  const metrics = createMetricStore();
  const faults = createFaultPlan();
  const monitoring = createMonitoring({
    speed: options.alarmSpeed ?? 1,
    now: Date.now,
    publish: (topicArn, subject, message) => sns.publish(topicArn, subject, message),
    log: warn,
  });
  const { record } = monitoring;
  const access = createAccessControl({ accountId: cloud.accountId, warn });
  access.register(administrator.accessKeyId, {
    arn: `arn:${cloud.partition}:iam::${cloud.accountId}:root`,
    used: new Set(),
  });

  const eventSources: { name: string; reads: string; source: EventSource }[] = [];
  const wake = (name: string): void => {
    for (const { reads, source } of eventSources) if (reads === name) source.wake();
  };

  const cognito = createCognitoService({
    cloud,
    endpoint: () => endpoint,
    file: data?.file('user-pools.json'),
    now: Date.now,
  });
  const apiGateway = createApiGateway({
    cloud,
    endpoint: () => endpoint,
    invoke: (functionArn, payload) => runtime.invoke(functionArn, payload),
    now: Date.now,
    record,
  });

  // The gateway comes first: queue addresses and the functions' environment hold its address.
  let outputs: Record<string, string> = {};
  let services: Parameters<typeof dispatchRequest>[2]['services'] = {};
  const answer = (exchange: HttpExchange, body: Buffer): Promise<AwsResponse> =>
    dispatchRequest(exchange, body, { services, access, faults, onInternalError: warn });
  const gateway = await startGatewayServer(
    options.port ?? 0,
    async (exchange, body) =>
      apiGateway.answer(exchange, body) ??
      answerConsolePage(exchange, { inbox, outputs }) ??
      cognito.publicDocument(exchange) ??
      answer(exchange, body),
    apiGateway.upgrade,
  );
  const { endpoint } = gateway;
  closing.add(() => gateway.close());

  const runtime = createFunctionRuntime({
    environment: {
      PATH: process.env.PATH ?? '',
      LANG: 'en_US.UTF-8',
      AWS_REGION: cloud.region,
      AWS_DEFAULT_REGION: cloud.region,
      AWS_ENDPOINT_URL: endpoint,
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    },
    onLine(label, line) {
      const printed = readEmbeddedMetrics(line) ?? [];
      metrics.take(printed);
      monitoring.take(printed);
      onLog(label, line);
    },
    record,
  });
  const kinesis = createKinesisService({
    cloud,
    file: data?.file('streams.db') ?? join(folders.disk, 'streams.db'),
    keep: data !== undefined,
    now: Date.now,
    onWrite: wake,
    recordFault: () => faults.take('kinesis:PutRecords record'),
    record,
  });
  closing.add(() => kinesis.close());
  const [dynamodb, objectsAndQueues] = await Promise.all([
    startDynamoDbService({
      cloud,
      file: data?.file('tables.db') ?? join(folders.memory, 'tables.db'),
      processes: createKeptProcesses(kept),
      onWrite: (table) => wake(`table/${table}`),
    }),
    startObjectAndQueueService({
      cloud,
      folder: data?.file('objects-and-queues'),
      endpoint: () => endpoint,
      onSend: wake,
    }),
  ]);
  closing.add(() => dynamodb.close());
  closing.add(() => objectsAndQueues.close());
  const secrets = createSecretsService(cloud, data?.file('secrets.json'));
  const appConfig = createAppConfigService(
    cloud,
    (functionArn, payload) => runtime.invoke(functionArn, payload),
    createKeptConfigurations(kept),
    Date.now,
  );
  const sns = createSnsService(inbox, keptTexts, Date.now);
  const asynchronous = createAsynchronousInvocations({
    runtime,
    kept: createKeptInvocations(kept),
    onGivenUp: warn,
  });
  const logs = createLogGroups(cloud.accountId, asynchronous.invoke);
  const stepFunctions = createStepFunctionsService(
    cloud,
    createKeptExecutions(kept),
    () => new Date(),
    record,
  );
  const requestHandler = createInProcessHandler(answer);
  const warehouse = data?.file('warehouse') ?? join(folders.disk, 'warehouse');
  const engine = createSqlEngine(warehouse);
  const catalog = createCatalog();
  const objects = createObjectMirror(join(warehouse, 'buckets'));
  const objectsClient = (key: SessionKey): S3Client =>
    new S3Client({
      endpoint,
      region: cloud.region,
      credentials: key,
      forcePathStyle: true,
      requestHandler,
    });
  const firehose = createFirehoseService({
    cloud,
    folder: join(warehouse, 'deliveries'),
    engine,
    objects,
    rows: createDeliveryRows(kept),
    now: Date.now,
    recordFault: () => faults.take('firehose:PutRecordBatch record'),
    record,
    log: warn,
  });
  const athena = createAthenaService({
    cloud,
    folder: join(warehouse, 'insertions'),
    catalog,
    engine,
    objects,
    // Who asked was let in by his key; the secret part of it is nobody's concern here.
    clientOf: (accessKeyId) => objectsClient({ accessKeyId, secretAccessKey: accessKeyId }),
    now: Date.now,
  });
  const call = async (
    key: SessionKey,
    target: string,
    parameters: JsonObject,
  ): Promise<JsonObject> => {
    const service =
      target
        .replace(/^Amazon/, '')
        .split('.')[0]
        ?.toLowerCase() ?? '';
    const { body, status } = await answer(
      {
        method: 'POST',
        url: '/',
        headers: {
          authorization: `AWS4-HMAC-SHA256 Credential=${key.accessKeyId}/20260101/${cloud.region}/${service}/aws4_request`,
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': target,
        },
      },
      Buffer.from(JSON.stringify(parameters)),
    );
    const answered = JSON.parse(body.toString()) as JsonObject;
    if (status === 200) return answered;
    throw new AwsError(String(answered.__type), String(answered.message), status);
  };
  closing.add(() => engine.close());
  closing.add(() => firehose.close(data !== undefined));
  closing.add(() => athena.close());
  closing.add(() => runtime.close());
  closing.add(() => asynchronous.close());
  closing.add(() => stepFunctions.close());
  closing.add(() => apiGateway.close());

  const createdAt = new Date();
  services = {
    // The data plane signs by the same name.
    appconfig: appConfig,
    athena,
    cloudformation: createCloudFormationService(cloud, () => ({
      name: stackName,
      createdAt,
      outputs,
    })),
    'cognito-idp': cognito,
    dynamodb,
    'execute-api': apiGateway.connections,
    firehose,
    kinesis,
    lambda: createLambdaService(cloud, runtime, asynchronous),
    s3: objectsAndQueues.s3,
    secretsmanager: secrets,
    sns,
    sqs: objectsAndQueues.sqs,
    states: stepFunctions,
    sts: createStsService(cloud.accountId, (key) => access.principal(key)?.arn ?? ''),
  };

  const deployment: Deployment = {
    cloud,
    stackName,
    assembly,
    apiGateway,
    codeDir: join(folders.disk, 'functions'),
    appConfig,
    athena,
    catalog,
    cognito,
    firehose,
    kinesis,
    logs,
    dynamodb,
    objectsAndQueues,
    objectsClient,
    call,
    sns,
    secrets,
    stepFunctions,
    monitoring,
    runtime,
    access,
    roles: new Map(),
    keys: new Map(),
    eventSourceMappings: [],
  };
  const textLog = createSmsDeliveryLog({
    cloud,
    logs,
    statementsOf: (roleArn) => deployment.roles.get(roleArn)?.statements,
    onLogged: keptTexts.logged,
    now: Date.now,
  });
  closing.add(textLog.close);
  const logText = (text: SmsText, end: SmsEnd): void => {
    const { smsAttributes } = sns;
    textLog.record(text, end, {
      roleArn: smsAttributes.get('DeliveryStatusIAMRole'),
      successRate: Number(smsAttributes.get('DeliveryStatusSuccessSamplingRate') ?? 0),
    });
  };
  let spentUsd = 0;
  inbox.on('end', (text, end) => {
    spentUsd += PRICE_USD;
    record({ namespace: 'AWS/SNS', name: 'SMSMonthToDateSpentUSD', dimensions: {} }, spentUsd);
    logText(text, end);
  });
  outputs = await deployTemplate(deployment);
  await dynamodb.tablesCreated();
  if (options.warm) runtime.warm();
  appConfig.resume();
  firehose.resume();
  asynchronous.resume();
  for (const { end, text } of keptTexts.unlogged()) logText(text, end);
  stepFunctions.resume();

  const startEventSource = ({ uuid, functionName, properties }: EventSourceMapping): void => {
    const key = deployment.keys.get(functionName);
    if (key === undefined) {
      throw new LocalCloudError('function-unknown', `An event source feeds ${functionName}`);
    }
    const clients = createEventSourceClients(
      requestHandler,
      endpoint,
      cloud.region,
      cloud.accountId,
      key,
    );
    const reads = sourceName(properties.EventSourceArn);
    const name = `${reads} to ${functionName}`;
    const source = createEventSource(properties, {
      uuid,
      functionArn: arnOf(cloud, 'lambda', `function:${functionName}`),
      region: cloud.region,
      clients,
      checkpoints: checkpoints(uuid),
      invoke: (payload) => runtime.invoke(functionName, JSON.stringify(payload)),
      now: Date.now,
      log: (line) => warn(`${name}: ${line}`),
      record,
    });
    closing.add(() => clients.destroy());
    eventSources.push({ name, reads, source });
    source.start();
  };
  for (const mapping of deployment.eventSourceMappings) startEventSource(mapping);
  closing.add(async () => {
    // Running invocations may finish in peace, but not hold us up.
    const hurry = setTimeout(() => void runtime.close(), closingGraceMs);
    await Promise.all(eventSources.map(({ source }) => source.stop()));
    clearTimeout(hurry);
  });

  monitoring.addGauge(async (measure) => {
    for (const [QueueName, messages] of await objectsAndQueues.visibleMessages()) {
      const name = 'ApproximateNumberOfMessagesVisible';
      measure({ namespace: 'AWS/SQS', name, dimensions: { QueueName } }, messages);
    }
  });
  monitoring.addGauge(firehose.measure);
  monitoring.start();
  closing.add(() => monitoring.close());

  const usedActions = (): Record<string, string[]> =>
    Object.fromEntries(
      [...deployment.keys].map(([name, { accessKeyId }]) => [
        name,
        [...(access.principal(accessKeyId)?.used ?? [])].sort(),
      ]),
    );

  return {
    endpoint,
    region: cloud.region,
    accountId: cloud.accountId,
    credentials: administrator,
    outputs,
    inbox,
    metrics,
    alarms: monitoring.alarms,
    faults,
    published: sns.published,
    usedActions,
    accessRecord: access.record,
    settled: (deadlineMs = 60_000) =>
      settle(
        {
          sources: eventSources,
          running: () => runtime.running() + textLog.pending() + logs.pending(),
          started: () => runtime.started(),
          workflowsBusy: () => stepFunctions.busy(),
        },
        deadlineMs,
      ),
    deliverBuffered: () => firehose.flush(),
    tokensFor: (clientId, username, now = Date.now()) => cognito.tokensFor(clientId, username, now),
    killFunction: (name) => runtime.kill(name),
    close: () => closing.run(),
  };
}
