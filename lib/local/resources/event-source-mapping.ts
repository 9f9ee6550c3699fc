import { randomUUID } from 'node:crypto';
import type { EventSourceMappingProperties } from '../event-sources/event-source-mapping-properties.ts';
import { functionNameOf } from '../functions/function-runtime.ts';
import { arnOf } from '../services/aws-names.ts';
import type { DeployResource } from './deployment.ts';

export const deployEventSourceMapping: DeployResource = (deployment, _logicalId, properties) => {
  const uuid = randomUUID();
  deployment.eventSourceMappings.push({
    uuid,
    functionName: functionNameOf(String(properties.FunctionName)),
    properties: properties as unknown as EventSourceMappingProperties,
  });
  const arn = arnOf(deployment.cloud, 'lambda', `event-source-mapping:${uuid}`);
  return { ref: uuid, attributes: { Id: uuid, EventSourceMappingArn: arn } };
};
