import { arnOf } from '../services/aws-names.ts';
import { type DeployResource, physicalName } from './deployment.ts';

const queueAttributes = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
  'FifoQueue',
  'ContentBasedDeduplication',
];

export const deployQueue: DeployResource = async (deployment, logicalId, properties) => {
  const name = physicalName(deployment, logicalId, properties.QueueName, 80);
  const attributes: Record<string, string> = {};
  for (const attribute of queueAttributes) {
    const value = properties[attribute];
    if (value === undefined) continue;
    attributes[attribute] = typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
  const url = await deployment.objectsAndQueues.createQueue(name, attributes);
  const arn = arnOf(deployment.cloud, 'sqs', name);
  return { ref: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
};

export const deployTopic: DeployResource = (deployment, logicalId, properties) => {
  const name = physicalName(deployment, logicalId, properties.TopicName, 256);
  const arn = arnOf(deployment.cloud, 'sns', name);
  deployment.sns.addTopic(arn);
  return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
};
