import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { flat, plainId, resources, synthesized } from './synthesized-stack.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Principal: unknown;
  readonly Condition?: object;
}

const EVERYBODY = ['"*"', '{"AWS":"*"}'];
const stages = ['dev', 'prod'].map((stage) => [stage, synthesized(stage)] as const);

/** Every policy that stands with a resource, by what it is of. */
function resourcePolicies(template: Template): [string, Statement[]][] {
  const found = (type: string, document: (properties: Record<string, unknown>) => unknown) =>
    Object.entries(resources(template, type)).flatMap(([id, { Properties }]) => {
      const policy = document(Properties) as { Statement: Statement[] } | undefined;
      return policy === undefined ? [] : [[plainId(id), policy.Statement] as [string, Statement[]]];
    });
  return [
    ...found('AWS::S3::BucketPolicy', (it) => it.PolicyDocument),
    ...found('AWS::SQS::QueuePolicy', (it) => it.PolicyDocument),
    ...found('AWS::SNS::TopicPolicy', (it) => it.PolicyDocument),
    ...found('AWS::SecretsManager::ResourcePolicy', (it) => it.ResourcePolicy),
    ...found(
      'AWS::DynamoDB::Table',
      (it) => (it.ResourcePolicy as { PolicyDocument: unknown } | undefined)?.PolicyDocument,
    ),
    ...found('AWS::KMS::Key', (it) => it.KeyPolicy),
  ];
}

const principalOf = ({ Principal }: Statement): string => {
  const { AWS, Service } = Principal as { AWS?: unknown; Service?: unknown };
  return flat(AWS ?? Service ?? Principal);
};

const conditionsOf = ({ Condition = {} }: Statement): string =>
  Object.values(Condition)
    .flatMap((keys) => Object.keys(keys as object))
    .sort()
    .join(', ');

describe.each(stages)('The policies of resources, in %s,', (_, template) => {
  const policies = resourcePolicies(template);
  const allows = policies.flatMap(([of, statements]) =>
    statements.filter(({ Effect }) => Effect === 'Allow').map((one) => [of, one] as const),
  );

  test('allow nobody anything but services for this account, and the account its own key', () => {
    const lines = allows.map(
      ([of, one]) => `${of}: ${principalOf(one)} if ${conditionsOf(one) || 'nothing'}`,
    );
    const account = 'arn:<AWS::Partition>:iam::<AWS::AccountId>:root';
    const through = `Key: ${account} if kms:ViaService`;

    expect([...new Set(lines)].sort()).toEqual(
      [
        'AlarmTopicPolicy: cloudwatch.amazonaws.com if aws:SourceAccount, aws:SourceArn',
        'Key: cloudwatch.amazonaws.com if aws:SourceAccount',
        'Key: delivery.logs.amazonaws.com if kms:EncryptionContext:SourceArn',
        `Key: ${account} if kms:EncryptionContext:SourceArn`,
        `Key: ${account} if kms:EncryptionContext:aws:states:stateMachineArn`,
        `Key: ${account} if kms:GrantIsForAWSResource, kms:ViaService`,
        through,
        // Administration only: data-at-rest.test.ts says that it decrypts nothing.
        `Key: ${account} if nothing`,
        'Key: logs.<AWS::Region>.<AWS::URLSuffix> if kms:EncryptionContext:aws:logs:arn',
        'QuarantineAccessLogsPolicy: logging.s3.amazonaws.com if aws:SourceAccount, aws:SourceArn',
      ].sort(),
    );
  });

  test('never allow everybody anything', () => {
    const open = allows.filter(([, { Principal }]) =>
      EVERYBODY.includes(JSON.stringify(Principal)),
    );

    expect(open).toEqual([]);
  });

  test.each([
    ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'Bucket'],
    ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy', 'Queues'],
    ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy', 'Topics'],
  ])('stand with every %s, and refuse everybody connections in the clear', (type, policy, of) => {
    const refusing = Object.values(resources(template, policy))
      .filter(({ Properties }) =>
        (Properties.PolicyDocument as { Statement: Statement[] }).Statement.some(
          (one) =>
            one.Effect === 'Deny' &&
            EVERYBODY.includes(JSON.stringify(one.Principal)) &&
            JSON.stringify(one.Condition) === '{"Bool":{"aws:SecureTransport":"false"}}',
        ),
      )
      .flatMap(({ Properties }) => [Properties[of]].flat().map(flat));

    expect(refusing.sort()).toEqual(Object.keys(resources(template, type)).map(plainId).sort());
  });

  test('of buckets refuse old TLS too, and no bucket takes lists of grantees', () => {
    for (const [of, statements] of policies.filter(([id]) => /Bucket|Lists|AccessLogs/.test(id))) {
      expect([of, statements.map(conditionsOf)]).toEqual([
        of,
        expect.arrayContaining(['aws:SecureTransport', 's3:TlsVersion']),
      ]);
    }
    template.allResourcesProperties('AWS::S3::Bucket', {
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  test('let each role be taken by one service, and by nobody of another account', () => {
    const takers = Object.values(resources(template, 'AWS::IAM::Role')).flatMap(({ Properties }) =>
      (Properties.AssumeRolePolicyDocument as { Statement: Statement[] }).Statement.map(
        principalOf,
      ),
    );

    expect([...new Set(takers)].sort()).toEqual([
      'appconfig.amazonaws.com',
      'firehose.amazonaws.com',
      'lambda.amazonaws.com',
      'scheduler.amazonaws.com',
      'sns.amazonaws.com',
      'states.amazonaws.com',
    ]);
  });
});
