import { isJsonObject } from '../json-value.ts';
import { generateSecretString } from '../services/generate-secret.ts';
import { type DeployResource, physicalName } from './deployment.ts';

export const deployBucket: DeployResource = async (deployment, logicalId, properties) => {
  // Bucket names are lower case.
  const name = physicalName(deployment, logicalId, properties.BucketName, 63).toLowerCase();
  await deployment.objectsAndQueues.createBucket(name);
  const { partition, region, urlSuffix } = deployment.cloud;
  return {
    ref: name,
    attributes: {
      Arn: `arn:${partition}:s3:::${name}`,
      DomainName: `${name}.s3.${urlSuffix}`,
      RegionalDomainName: `${name}.s3.${region}.${urlSuffix}`,
    },
  };
};

export const deploySecret: DeployResource = (deployment, logicalId, properties) => {
  const name = physicalName(deployment, logicalId, properties.Name, 256);
  const { SecretString, GenerateSecretString } = properties;
  const arn = deployment.secrets.add(name, () =>
    typeof SecretString === 'string'
      ? SecretString
      : generateSecretString(isJsonObject(GenerateSecretString) ? GenerateSecretString : {}),
  );
  return { ref: arn, attributes: { Id: arn } };
};
