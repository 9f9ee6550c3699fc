import { join } from 'node:path';
import { LocalCloudError } from '../errors.ts';
import { type CodeSource, unpackCode } from '../functions/unpack-code.ts';
import { createSessionKey } from '../iam/session-key.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import { arnOf } from '../services/aws-names.ts';
import {
  type Deployment,
  type DeployResource,
  localAddresses,
  physicalName,
} from './deployment.ts';

function codeSource(
  deployment: Deployment,
  logicalId: string,
  code: JsonValue | undefined,
): CodeSource {
  if (isJsonObject(code)) {
    if (typeof code.ZipFile === 'string') return { inline: code.ZipFile };
    if (typeof code.S3Key === 'string') return { path: deployment.assembly.assetPath(code.S3Key) };
  }
  throw new LocalCloudError(
    'resource-invalid',
    `Function ${logicalId} has no code that can be run here (container images cannot)`,
  );
}

function variables(deployment: Deployment, properties: JsonObject): Record<string, string> {
  const environment = isJsonObject(properties.Environment) ? properties.Environment.Variables : {};
  if (!isJsonObject(environment)) return {};
  return Object.fromEntries(
    Object.entries(environment).map(([key, value]) => [
      key,
      localAddresses(deployment, String(value)),
    ]),
  );
}

export const deployLambdaFunction: DeployResource = async (deployment, logicalId, properties) => {
  const { cloud, roles, access, runtime, keys } = deployment;
  const name = physicalName(deployment, logicalId, properties.FunctionName);
  const runtimeName = String(properties.Runtime ?? '');
  if (!runtimeName.startsWith('nodejs')) {
    throw new LocalCloudError(
      'resource-invalid',
      `Function ${logicalId} needs the runtime ${runtimeName}: only Node.js runs here`,
    );
  }
  const role = roles.get(String(properties.Role));
  if (role === undefined) {
    throw new LocalCloudError('resource-invalid', `The role of function ${logicalId} is not ours`);
  }
  const codeDir = join(deployment.codeDir, logicalId);
  await unpackCode(codeSource(deployment, logicalId, properties.Code), codeDir);

  const caller = `arn:${cloud.partition}:sts::${cloud.accountId}:assumed-role/${role.name}/${name}`;
  const key = createSessionKey(access, caller, role.statements);
  keys.set(name, key);
  const arn = arnOf(cloud, 'lambda', `function:${name}`);
  const environment = variables(deployment, properties);
  const reserved = properties.ReservedConcurrentExecutions;
  runtime.add({
    name,
    label: environment.POWERTOOLS_SERVICE_NAME ?? name,
    arn,
    handler: String(properties.Handler),
    codeDir,
    timeoutSeconds: Number(properties.Timeout ?? 3),
    memoryMegabytes: Number(properties.MemorySize ?? 128),
    ...(reserved === undefined ? {} : { reservedConcurrency: Number(reserved) }),
    environment: {
      ...environment,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    },
  });
  return { ref: name, attributes: { Arn: arn } };
};

/** `AWS::Lambda::Permission`: lets a service invoke a function. */
export const deployLambdaPermission: DeployResource = ({ apiGateway }, logicalId, properties) => {
  const { SourceArn } = properties;
  apiGateway.permissions.add({
    functionName: String(properties.FunctionName),
    principal: String(properties.Principal),
    action: String(properties.Action),
    ...(typeof SourceArn === 'string' ? { sourceArn: SourceArn } : {}),
  });
  return { ref: logicalId, attributes: { Id: logicalId } };
};

/** Versions and aliases are other names of the one version that runs here. */
export const deployLambdaVersion: DeployResource = ({ cloud }, _logicalId, properties) => {
  const given = String(properties.FunctionName);
  const name = given.includes(':') ? (given.split(':')[6] ?? given) : given;
  const qualifier = typeof properties.Name === 'string' ? properties.Name : '1';
  const arn = arnOf(cloud, 'lambda', `function:${name}:${qualifier}`);
  return { ref: arn, attributes: { Version: '1', FunctionArn: arn } };
};
