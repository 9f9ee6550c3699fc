import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { flat, onlyResource, plainId, resources, synthesized } from './synthesized-stack.ts';

const prod = synthesized('prod');
const GROUP = 'sns/<AWS::Region>/<AWS::AccountId>/DirectPublishToPhoneNumber';

/** SNS's log groups of texts, by their names. */
const groups = (template = prod) =>
  Object.values(resources(template, 'AWS::Logs::LogGroup'))
    .filter(({ Properties }) => Properties.LogGroupName !== undefined)
    .map((group) => ({ ...group, name: flat(group.Properties.LogGroupName) }))
    .filter(({ name }) => name.startsWith('sns/'));

describe('The log of texts', () => {
  test('is in the groups that SNS writes to, under the key, for a few days', () => {
    expect(groups().map(({ name }) => name)).toEqual([GROUP, `${GROUP}/Failure`]);
    for (const { Properties } of groups()) {
      expect(flat(Properties.KmsKeyId)).toBe('Key.Arn');
      expect(Properties.RetentionInDays).toBe(3);
    }
    expect(groups(synthesized('dev')).map(({ Properties }) => Properties.RetentionInDays)).toEqual([
      1, 1,
    ]);
  });

  test('goes with the stack in every stage: it names people, and SNS would need it anew', () => {
    for (const { DeletionPolicy } of groups()) expect(DeletionPolicy).toBe('Delete');
  });

  test('may be encrypted under the key by CloudWatch Logs', () => {
    const { Statement } = onlyResource(prod, 'AWS::KMS::Key').KeyPolicy as {
      Statement: { Sid: string; Condition?: { ArnLike?: Record<string, unknown[]> } }[];
    };
    const forLogs = Statement.find(({ Sid }) => Sid === 'CloudWatchLogsEncryptsLogGroups');
    const arn = 'arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group';
    expect(forLogs?.Condition?.ArnLike?.['kms:EncryptionContext:aws:logs:arn']?.map(flat)).toEqual([
      `${arn}:Forewarn-prod-*`,
      `${arn}:${GROUP}`,
      `${arn}:${GROUP}/Failure`,
    ]);
  });

  test('is written by SNS under a role that may do nothing else', () => {
    const role = Object.entries(resources(prod, 'AWS::IAM::Role')).find(
      ([id]) => plainId(id) === 'DeliveryLogRole',
    );
    expect(role?.[1].Properties.AssumeRolePolicyDocument).toMatchObject({
      Statement: [{ Action: 'sts:AssumeRole', Principal: { Service: 'sns.amazonaws.com' } }],
    });
    prod.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: [
              { 'Fn::GetAtt': [Match.stringLikeRegexp('^DeliveryLogArrived'), 'Arn'] },
              { 'Fn::GetAtt': [Match.stringLikeRegexp('^DeliveryLogFailed'), 'Arn'] },
            ],
          },
        ],
        Version: '2012-10-17',
      },
      Roles: [{ Ref: Match.stringLikeRegexp('^DeliveryLogRole') }],
    });
  });

  test('is handed to record-delivery line by line, from both groups', () => {
    const filters = Object.values(resources(prod, 'AWS::Logs::SubscriptionFilter'));
    expect(
      filters.map(({ Properties }) => [
        flat(Properties.LogGroupName),
        flat(Properties.DestinationArn),
        Properties.FilterPattern,
      ]),
    ).toEqual([
      ['DeliveryLogArrived', 'RecordDeliveryFunction.Arn', ''],
      ['DeliveryLogFailed', 'RecordDeliveryFunction.Arn', ''],
    ]);
    const invokers = Object.values(resources(prod, 'AWS::Lambda::Permission')).filter(
      ({ Properties }) => Properties.Principal === 'logs.amazonaws.com',
    );
    expect(invokers.map(({ Properties }) => flat(Properties.SourceArn))).toEqual([
      'DeliveryLogArrived.Arn',
      'DeliveryLogFailed.Arn',
    ]);
  });

  test('is kept whole in the quarantine bucket where it cannot be recorded to the end', () => {
    prod.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp('^RecordDeliveryFunction') },
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 21_600,
      DestinationConfig: {
        OnFailure: {
          Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('^QuarantineBucket'), 'Arn'] },
        },
      },
    });
  });
});
