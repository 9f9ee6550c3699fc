import { isJsonObject } from '../json-value.ts';
import { arnOf } from '../services/aws-names.ts';
import { type DeployResource, physicalName } from './deployment.ts';

/** On-demand streams start with four shards. */
const onDemandShards = 4;

export const deployKinesisStream: DeployResource = (deployment, logicalId, properties) => {
  const name = physicalName(deployment, logicalId, properties.Name, 128);
  const mode = isJsonObject(properties.StreamModeDetails)
    ? properties.StreamModeDetails.StreamMode
    : undefined;
  const shards =
    mode === 'ON_DEMAND' ? onDemandShards : Number(properties.ShardCount ?? onDemandShards);
  const retention = properties.RetentionPeriodHours;
  deployment.kinesis.createStream(
    name,
    shards,
    retention === undefined ? undefined : Number(retention),
  );
  return { ref: name, attributes: { Arn: arnOf(deployment.cloud, 'kinesis', `stream/${name}`) } };
};
