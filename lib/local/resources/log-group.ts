import { LocalCloudError } from '../errors.ts';
import { arnOf } from '../services/aws-names.ts';
import { type DeployResource, physicalName } from './deployment.ts';

export const deployLogGroup: DeployResource = (deployment, logicalId, properties) => {
  const name = physicalName(deployment, logicalId, properties.LogGroupName, 512);
  deployment.logs.addGroup(name);
  // The ARN that CloudFormation gives a log group ends so, and covers its streams.
  return { ref: name, attributes: { Arn: arnOf(deployment.cloud, 'logs', `log-group:${name}:*`) } };
};

export const deploySubscriptionFilter: DeployResource = (deployment, logicalId, properties) => {
  const groupName = String(properties.LogGroupName);
  const functionArn = String(properties.DestinationArn);
  const filterName = physicalName(deployment, logicalId, properties.FilterName, 512);
  const refuse = (why: string): never => {
    throw new LocalCloudError('resource-invalid', `Subscription filter ${logicalId}: ${why}`);
  };
  if ((properties.FilterPattern ?? '') !== '') refuse('only filters that take every line run here');
  if (!deployment.runtime.has(functionArn)) refuse('only functions of the stack are subscribed');
  if (!deployment.logs.subscribe(groupName, { filterName, functionArn })) {
    refuse(`there is no log group ${groupName}`);
  }
  return { ref: filterName, attributes: {} };
};
