import type { EventSourceMappingProperties } from '../event-sources/event-source-mapping-properties.ts';
import { functionNameOf } from '../functions/function-runtime.ts';
import { arnOf } from '../services/aws-names.ts';
import type { DeployResource } from './deployment.ts';
import { madeUpId } from './read-properties.ts';

export const deployEventSourceMapping: DeployResource = (deployment, logicalId, properties) => {
  // The same in every run: a source's checkpoints are kept by it.
  const uuid = madeUpId(deployment.stackName, logicalId, '0123456789abcdef', 32).replace(
    /(.{8})(.{4})(.{4})(.{4})(.{12})/,
    '$1-$2-$3-$4-$5',
  );
  deployment.eventSourceMappings.push({
    uuid,
    functionName: functionNameOf(String(properties.FunctionName)),
    properties: properties as unknown as EventSourceMappingProperties,
  });
  const arn = arnOf(deployment.cloud, 'lambda', `event-source-mapping:${uuid}`);
  return { ref: uuid, attributes: { Id: uuid, EventSourceMappingArn: arn } };
};
