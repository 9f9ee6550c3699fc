import { LocalCloudError } from '../errors.ts';
import { isJsonObject, type JsonValue } from '../json-value.ts';
import { deploymentOrder } from '../template/deployment-order.ts';
import {
  evaluateCondition,
  type IntrinsicScope,
  resolveIntrinsics,
} from '../template/intrinsics.ts';
import type { TemplateResource } from '../template/template.ts';
import { deployAlarm } from './alarm.ts';
import {
  deployApi,
  deployApiDeployment,
  deployAuthorizer,
  deployIntegration,
  deployRoute,
  deployRouteResponse,
  deployStage,
} from './api-gateway.ts';
import {
  deployAppConfigApplication,
  deployAppConfigEnvironment,
  deployConfiguration,
  deployConfigurationProfile,
  deployDeploymentStrategy,
  deployHostedVersion,
} from './appconfig.ts';
import { deployBucket, deploySecret } from './bucket-and-secret.ts';
import {
  type DeployedResource,
  type Deployment,
  type DeployResource,
  localAddresses,
} from './deployment.ts';
import { deployDynamoDbTable } from './dynamodb-table.ts';
import { deployEventSourceMapping } from './event-source-mapping.ts';
import { deployIamPolicy, deployIamRole } from './iam-role.ts';
import { deployKinesisStream } from './kinesis-stream.ts';
import {
  deployLambdaFunction,
  deployLambdaPermission,
  deployLambdaVersion,
} from './lambda-function.ts';
import { deployLogGroup, deploySubscriptionFilter } from './log-group.ts';
import { deployQueue, deployTopic } from './queue-and-topic.ts';
import { deployStateMachine } from './state-machine.ts';
import { deployUserPool, deployUserPoolClient, deployUserPoolGroup } from './user-pool.ts';
import {
  deployDeliveryStream,
  deployGlueDatabase,
  deployGlueTable,
  deployWorkGroup,
} from './warehouse.ts';
import { deployWithoutEffect, withoutEffect } from './without-effect.ts';

const deployers: Record<string, DeployResource> = {
  'AWS::ApiGatewayV2::Api': deployApi,
  'AWS::ApiGatewayV2::Authorizer': deployAuthorizer,
  'AWS::ApiGatewayV2::Deployment': deployApiDeployment,
  'AWS::ApiGatewayV2::Integration': deployIntegration,
  'AWS::ApiGatewayV2::Route': deployRoute,
  'AWS::ApiGatewayV2::RouteResponse': deployRouteResponse,
  'AWS::ApiGatewayV2::Stage': deployStage,
  'AWS::AppConfig::Application': deployAppConfigApplication,
  'AWS::AppConfig::ConfigurationProfile': deployConfigurationProfile,
  'AWS::AppConfig::Deployment': deployConfiguration,
  'AWS::AppConfig::DeploymentStrategy': deployDeploymentStrategy,
  'AWS::AppConfig::Environment': deployAppConfigEnvironment,
  'AWS::AppConfig::HostedConfigurationVersion': deployHostedVersion,
  'AWS::Athena::WorkGroup': deployWorkGroup,
  'AWS::CloudWatch::Alarm': deployAlarm,
  'AWS::Cognito::UserPool': deployUserPool,
  'AWS::Cognito::UserPoolClient': deployUserPoolClient,
  'AWS::Cognito::UserPoolGroup': deployUserPoolGroup,
  'AWS::DynamoDB::GlobalTable': deployDynamoDbTable,
  'AWS::DynamoDB::Table': deployDynamoDbTable,
  'AWS::Glue::Database': deployGlueDatabase,
  'AWS::Glue::Table': deployGlueTable,
  'AWS::IAM::ManagedPolicy': deployIamPolicy,
  'AWS::IAM::Policy': deployIamPolicy,
  'AWS::IAM::Role': deployIamRole,
  'AWS::Kinesis::Stream': deployKinesisStream,
  'AWS::KinesisFirehose::DeliveryStream': deployDeliveryStream,
  'AWS::Lambda::Alias': deployLambdaVersion,
  'AWS::Lambda::EventSourceMapping': deployEventSourceMapping,
  'AWS::Lambda::Function': deployLambdaFunction,
  'AWS::Lambda::Permission': deployLambdaPermission,
  'AWS::Lambda::Version': deployLambdaVersion,
  'AWS::Logs::LogGroup': deployLogGroup,
  'AWS::Logs::SubscriptionFilter': deploySubscriptionFilter,
  'AWS::S3::Bucket': deployBucket,
  'AWS::SNS::Topic': deployTopic,
  'AWS::SQS::Queue': deployQueue,
  'AWS::SecretsManager::Secret': deploySecret,
  'AWS::StepFunctions::StateMachine': deployStateMachine,
};

