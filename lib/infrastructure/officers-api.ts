import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  type CfnStage,
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  type HttpRoute,
  HttpStage,
  LogGroupLogDestination,
  PayloadFormatVersion,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { AttributeType } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENDPOINTS, type Endpoint, type EndpointName, routeKeyOf } from '../api/endpoints.ts';
import { acknowledge } from './acknowledged-findings.ts';
import { AuditTable } from './audit-table.ts';
import type { Campaigns } from './campaigns.ts';
import type { ContactSearch } from './contact-search.ts';
import type { Dissuasion } from './dissuasion.ts';
import type { LiveUpdates } from './live-updates.ts';
import type { NumberLists } from './number-lists.ts';
import type { OfficerPool } from './officer-pool.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { PipelineStream } from './pipeline-stream.ts';
import { PipelineTable } from './pipeline-table.ts';
import type { PolicyDelivery } from './policy-delivery.ts';
import type { SealingSecret } from './sealing-secret.ts';
import type { StageConfig } from './stage-config.ts';

/** Calls that take or show a clear number, or texts of strangers: nobody does so many of them as a script could. */
const NUMBER_ENDPOINTS: readonly EndpointName[] = [
  'revealNumber',
  'openCase',
  'addContact',
  'readClues',
];

/** No address, query or body: they could hold what a person typed. The user is known by his id in the pool. */
const ACCESS_LOG_FORMAT = {
  requestId: '$context.requestId',
  at: '$context.requestTimeEpoch',
  routeKey: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  user: '$context.authorizer.claims.sub',
};

export interface OfficersApiProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly officers: OfficerPool;
  readonly live: LiveUpdates;
  readonly dissuasion: Dissuasion;
  readonly subjects: PipelineTable;
  readonly registers: PipelineTable;
  readonly policies: PolicyDelivery;
  readonly sealing: SealingSecret;
  readonly profiles: PipelineTable;
  readonly exposures: PipelineStream;
  readonly numberLists: NumberLists;
  readonly campaigns: Campaigns;
  readonly contacts: ContactSearch;
}

/**
 * What officers work with, as `lib/api` writes it down. Most of it is done by a function that cannot unseal a number;
 * the few calls that need one go to another, which can, the tails of numbers come from a third, which tells no more, and
 * what the public reports is taken in by a fourth, which can read no case.
 */
export class OfficersApi extends Construct {
  readonly api: HttpApi;
  readonly audit: AuditTable;
  /** Which writes were done already, so that a repeat is known for one. */
  readonly requests: PipelineTable;
  readonly functions: Readonly<Record<Endpoint['servedBy'] | 'mask-numbers', PipelineFunction>>;
  private readonly routes: HttpRoute[] = [];

  constructor(scope: Construct, id: string, props: OfficersApiProps) {
    super(scope, id);
    const { config, key } = props;
    this.audit = new AuditTable(this, 'Audit', { config, key });
    this.requests = new PipelineTable(this, 'Requests', {
      config,
      key,
      partitionKey: { name: 'id', type: AttributeType.STRING },
    });
    const maskNumbers = this.maskNumbers(props);
    this.functions = {
      'mask-numbers': maskNumbers,
      'officers-api': this.cases(props, maskNumbers),
      'officer-numbers': this.numbers(props),
      'take-clue': this.clues(props),
    };
    this.api = this.gateway(props);
    this.stage(props);
  }

  private maskNumbers({ config, key, sealing }: OfficersApiProps): PipelineFunction {
    const masking = new PipelineFunction(this, 'MaskNumbers', {
      name: 'mask-numbers',
      description: 'Forewarn: tells the tails of sealed numbers',
      config,
      key,
      environment: { SEALING_SECRET_ARN: sealing.secret.secretArn },
    });
    sealing.allowReading(masking.role);
    return masking;
  }

