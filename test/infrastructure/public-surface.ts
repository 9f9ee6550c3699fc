import type { Template } from 'aws-cdk-lib/assertions';
import { flat, plainId, type Resource, resources } from './synthesized-stack.ts';

/** One thing that somebody without credentials can reach. */
export interface PublicThing {
  /** Which API or pool: its logical id without the hash. */
  readonly of: string;
  /** The route, or the operations. */
  readonly what: string;
  /** Requests a second and at once; undefined for a limit that AWS sets. */
  readonly limit: { readonly perSecond: number; readonly burst: number } | undefined;
}

interface RouteSettings {
  readonly ThrottlingRateLimit: number;
  readonly ThrottlingBurstLimit: number;
}

/** What is behind AWS credentials whatever it is set to, or is reached by nobody. */
const CREDENTIALS_ONLY = new Set(
  `ApiGatewayV2::Authorizer ApiGatewayV2::Integration ApiGatewayV2::Route ApiGatewayV2::Stage
   AppConfig::Application AppConfig::ConfigurationProfile AppConfig::Deployment AppConfig::DeploymentStrategy
   AppConfig::Environment AppConfig::HostedConfigurationVersion Athena::WorkGroup CloudWatch::Alarm
   CloudWatch::Dashboard Cognito::UserPoolClient Cognito::UserPoolGroup DynamoDB::Table Glue::Database Glue::Table
   IAM::Policy IAM::Role KMS::Key Kinesis::Stream KinesisFirehose::DeliveryStream Lambda::EventInvokeConfig
   Lambda::EventSourceMapping Lambda::Function Lambda::Permission Logs::LogGroup Logs::LogStream
   Logs::SubscriptionFilter S3::Bucket S3::BucketPolicy SNS::Topic SNS::TopicPolicy SQS::Queue SQS::QueuePolicy
   Scheduler::Schedule SecretsManager::ResourcePolicy SecretsManager::Secret StepFunctions::StateMachine`
    .split(/\s+/)
    .map((type) => `AWS::${type}`),
);

const POOL_OPERATIONS = 'sign-in, refresh and password recovery of officers; the keys of tokens';

/** What somebody without credentials can reach of a stack, sorted. */
export function publicThings(template: Template): PublicThing[] {
  const routes = Object.values(resources(template, 'AWS::ApiGatewayV2::Route'))
    .filter(({ Properties }) => (Properties.AuthorizationType ?? 'NONE') === 'NONE')
    .map(({ Properties: { ApiId, RouteKey } }) => ({
      of: flat(ApiId),
      what: String(RouteKey),
      limit: limitOf(template, flat(ApiId), String(RouteKey)),
    }));
  const pools = Object.keys(resources(template, 'AWS::Cognito::UserPool')).map((id) => ({
    of: plainId(id),
    what: POOL_OPERATIONS,
    limit: undefined,
  }));
  return [...routes, ...pools].sort((a, b) =>
    `${a.of} ${a.what}`.localeCompare(`${b.of} ${b.what}`, 'en'),
  );
}

/** Types of resources of which nobody has said yet whether the public can reach them. */
export function unjudgedTypes(template: Template): string[] {
  const { Resources } = template.toJSON() as { Resources: Record<string, Resource> };
  const judged = new Set([...CREDENTIALS_ONLY, 'AWS::ApiGatewayV2::Api', 'AWS::Cognito::UserPool']);
  return [...new Set(Object.values(Resources).map(({ Type }) => Type))].filter(
    (type) => !judged.has(type),
  );
}

function limitOf(template: Template, api: string, route: string): PublicThing['limit'] {
  const stage = Object.values(resources(template, 'AWS::ApiGatewayV2::Stage')).find(
    ({ Properties }) => flat(Properties.ApiId) === api,
  );
  const { DefaultRouteSettings, RouteSettings = {} } = (stage?.Properties ?? {}) as {
    DefaultRouteSettings?: RouteSettings;
    RouteSettings?: Record<string, RouteSettings>;
  };
  const settings = RouteSettings[route] ?? DefaultRouteSettings;
  return (
    settings && { perSecond: settings.ThrottlingRateLimit, burst: settings.ThrottlingBurstLimit }
  );
}

/** How large a request may be, in words. */
function sizeOf({ of, what }: PublicThing): string {
  if (of !== 'OfficersApi')
    return of === 'OfficersPool' ? 'Cognito’s own' : '10 KB of headers (API Gateway’s)';
  return what.startsWith('POST') ? '16 KB' : '16 KB, and no body';
}

/** The table of the docs. */
export function surfaceTable(things: readonly PublicThing[]): string {
  const rows = things.map((thing) => {
    const { limit, of, what } = thing;
    const rate = limit === undefined ? 'Cognito’s quotas' : `${limit.perSecond}, ${limit.burst}`;
    return `| ${of} | \`${what}\` | ${rate} | ${sizeOf(thing)} |`;
  });
  const head = [
    '| of | what | requests a second, at once | size of a request |',
    '| - | - | - | - |',
  ];
  return [...head, ...rows].join('\n');
}
