import { LocalCloudError } from '../errors.ts';
import { isJsonObject, type JsonValue } from '../json-value.ts';
import type { DeployResource } from './deployment.ts';
import { madeUpId } from './read-properties.ts';

function appConfigId(stackName: string, logicalId: string): string {
  return madeUpId(stackName, logicalId, '0123456789abcdefghijklmnopqrstuvwxyz', 7);
}

const count = (value: JsonValue | undefined, otherwise: number): number =>
  value === undefined ? otherwise : Number(value);

export const deployAppConfigApplication: DeployResource = (deployment, logicalId, properties) => {
  const id = appConfigId(deployment.stackName, logicalId);
  deployment.appConfig.addApplication({ id, name: String(properties.Name) });
  return { ref: id, attributes: { ApplicationId: id } };
};

export const deployAppConfigEnvironment: DeployResource = (deployment, logicalId, properties) => {
  const id = appConfigId(deployment.stackName, logicalId);
  deployment.appConfig.addEnvironment(String(properties.ApplicationId), {
    id,
    name: String(properties.Name),
  });
  return { ref: id, attributes: { EnvironmentId: id } };
};

function validatorArn(logicalId: string, validator: JsonValue): string {
  if (isJsonObject(validator) && validator.Type === 'LAMBDA') return String(validator.Content);
  throw new LocalCloudError(
    'resource-invalid',
    `Configuration profile ${logicalId}: only validators of type LAMBDA run here`,
  );
}

export const deployConfigurationProfile: DeployResource = (deployment, logicalId, properties) => {
  if (properties.LocationUri !== 'hosted') {
    throw new LocalCloudError(
      'resource-invalid',
      `Configuration profile ${logicalId}: only hosted configurations are emulated`,
    );
  }
  const id = appConfigId(deployment.stackName, logicalId);
  deployment.appConfig.addProfile(String(properties.ApplicationId), {
    id,
    name: String(properties.Name),
    type: String(properties.Type ?? 'AWS.Freeform'),
    validators: [properties.Validators ?? []].flat().map((one) => validatorArn(logicalId, one)),
  });
  return { ref: id, attributes: { ConfigurationProfileId: id } };
};

export const deployDeploymentStrategy: DeployResource = (deployment, logicalId, properties) => {
  const id = appConfigId(deployment.stackName, logicalId);
  deployment.appConfig.addStrategy({
    id,
    name: String(properties.Name),
    deploymentMinutes: count(properties.DeploymentDurationInMinutes, 0),
    bakeMinutes: count(properties.FinalBakeTimeInMinutes, 0),
    growthFactor: count(properties.GrowthFactor, 100),
    growthType: properties.GrowthType === 'EXPONENTIAL' ? 'EXPONENTIAL' : 'LINEAR',
  });
  return { ref: id, attributes: { Id: id } };
};

export const deployHostedVersion: DeployResource = async (deployment, _logicalId, properties) => {
  const { Content, ContentType, Description, VersionLabel } = properties;
  const number = await deployment.appConfig.createVersion(
    String(properties.ApplicationId),
    String(properties.ConfigurationProfileId),
    {
      content: Buffer.from(String(Content)),
      contentType: String(ContentType),
      description: typeof Description === 'string' ? Description : undefined,
      label: typeof VersionLabel === 'string' ? VersionLabel : undefined,
    },
  );
  return { ref: String(number), attributes: { VersionNumber: String(number) } };
};

export const deployConfiguration: DeployResource = async (deployment, _logicalId, properties) => {
  const number = await deployment.appConfig.deploy(
    String(properties.ApplicationId),
    String(properties.EnvironmentId),
    {
      profileId: properties.ConfigurationProfileId,
      version: properties.ConfigurationVersion,
      strategyId: properties.DeploymentStrategyId,
    },
  );
  return { ref: String(number), attributes: { DeploymentNumber: String(number) } };
};