  /** What both functions of the API are told and may do. */
  private aFunction(
    constructId: string,
    name: Endpoint['servedBy'],
    description: string,
    props: OfficersApiProps,
    environment: Record<string, string>,
  ): PipelineFunction {
    const { config, dissuasion, key, numberLists, policies, registers, subjects } = props;
    const made = new PipelineFunction(this, constructId, {
      name,
      description: `Forewarn: ${description}`,
      config,
      key,
      environment: {
        CASES_TABLE_NAME: dissuasion.cases.table.tableName,
        TASKS_TABLE_NAME: dissuasion.tasks.table.tableName,
        SUBJECTS_TABLE_NAME: subjects.table.tableName,
        REGISTERS_TABLE_NAME: registers.table.tableName,
        LISTS_TABLE_NAME: numberLists.lists.table.tableName,
        REQUESTS_TABLE_NAME: this.requests.table.tableName,
        AUDIT_TABLE_NAME: this.audit.table.tableName,
        ...environment,
        ...policies.settings('live'),
      },
    });
    dissuasion.changeCases(made);
    registers.allowItems(made, 'dynamodb:GetItem');
    this.requests.allowItems(
      made,
      'dynamodb:DeleteItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    );
    this.audit.allowItems(made, 'dynamodb:Query');
    policies.allowReading(made, 'live');
    return made;
  }

  private cases(props: OfficersApiProps, masking: PipelineFunction): PipelineFunction {
    const { campaigns, dissuasion, live, numberLists, profiles, subjects } = props;
    const made = this.aFunction('Cases', 'officers-api', 'the officers’ API', props, {
      CONNECTIONS_TABLE_NAME: live.connections.table.tableName,
      LIVE_URL: live.url,
      MASK_FUNCTION_NAME: masking.function.functionName,
      CAMPAIGN_FUNCTION_NAME: campaigns.keep.function.functionName,
      PROFILES_TABLE_NAME: profiles.table.tableName,
    });
    dissuasion.listCases(made);
    dissuasion.listTasks(made);
    dissuasion.callOffTasks(made);
    subjects.allowItems(made, 'dynamodb:Query');
    subjects.allowIndexes(made, 'decisions');
    numberLists.lists.allowItems(made, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query');
    // A finding names its number by the token, and to list it takes no clear one.
    profiles.allowItems(made, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    live.connections.allowItems(made, 'dynamodb:PutItem');
    made.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [masking.function.functionArn, campaigns.keep.function.functionArn],
      }),
    );
    return made;
  }

