import { arnOf } from '../services/aws-names.ts';
import { type DeployResource, physicalName } from './deployment.ts';

/** Resource types that change nothing about how a stack behaves here, with the service they are of. */
export const withoutEffect: Record<string, string> = {
  'AWS::CDK::Metadata': 'cdk',
  'AWS::CloudWatch::CompositeAlarm': 'cloudwatch',
  'AWS::CloudWatch::Dashboard': 'cloudwatch',
  'AWS::KMS::Alias': 'kms',
  'AWS::KMS::Key': 'kms',
  'AWS::Lambda::EventInvokeConfig': 'lambda',
  'AWS::Logs::LogStream': 'logs',
  'AWS::Logs::MetricFilter': 'logs',
  'AWS::S3::BucketPolicy': 's3',
  'AWS::SNS::Subscription': 'sns',
  'AWS::SNS::TopicPolicy': 'sns',
  'AWS::SQS::QueuePolicy': 'sqs',
  'AWS::Scheduler::Schedule': 'scheduler',
  'AWS::SecretsManager::ResourcePolicy': 'secretsmanager',
  'AWS::XRay::Group': 'xray',
  'Custom::LogRetention': 'logs',
  'Custom::S3AutoDeleteObjects': 's3',
};

/** Gives a resource that is not made names that others can refer to. */
export function deployWithoutEffect(service: string): DeployResource {
  return (deployment, logicalId, properties) => {
    const name = physicalName(deployment, logicalId, properties.AliasName, 255);
    const arn = arnOf(deployment.cloud, service, name);
    return {
      ref: name,
      attributes: { Arn: arn, KeyId: name, Id: name },
    };
  };
}
