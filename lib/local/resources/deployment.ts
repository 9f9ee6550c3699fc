import type { S3Client } from '@aws-sdk/client-s3';
import type { ApiGateway } from '../apis/api-gateway.ts';
import type { EventSourceMappingProperties } from '../event-sources/event-source-mapping-properties.ts';
import type { FunctionRuntime } from '../functions/function-runtime.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { PolicyStatement } from '../iam/policy-document.ts';
import type { SessionKey } from '../iam/session-key.ts';
import type { JsonObject } from '../json-value.ts';
import type { Monitoring } from '../metrics/monitoring.ts';
import type { AppConfigService } from '../services/appconfig-service.ts';
import type { AthenaService } from '../services/athena-service.ts';
import type { CloudIdentity } from '../services/aws-names.ts';
import type { CognitoService } from '../services/cognito-service.ts';
import type { DynamoDbService } from '../services/dynamodb-service.ts';
import type { FirehoseService } from '../services/firehose-service.ts';
import type { KinesisService } from '../services/kinesis-service.ts';
import type { LogGroups } from '../services/log-groups.ts';
import type { ObjectAndQueueService } from '../services/object-and-queue-service.ts';
import type { SecretsService } from '../services/secrets-service.ts';
import type { SnsService } from '../services/sns-service.ts';
import type { StepFunctionsService } from '../services/step-functions-service.ts';
import type { Assembly } from '../template/read-assembly.ts';
import type { Catalog } from '../warehouse/catalog.ts';

/** A role of the template; policies that come later add to its statements. */
export interface Role {
  name: string;
  arn: string;
  statements: PolicyStatement[];
}

export interface EventSourceMapping {
  uuid: string;
  functionName: string;
  properties: EventSourceMappingProperties;
}

/** What the parts of a deployment share. */
export interface Deployment {
  cloud: CloudIdentity;
  stackName: string;
  assembly: Assembly;
  apiGateway: ApiGateway;
  /** Folder for unpacked code; gone after the run. */
  codeDir: string;
  appConfig: AppConfigService;
  athena: AthenaService;
  catalog: Catalog;
  cognito: CognitoService;
  firehose: FirehoseService;
  kinesis: KinesisService;
  logs: LogGroups;
  dynamodb: DynamoDbService;
  objectsAndQueues: ObjectAndQueueService;
  /** S3 as whoever has this key sees it. */
  objectsClient(key: SessionKey): S3Client;
  /** Calls an operation of a JSON service as whoever has this key. */
  call(key: SessionKey, target: string, parameters: JsonObject): Promise<JsonObject>;
  sns: SnsService;
  secrets: SecretsService;
  stepFunctions: StepFunctionsService;
  monitoring: Pick<Monitoring, 'addAlarm'>;
  runtime: FunctionRuntime;
  access: AccessControl;
  /** By ARN. */
  roles: Map<string, Role>;
  /** By function name. */
  keys: Map<string, SessionKey>;
  eventSourceMappings: EventSourceMapping[];
}

/** What `Ref` and `Fn::GetAtt` answer for a resource. */
export interface DeployedResource {
  ref: string;
  attributes: Record<string, string>;
}

/** Makes one resource of the template, its properties resolved. */
export type DeployResource = (
  deployment: Deployment,
  logicalId: string,
  properties: JsonObject,
) => DeployedResource | Promise<DeployedResource>;

/** A text in which the addresses that the stack would have on AWS are those that it has here. */
export function localAddresses(
  { apiGateway, cognito }: Pick<Deployment, 'apiGateway' | 'cognito'>,
  text: string,
): string {
  return cognito.localAddresses(apiGateway.localAddresses(text));
}

/** The name that CloudFormation would make up, without its random tail. */
export function physicalName(
  deployment: Pick<Deployment, 'stackName'>,
  logicalId: string,
  given: unknown,
  longest = 64,
): string {
  if (typeof given === 'string' && given !== '') return given;
  const name = `${deployment.stackName}-${logicalId}`;
  if (name.length <= longest) return name;
  // The tail of a CDK logical id is the hash that makes it unique.
  return `${name.slice(0, longest - 8)}${name.slice(-8)}`;
}
