import { LocalCloudError } from '../errors.ts';
import type { PolicyStatement } from './policy-document.ts';

const logs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

/** The AWS managed policies that Lambda roles usually have, by the end of their ARN. */
const managedPolicies: Record<string, string[]> = {
  'service-role/AWSLambdaBasicExecutionRole': logs,
  'service-role/AWSLambdaKinesisExecutionRole': [
    ...logs,
    'kinesis:DescribeStream',
    'kinesis:DescribeStreamSummary',
    'kinesis:GetRecords',
    'kinesis:GetShardIterator',
    'kinesis:ListShards',
    'kinesis:ListStreams',
    'kinesis:SubscribeToShard',
  ],
  'service-role/AWSLambdaDynamoDBExecutionRole': [
    ...logs,
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
  ],
  'service-role/AWSLambdaSQSQueueExecutionRole': [
    ...logs,
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
  ],
  AWSXRayDaemonWriteAccess: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  CloudWatchLambdaInsightsExecutionRolePolicy: logs,
};

/**
 * What an AWS managed policy grants.
 *
 * @throws LocalCloudError `policy-unknown` for one that is not in our list.
 */
export function managedPolicyStatements(arn: string): PolicyStatement[] {
  const name = arn.slice(arn.indexOf(':policy/') + ':policy/'.length);
  const actions = managedPolicies[name];
  if (actions === undefined) {
    throw new LocalCloudError('policy-unknown', `The local cloud does not know the policy ${name}`);
  }
  return [{ Effect: 'Allow', Action: actions, Resource: '*' }];
}