  private numbers(props: OfficersApiProps): PipelineFunction {
    const { config, contacts, dissuasion, exposures, numberLists, profiles, sealing, subjects } =
      props;
    const made = this.aFunction(
      'Numbers',
      'officer-numbers',
      'those calls of the officers’ API that take or show a number',
      props,
      {
        SEALING_SECRET_ARN: sealing.secret.secretArn,
        DEFAULT_COUNTRY: config.defaultCountry,
        PROFILES_TABLE_NAME: profiles.table.tableName,
        EXPOSURES_STREAM_NAME: exposures.stream.streamName,
        CLUES_TABLE_NAME: numberLists.clues.table.tableName,
        SUBJECT_RETENTION_DAYS: String(config.retention.subjectDays),
        CONTACT_SEARCH_STATE_MACHINE_ARN: contacts.stateMachine.stateMachineArn,
        UTC_OFFSET_MINUTES: String(config.archive.utcOffsetMinutes),
      },
    );
    contacts.allowStarting(made);
    dissuasion.tasks.allowItems(made, 'dynamodb:GetItem');
    dissuasion.tasks.allowIndexes(made, 'by-case');
    subjects.allowItems(
      made,
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    );
    subjects.allowIndexes(made, 'decisions');
    numberLists.lists.allowItems(
      made,
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PartiQLUpdate',
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
    );
    numberLists.clues.allowItems(made, 'dynamodb:GetItem');
    numberLists.clues.allowIndexes(made, 'by-number');
    profiles.allowItems(made, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    exposures.allowWriting(made);
    this.audit.allowAdding(made.role);
    sealing.allowReading(made.role);
    return made;
  }

  /** The public's way in: it may seal a number, and knows nothing of any. */
  private clues({
    config,
    key,
    numberLists,
    policies,
    profiles,
    sealing,
  }: OfficersApiProps): PipelineFunction {
    const made = new PipelineFunction(this, 'Clues', {
      name: 'take-clue',
      description: 'Forewarn: takes in what the public reports of numbers',
      config,
      key,
      environment: {
        SEALING_SECRET_ARN: sealing.secret.secretArn,
        DEFAULT_COUNTRY: config.defaultCountry,
        CLUES_TABLE_NAME: numberLists.clues.table.tableName,
        LISTS_TABLE_NAME: numberLists.lists.table.tableName,
        PROFILES_TABLE_NAME: profiles.table.tableName,
        REQUESTS_TABLE_NAME: this.requests.table.tableName,
        ...policies.settings('live'),
      },
    });
    numberLists.clues.allowItems(
      made,
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      // BatchExecuteStatement has no permission of its own: each statement needs its PartiQL one.
      'dynamodb:PartiQLInsert',
      'dynamodb:PartiQLUpdate',
      'dynamodb:UpdateItem',
    );
    numberLists.lists.allowItems(made, 'dynamodb:GetItem', 'dynamodb:PutItem');
    profiles.allowItems(
      made,
      'dynamodb:BatchGetItem',
      'dynamodb:PartiQLInsert',
      'dynamodb:PartiQLUpdate',
    );
    this.requests.allowItems(
      made,
      'dynamodb:DeleteItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    );
    policies.allowReading(made, 'live');
    sealing.allowReading(made.role);
    return made;
  }

  private gateway({ config, officers }: OfficersApiProps): HttpApi {
    const { consoleOrigin } = config.officers;
    const api = new HttpApi(this, 'Api', {
      apiName: `${Stack.of(this).stackName}-officers`,
      description: `Forewarn ${config.stage}: the officers’ API`,
      createDefaultStage: false,
      ...(consoleOrigin !== undefined && {
        corsPreflight: {
          allowOrigins: [consoleOrigin],
          allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST],
          allowHeaders: ['authorization', 'content-type', 'idempotency-key'],
          maxAge: Duration.hours(1),
        },
      }),
    });
    const integrationOf = (name: Endpoint['servedBy']) =>
      new HttpLambdaIntegration(name, this.functions[name].function, {
        payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
        // One permission for the API instead of one a route: a function's policy takes 20 KB.
        scopePermissionToRoute: false,
      });
    const integrations = {
      'officers-api': integrationOf('officers-api'),
      'officer-numbers': integrationOf('officer-numbers'),
      'take-clue': integrationOf('take-clue'),
    };
    const authorizer = new HttpJwtAuthorizer('Officers', officers.issuer, {
      jwtAudience: [officers.client.userPoolClientId],
    });
    for (const endpoint of Object.values<Endpoint>(ENDPOINTS)) {
      const { method, path, servedBy, who } = endpoint;
      const routes = api.addRoutes({
        path,
        methods: [HttpMethod[method]],
        integration: integrations[servedBy],
        ...(who !== 'anybody' && { authorizer }),
      });
      this.routes.push(...routes);
      if (who === 'anybody') routes.forEach(acknowledgeOpen);
    }
    return api;
  }

  private stage({ config, key }: OfficersApiProps): void {
    const { numberRequests, publicRequests, requests } = config.officers;
    const logGroup = new LogGroup(this, 'AccessLogs', {
      encryptionKey: key.key,
      retention: config.retention.logDays,
      removalPolicy:
        config.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: requests.perSecond, burstLimit: requests.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FORMAT)),
      },
    });
    const limitOf = ({ burst, perSecond }: typeof requests) => ({
      ThrottlingRateLimit: perSecond,
      ThrottlingBurstLimit: burst,
    });
    const isPublic = ({ servedBy, who }: Endpoint) => servedBy === 'take-clue' && who === 'anybody';
    (stage.node.defaultChild as CfnStage).routeSettings = Object.fromEntries([
      ...NUMBER_ENDPOINTS.map((name) => [routeKeyOf(ENDPOINTS[name]), limitOf(numberRequests)]),
      ...Object.values<Endpoint>(ENDPOINTS)
        .filter(isPublic)
        .map((endpoint) => [routeKeyOf(endpoint), limitOf(publicRequests)]),
    ]);
    // API Gateway refuses settings for a route that is not there yet.
    stage.node.addDependency(...this.routes);
  }
}

function acknowledgeOpen(route: HttpRoute): void {
  acknowledge(
    route,
    'APIG4',
    'Open to anybody by the contract in lib/api: it says that the API answers, or describes it; or it takes in ' +
      'what the public reports, throttled by itself, and tells nothing but how far that has come.',
  );
}
