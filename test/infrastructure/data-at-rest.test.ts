import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { DECISIONS_INDEX } from '../../functions/adapters/decisions-index.ts';
import { stageDefaults } from '../../lib/infrastructure/stage-config.ts';
import { flat, onlyResource, plainId, resources, synthesized } from './synthesized-stack.ts';

const dev = synthesized('dev');
const prod = synthesized('prod');
const local = synthesized('local');

interface KeyStatement {
  readonly Sid: string;
  readonly Action: string | string[];
  readonly Principal: { readonly AWS?: unknown; readonly Service?: unknown };
  readonly Condition?: unknown;
}

interface TableStatement {
  readonly Condition?: { readonly ArnNotEquals: Record<string, unknown> };
}

interface WithPolicy {
  readonly ResourcePolicy: { readonly PolicyDocument: { readonly Statement: TableStatement[] } };
}

interface SecretStatement {
  readonly Condition: { readonly ArnNotEquals: Record<string, unknown[]> };
}

describe('The key', () => {
  const { KeyPolicy } = onlyResource(prod, 'AWS::KMS::Key');
  const statements = (KeyPolicy as { Statement: KeyStatement[] }).Statement;

  test('is one, and rotates', () => {
    prod.resourceCountIs('AWS::KMS::Key', 1);
    prod.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  test('lets nobody decrypt or encrypt except under a condition', () => {
    const unconditional = statements
      .filter(({ Condition }) => Condition === undefined)
      .flatMap(({ Action }) => Action);

    expect(unconditional).not.toHaveLength(0);
    expect(
      unconditional.filter((action) => /crypt|GenerateDataKey|CreateGrant|\*/.test(action)),
    ).toEqual([]);
  });

  test('has no statement but those written here', () => {
    expect(statements.map(({ Sid }) => Sid)).toEqual([
      'AccountAdministersTheKey',
      'AccountUsesTheKeyThroughServices',
      'DynamoDbKeepsItsOwnGrants',
      'FirehoseKeepsItsOwnGrants',
      'WorkflowDataIsEncrypted',
      'WorkflowLogsAreEncrypted',
      'WorkflowLogsAreDelivered',
      'CloudWatchLogsEncryptsLogGroups',
      'CloudWatchAlarmsReachTheTopic',
    ]);
  });

  const keyed: [string, (properties: Record<string, unknown>) => unknown][] = [
    ['AWS::Kinesis::Stream', (it) => (it.StreamEncryption as { KeyId: unknown }).KeyId],
    [
      'AWS::DynamoDB::Table',
      (it) => (it.SSESpecification as { KMSMasterKeyId: unknown }).KMSMasterKeyId,
    ],
    ['AWS::SQS::Queue', (it) => it.KmsMasterKeyId],
    ['AWS::SNS::Topic', (it) => it.KmsMasterKeyId],
    ['AWS::SecretsManager::Secret', (it) => it.KmsKeyId],
    ['AWS::Logs::LogGroup', (it) => it.KmsKeyId],
    [
      'AWS::StepFunctions::StateMachine',
      (it) => (it.EncryptionConfiguration as { KmsKeyId: unknown }).KmsKeyId,
    ],
  ];
  test.each(keyed)('encrypts every %s', (type, keyOf) => {
    const keys = Object.values(resources(prod, type)).map(({ Properties }) =>
      flat(keyOf(Properties)),
    );

    expect(keys).not.toHaveLength(0);
    expect(new Set(keys)).toEqual(new Set(['Key.Arn']));
  });
});

describe('Streams', () => {
  test('are on demand in dev and prod', () => {
    for (const template of [dev, prod]) {
      template.allResourcesProperties('AWS::Kinesis::Stream', {
        StreamModeDetails: { StreamMode: 'ON_DEMAND' },
        ShardCount: Match.absent(),
      });
    }
  });

  test('have a fixed number of shards each in the local stage', () => {
    const shards = Object.entries(resources(local, 'AWS::Kinesis::Stream')).map(
      ([id, { Properties }]) => [plainId(id), Properties.ShardCount],
    );
    expect(Object.fromEntries(shards)).toEqual({
      CallsStream: 1,
      LegsStream: 2,
      ExposuresStream: 1,
    });
  });

  test('keep records as long as the stage says', () => {
    prod.allResourcesProperties('AWS::Kinesis::Stream', { RetentionPeriodHours: 72 });
  });
});

describe('Tables', () => {
  test('are on demand, recoverable to a point in time, and expire their items', () => {
    for (const template of [dev, prod]) {
      template.allResourcesProperties('AWS::DynamoDB::Table', {
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      });
    }
  });

  test('have the keys that the handlers use', () => {
    const keys = Object.entries(resources(prod, 'AWS::DynamoDB::Table')).map(
      ([id, { Properties }]) => [
        plainId(id),
        (Properties.KeySchema as { AttributeName: string }[]).map((key) => key.AttributeName),
      ],
    );
    expect(Object.fromEntries(keys)).toEqual({
      ScoreNumbersProfilesTable: ['number'],
      ScoreSubjectsTable: ['subject', 'item'],
      DissuasionCasesTable: ['caseId', 'item'],
      DissuasionTasksTable: ['taskId'],
      RegistersTable: ['register', 'key'],
      LiveUpdatesConnectionsTable: ['connectionId'],
      OfficersApiAuditTable: ['chain', 'sequence'],
      OfficersApiRequestsTable: ['id'],
      NumberListsCluesTable: ['id'],
      NumberListsTable: ['list', 'item'],
      CampaignsTable: ['key', 'item'],
    });
  });

  test.each([
    ['DissuasionTasksTable', 'by-queue', 'queue', 'dueAt'],
    ['DissuasionTasksTable', 'by-backup', 'backupQueue', 'dueAt'],
    ['DissuasionTasksTable', 'by-case', 'caseId', 'assignedAt'],
    ['DissuasionCasesTable', 'by-state', 'state', 'openedAt'],
    ['DissuasionCasesTable', 'by-district', 'district', 'openedAt'],
    ['DissuasionCasesTable', 'by-officer', 'lastOfficer', 'openedAt'],
  ])('of %s are listed %s: %s, then %s', (table, name, partition, sort) => {
    const found = Object.entries(resources(prod, 'AWS::DynamoDB::Table')).find(
      ([id]) => plainId(id) === table,
    );
    expect(found?.[1].Properties.GlobalSecondaryIndexes).toContainEqual({
      IndexName: name,
      KeySchema: [
        { AttributeName: partition, KeyType: 'HASH' },
        { AttributeName: sort, KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    });
  });

  test('of clues are listed by their number and time, and a clue that gets on writes nothing there', () => {
    prod.hasResourceProperties('AWS::DynamoDB::Table', {
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-number',
          KeySchema: [
            { AttributeName: 'number', KeyType: 'HASH' },
            { AttributeName: 'receivedAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['clue'] },
        },
      ],
    });
  });

  test('list the decisions of a day by the time of decision', () => {
    prod.hasResourceProperties('AWS::DynamoDB::Table', {
      GlobalSecondaryIndexes: [
        {
          IndexName: DECISIONS_INDEX,
          KeySchema: [
            { AttributeName: 'decidedOn', KeyType: 'HASH' },
            { AttributeName: 'decidedAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });
  });

  test('stream new images of subjects, both images of tasks, and nothing else', () => {
    const views = Object.entries(resources(prod, 'AWS::DynamoDB::Table')).flatMap(
      ([id, { Properties }]) => {
        const { StreamSpecification } = Properties as {
          StreamSpecification?: { StreamViewType: string };
        };
        return StreamSpecification ? [[plainId(id), StreamSpecification.StreamViewType]] : [];
      },
    );
    expect(Object.fromEntries(views)).toEqual({
      ScoreSubjectsTable: 'NEW_IMAGE',
      DissuasionTasksTable: 'NEW_AND_OLD_IMAGES',
    });
  });
});

describe('The audit', () => {
  const statements = Object.values(resources(prod, 'AWS::DynamoDB::Table')).flatMap(
    ({ Properties }) =>
      (Properties as Partial<WithPolicy>).ResourcePolicy?.PolicyDocument.Statement ?? [],
  );

  test('refuses everybody who would change or delete an entry, in every way that there is', () => {
    expect(statements[0]).toEqual({
      Sid: 'NothingIsChangedOrDeleted',
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: [
        'dynamodb:BatchWriteItem',
        'dynamodb:DeleteItem',
        'dynamodb:PartiQLDelete',
        'dynamodb:PartiQLInsert',
        'dynamodb:PartiQLUpdate',
        'dynamodb:UpdateItem',
      ],
      Resource: '*',
    });
  });

  test('lets one function add entries, and refuses it to everybody else', () => {
    const [, { Condition, ...rest } = {} as TableStatement] = statements;

    expect(statements).toHaveLength(2);
    expect(rest).toMatchObject({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 'dynamodb:PutItem',
    });
    expect(flat(Condition?.ArnNotEquals['aws:PrincipalArn'])).toBe('OfficersApiNumbersRole.Arn');
  });
});

describe('What a deleted stack leaves behind', () => {
  const keepers = [
    'AWS::KMS::Key',
    'AWS::Kinesis::Stream',
    'AWS::DynamoDB::Table',
    'AWS::S3::Bucket',
    'AWS::SQS::Queue',
    'AWS::SNS::Topic',
    'AWS::SecretsManager::Secret',
    'AWS::Logs::LogGroup',
    'AWS::Cognito::UserPool',
  ];

  test.each(keepers)('is every %s in prod, and none in dev', (type) => {
    for (const [template, policy] of [
      [prod, 'Retain'],
      [dev, 'Delete'],
    ] as const) {
      const found = Object.values(resources(template, type)).filter(
        ({ Properties }) => !flat(Properties.LogGroupName).startsWith('sns/'),
      );
      expect(found).not.toHaveLength(0);
      for (const { DeletionPolicy, UpdateReplacePolicy } of found) {
        expect([DeletionPolicy, UpdateReplacePolicy]).toEqual([policy, policy]);
      }
    }
  });

  test('in prod includes tables that cannot even be deleted by hand', () => {
    prod.allResourcesProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: true });
    dev.allResourcesProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: false });
  });
});

describe('Quarantine', () => {
  test('is shut to the public and expires', () => {
    prod.allResourcesProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    prod.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' }, BucketKeyEnabled: true },
        ],
      },
      LifecycleConfiguration: {
        Rules: [
          Match.objectLike({
            ExpirationInDays: stageDefaults.prod.retention.quarantineDays,
            Status: 'Enabled',
          }),
        ],
      },
      LoggingConfiguration: Match.objectLike({ LogFilePrefix: 'quarantine/' }),
    });
  });

  test('is not kept beside the lists of campaigns, which expire with the subjects', () => {
    prod.hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' }, BucketKeyEnabled: true },
        ],
      },
      LifecycleConfiguration: {
        Rules: [
          Match.objectLike({
            ExpirationInDays: stageDefaults.prod.retention.subjectDays,
            Status: 'Enabled',
          }),
        ],
      },
      LoggingConfiguration: Match.objectLike({ LogFilePrefix: 'campaigns/' }),
    });
  });

  test.each([
    ['AWS::S3::BucketPolicy', 4],
    ['AWS::SQS::QueuePolicy', 3],
    ['AWS::SNS::TopicPolicy', 2],
  ])('and everything with a %s refuses plain text connections', (type, count) => {
    const policies = Object.values(resources(prod, type));
    expect(policies).toHaveLength(count);
    for (const { Properties } of policies) {
      expect((Properties.PolicyDocument as { Statement: unknown[] }).Statement).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
    }
  });
});