function deployerOf(type: string): DeployResource | undefined {
  const deployer = deployers[type];
  if (deployer !== undefined) return deployer;
  const service = withoutEffect[type];
  return service === undefined ? undefined : deployWithoutEffect(service);
}

function pseudoParameters({ cloud, stackName }: Deployment): Record<string, JsonValue> {
  return {
    'AWS::AccountId': cloud.accountId,
    'AWS::NotificationARNs': [],
    'AWS::Partition': cloud.partition,
    'AWS::Region': cloud.region,
    'AWS::StackId': `arn:${cloud.partition}:cloudformation:${cloud.region}:${cloud.accountId}:stack/${stackName}/local`,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': cloud.urlSuffix,
  };
}

function createScope(
  deployment: Deployment,
  deployed: Map<string, DeployedResource>,
): IntrinsicScope {
  const { template } = deployment.assembly;
  const pseudo = pseudoParameters(deployment);
  const scope: IntrinsicScope = {
    ref: (name) => pseudo[name] ?? deployed.get(name)?.ref ?? template.Parameters?.[name]?.Default,
    attribute: (logicalId, name) => deployed.get(logicalId)?.attributes[name],
    condition(name) {
      const condition = template.Conditions?.[name];
      if (condition === undefined) {
        throw new LocalCloudError('reference-unknown', `There is no condition ${name}`);
      }
      return evaluateCondition(condition, scope);
    },
    mapping: (map, first, second) => template.Mappings?.[map]?.[first]?.[second],
    availabilityZones: () => ['a', 'b', 'c'].map((zone) => `${deployment.cloud.region}${zone}`),
  };
  return scope;
}

/**
 * Makes every resource of the template, each after what it refers to; answers the stack's outputs.
 *
 * @throws LocalCloudError `resource-type-unknown` before anything is made, when the template holds
 * a type that the local cloud neither emulates nor knows to be without effect.
 */
export async function deployTemplate(deployment: Deployment): Promise<Record<string, string>> {
  const { template } = deployment.assembly;
  const deployed = new Map<string, DeployedResource>();
  const scope = createScope(deployment, deployed);
  const wanted = Object.fromEntries(
    Object.entries(template.Resources).filter(
      ([, { Condition }]) => Condition === undefined || scope.condition(Condition),
    ),
  );
  const unknown = Object.entries(wanted).filter(([, { Type }]) => deployerOf(Type) === undefined);
  if (unknown.length > 0) {
    const named = unknown.map(([logicalId, { Type }]) => `${logicalId} (${Type})`).join(', ');
    throw new LocalCloudError('resource-type-unknown', `The local cloud cannot make ${named}`);
  }
  // Nothing reads the properties of a resource without effect, and they may refer to attributes
  // that only the real service has.
  const read = Object.fromEntries(
    Object.entries(wanted).map(([logicalId, resource]) => {
      const skipped = withoutEffect[resource.Type] !== undefined;
      return [logicalId, skipped ? { Type: resource.Type } : resource];
    }),
  );
  for (const logicalId of deploymentOrder(read)) {
    const resource: TemplateResource | undefined = read[logicalId];
    const deploy = resource && deployerOf(resource.Type);
    if (resource === undefined || deploy === undefined) continue;
    const properties = resolveIntrinsics(resource.Properties ?? {}, scope);
    if (!isJsonObject(properties)) continue;
    deployed.set(logicalId, await deploy(deployment, logicalId, properties));
  }
  const outputs: Record<string, string> = {};
  for (const [name, output] of Object.entries(template.Outputs ?? {})) {
    if (output.Condition !== undefined && !scope.condition(output.Condition)) continue;
    const value = String(resolveIntrinsics(output.Value, scope));
    outputs[name] = localAddresses(deployment, value);
  }
  return outputs;
}