describe('The sealing key', () => {
  test('is generated in the form that the functions read', () => {
    // To the letter: CloudFormation generates another secret when any of it changes, and all tokens would be others.
    expect(onlyResource(prod, 'AWS::SecretsManager::Secret').GenerateSecretString).toEqual({
      SecretStringTemplate: '{"current":"1"}',
      GenerateStringKey: '1',
      PasswordLength: 64,
      ExcludePunctuation: true,
    });
  });

  test('is refused to everybody but those functions that need a clear number', () => {
    const policy = onlyResource(prod, 'AWS::SecretsManager::ResourcePolicy');
    const { Statement } = policy.ResourcePolicy as { Statement: SecretStatement[] };
    const [{ Condition, ...rest }] = Statement as [SecretStatement];

    expect(Statement).toHaveLength(1);
    expect(policy.BlockPublicPolicy).toBe(true);
    expect(rest).toMatchObject({ Effect: 'Deny', Action: 'secretsmanager:GetSecretValue' });
    expect(Condition.ArnNotEquals['aws:PrincipalArn']?.map(flat)).toEqual([
      'RegistersImportRegisterRole.Arn',
      'IntakeRole.Arn',
      'SendWarningsRole.Arn',
      'ExplainNumberRole.Arn',
      'CampaignsSendNoticesRole.Arn',
      'OfficersApiMaskNumbersRole.Arn',
      'OfficersApiNumbersRole.Arn',
      'OfficersApiCluesRole.Arn',
    ]);
  });
});
