import { describe, expect, test } from 'vitest';
import { LISTS_TABLE, STUDY_TABLES } from '../../lib/study/study-tables.ts';
import { permissions, roles } from './role-permissions.ts';
import { synthesized } from './synthesized-stack.ts';

const template = synthesized('prod');

const abandoning = [
  'kms:GenerateDataKey on Key.Arn if through s3',
  's3:ListBucket on QuarantineBucket.Arn',
  's3:PutObject on QuarantineBucket.Arn/aws/lambda/*',
];
const polling = (stream: string) => [
  'kms:Decrypt on Key.Arn if through kinesis',
  ...[
    'DescribeStream',
    'DescribeStreamSummary',
    'GetRecords',
    'GetShardIterator',
    'ListShards',
  ].map((action) => `kinesis:${action} on ${stream}.Arn`),
];
const pollingTable = (table: string) => [
  `dynamodb:ListStreams on ${table}.Arn/stream/*`,
  ...['DescribeStream', 'GetRecords', 'GetShardIterator'].map(
    (action) => `dynamodb:${action} on ${table}.StreamArn`,
  ),
];
const pollingSubjects = pollingTable('ScoreSubjectsTable');
const listing = (table: string, ...indexes: string[]) =>
  indexes.map((index) => `dynamodb:Query on ${table}.Arn/index/${index}`);
const writing = (stream: string) => [
  'kms:GenerateDataKey on Key.Arn if through kinesis',
  `kinesis:PutRecords on ${stream}.Arn`,
];
const items = (table: string, ...actions: string[]) => [
  ...actions.map((action) => `dynamodb:${action} on ${table}.Arn`),
  ...[
    'Decrypt',
    'DescribeKey',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyWithoutPlaintext',
    'ReEncryptFrom',
    'ReEncryptTo',
  ].map((action) => `kms:${action} on Key.Arn if through dynamodb`),
];
const readingPolicies = (...profiles: string[]) =>
  profiles.flatMap((profile) =>
    ['GetLatestConfiguration', 'StartConfigurationSession'].map(
      (action) =>
        `appconfig:${action} on arn:<AWS::Partition>:appconfig:<AWS::Region>:<AWS::AccountId>:application/PolicyApplication/environment/PolicyEnvironment/configuration/${profile}`,
    ),
  );
const unsealing = [
  'kms:Decrypt on Key.Arn if through secretsmanager',
  'secretsmanager:GetSecretValue on SealingSecret',
];
/** What a workflow needs to log, and to be traced. */
const loggingWorkflow = [
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
].map((action) => `${action} on *`);
const texting = [
  'sns:CheckIfPhoneNumberIsOptedOut on *',
  'sns:Publish on *',
  'deny sns:Publish on arn:<AWS::Partition>:sns:*:*:*',
];
const states = 'arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>';
const workflowKey = [
  'kms:Decrypt on Key.Arn if bound to a context',
  'kms:GenerateDataKey on Key.Arn if bound to a context',
];

const answeringWorkflow = [
  'states:SendTaskSuccess on arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:Forewarn-prod-dissuasion',
  ...workflowKey,
];
const callingOffTasks = [
  ...items('DissuasionTasksTable', 'GetItem', 'UpdateItem'),
  ...answeringWorkflow,
];
const changingCases = items('DissuasionCasesTable', 'GetItem', 'PutItem');
/** What both functions of the officers' API may do. */
const servingOfficers = [
  ...changingCases,
  ...items('RegistersTable', 'GetItem'),
  ...items('OfficersApiRequestsTable', 'DeleteItem', 'PutItem', 'UpdateItem'),
  ...items('OfficersApiAuditTable', 'Query'),
  ...readingPolicies('PolicyLive'),
];
const tellingBanks = [
  'kms:Decrypt on Key.Arn if through sns',
  'kms:GenerateDataKey on Key.Arn if through sns',
  'sns:Publish on DissuasionPaymentStop',
];

const glue = (...parts: string[]) =>
  parts.map((part) => `arn:<AWS::Partition>:glue:<AWS::Region>:<AWS::AccountId>:${part}`);
const records = glue('catalog', 'database/forewarn_prod', 'table/forewarn_prod/call_records');
const studyTables = [...STUDY_TABLES, LISTS_TABLE].map(({ name }) => name);
const onEach = (resources: readonly string[], ...actions: string[]) =>
  resources.flatMap((resource) => actions.map((action) => `${action} on ${resource}`));
const inArchive = (...prefixes: string[]) =>
  prefixes.map((prefix) => `ArchiveBucket.Arn/${prefix}/*`);
const writingArchive = (...prefixes: string[]) => [
  ...onEach(
    inArchive(...prefixes),
    's3:AbortMultipartUpload',
    's3:ListMultipartUploadParts',
    's3:PutObject',
  ),
  ...onEach(
    ['ArchiveBucket.Arn'],
    's3:GetBucketLocation',
    's3:ListBucket',
    's3:ListBucketMultipartUploads',
  ),
  'kms:Decrypt on Key.Arn if through s3',
  'kms:GenerateDataKey on Key.Arn if through s3',
];
const athena = (part: string) =>
  `arn:<AWS::Partition>:athena:<AWS::Region>:<AWS::AccountId>:${part}`;
/** What asking some tables takes. */
const askingArchive = (...tables: string[]) => [
  `athena:GetDataCatalog on ${athena('datacatalog/AwsDataCatalog')}`,
  ...onEach(
    [athena('workgroup/Forewarn-prod-archive')],
    'athena:GetQueryExecution',
    'athena:StartQueryExecution',
    'athena:StopQueryExecution',
  ),
  ...onEach(glue('catalog', 'database/forewarn_prod'), 'glue:GetDatabase'),
  ...onEach(
    glue(
      'catalog',
      'database/forewarn_prod',
      ...tables.map((name) => `table/forewarn_prod/${name}`),
    ),
    'glue:GetPartition',
    'glue:GetPartitions',
    'glue:GetTable',
  ),
  ...onEach(inArchive('answers', ...tables), 's3:GetObject'),
];

/** Each role and, beside its own logs and traces, all that it may do. */
const expected: Record<string, string[]> = {
  IntakeRole: [
    ...polling('CallsStream'),
    ...writing('LegsStream'),
    ...unsealing,
    ...abandoning,
    's3:PutObject on QuarantineBucket.Arn/quarantine/*',
  ],
  ScoreNumbersRole: [
    ...polling('LegsStream'),
    ...items('ScoreNumbersProfilesTable', 'BatchGetItem', 'PartiQLInsert', 'PartiQLUpdate'),
    ...items('ScoreSubjectsTable', 'PutItem'),
    ...writing('ExposuresStream'),
    ...readingPolicies('PolicyLive', 'PolicyShadow'),
    ...abandoning,
  ],
  ScoreSubjectsRole: [
    ...polling('ExposuresStream'),
    ...items('ScoreSubjectsTable', 'GetItem', 'PutItem', 'UpdateItem'),
    ...items('RegistersTable', 'GetItem'),
    ...readingPolicies('PolicyLive', 'PolicyShadow'),
    ...abandoning,
  ],
  SendWarningsRole: [
    ...pollingSubjects,
    ...items('ScoreSubjectsTable', 'GetItem', 'UpdateItem'),
    ...unsealing,
    ...readingPolicies('PolicyLive'),
    ...abandoning,
    ...texting,
    ...['DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage', 'SendMessage'].map(
      (action) => `sqs:${action} on SendWarningsRetries.Arn`,
    ),
    'kms:Decrypt on Key.Arn if through sqs',
    'kms:GenerateDataKey on Key.Arn if through sqs',
  ],
  RecordDeliveryRole: [
    ...items('ScoreSubjectsTable', 'GetItem', 'UpdateItem'),
    ...readingPolicies('PolicyLive'),
    ...abandoning,
    'sqs:SendMessage on SendWarningsRetries.Arn',
    ...['DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage', 'SendMessage'].map(
      (action) => `sqs:${action} on RecordDeliveryEarly.Arn`,
    ),
    'kms:Decrypt on Key.Arn if through sqs',
    'kms:GenerateDataKey on Key.Arn if through sqs',
  ],
  // SNS's, for the log of texts.
  DeliveryLogRole: ['Arrived', 'Failed'].map(
    (name) => `logs:CreateLogGroup on DeliveryLog${name}.Arn`,
  ),
  OpenCasesRole: [
    ...pollingSubjects,
    ...changingCases,
    ...callingOffTasks,
    ...items('ScoreNumbersProfilesTable', 'BatchGetItem'),
    ...items('ScoreSubjectsTable', 'Query', 'UpdateItem'),
    ...items('RegistersTable', 'GetItem'),
    'states:StartExecution on DissuasionStateMachine',
    ...abandoning,
  ],
  DissuasionPlanMoveRole: [...changingCases, ...tellingBanks],
  DissuasionOfferTaskRole: [
    ...items('DissuasionCasesTable', 'GetItem'),
    ...items('DissuasionTasksTable', 'PutItem'),
    ...items('RegistersTable', 'GetItem'),
    ...callingOffTasks,
  ],
  DissuasionSettleTaskRole: [...changingCases, ...callingOffTasks, ...tellingBanks],
  DissuasionAwaitNewsRole: [...changingCases, ...answeringWorkflow],
  DissuasionCloseCaseRole: [
    ...items('DissuasionCasesTable', 'GetItem'),
    ...items('ScoreSubjectsTable', 'UpdateItem'),
  ],
  RegistersImportRegisterRole: [
    ...items('RegistersTable', 'DeleteItem', 'GetItem', 'PutItem', 'Query'),
    ...unsealing,
  ],
  ExplainNumberRole: [...items('ScoreSubjectsTable', 'Query'), ...unsealing],
  OfficersApiCasesRole: [
    ...servingOfficers,
    ...callingOffTasks,
    ...items('DissuasionCasesTable', 'Query'),
    ...listing('DissuasionCasesTable', 'by-district', 'by-officer', 'by-state'),
    ...listing('DissuasionTasksTable', 'by-backup', 'by-case', 'by-queue'),
    ...items('ScoreSubjectsTable', 'Query'),
    ...listing('ScoreSubjectsTable', 'decisions'),
    ...items('NumberListsTable', 'GetItem', 'PutItem', 'Query'),
    ...items('ScoreNumbersProfilesTable', 'GetItem', 'UpdateItem'),
    ...items('LiveUpdatesConnectionsTable', 'PutItem'),
    'lambda:InvokeFunction on CampaignsKeepCampaignFunction.Arn',
    'lambda:InvokeFunction on OfficersApiMaskNumbersFunction.Arn',
  ],
  OfficersApiNumbersRole: [
    ...servingOfficers,
    ...items('DissuasionTasksTable', 'GetItem'),
    ...listing('DissuasionTasksTable', 'by-case'),
    ...items('ScoreSubjectsTable', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    ...listing('ScoreSubjectsTable', 'decisions'),
    ...items(
      'NumberListsTable',
      'DeleteItem',
      'GetItem',
      'PartiQLUpdate',
      'PutItem',
      'Query',
      'UpdateItem',
    ),
    ...items('NumberListsCluesTable', 'GetItem'),
    ...listing('NumberListsCluesTable', 'by-number'),
    ...items('ScoreNumbersProfilesTable', 'GetItem', 'UpdateItem'),
    ...writing('ExposuresStream'),
    ...items('OfficersApiAuditTable', 'PutItem'),
    ...unsealing,
    'states:StartExecution on ContactsSearchStateMachine',
    ...workflowKey,
  ],
  OfficersApiCluesRole: [
    ...items(
      'NumberListsCluesTable',
      'BatchGetItem',
      'GetItem',
      'PartiQLInsert',
      'PartiQLUpdate',
      'UpdateItem',
    ),
    ...items('NumberListsTable', 'GetItem', 'PutItem'),
    ...items('ScoreNumbersProfilesTable', 'BatchGetItem', 'PartiQLInsert', 'PartiQLUpdate'),
    ...items('OfficersApiRequestsTable', 'DeleteItem', 'PutItem', 'UpdateItem'),
    ...readingPolicies('PolicyLive'),
    ...unsealing,
  ],
  OfficersApiMaskNumbersRole: unsealing,
  LiveUpdatesConnectRole: items('LiveUpdatesConnectionsTable', 'DeleteItem', 'PutItem'),
  LiveUpdatesPushRole: [
    ...pollingTable('DissuasionTasksTable'),
    ...items('LiveUpdatesConnectionsTable', 'DeleteItem', 'Scan'),
    'execute-api:ManageConnections on arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:LiveUpdatesApi/live/POST/@connections/*',
  ],
  PolicyMonitorRole: ['cloudwatch:DescribeAlarms on *'],
  PolicyValidatorRole: [],
  DissuasionRole: [
    ...['AwaitNews', 'CloseCase', 'OfferTask', 'PlanMove', 'SettleTask'].map(
      (name) => `lambda:InvokeFunction on Dissuasion${name}Function.Arn`,
    ),
    ...workflowKey,
    ...loggingWorkflow,
  ],
  CampaignsCampaignAudienceRole: [
    ...items('CampaignsTable', 'BatchGetItem', 'GetItem', 'UpdateItem'),
    ...items('RegistersTable', 'BatchGetItem', 'Query'),
    ...items('ScoreSubjectsTable', 'BatchGetItem'),
    ...readingPolicies('PolicyLive'),
    's3:GetObject on CampaignsLists.Arn/campaigns/*',
    's3:PutObject on CampaignsLists.Arn/campaigns/*',
    'kms:Decrypt on Key.Arn if through s3',
    'kms:GenerateDataKey on Key.Arn if through s3',
  ],
  CampaignsKeepCampaignRole: [
    ...items('CampaignsTable', 'GetItem', 'PutItem', 'Query', 'UpdateItem'),
    `states:StartExecution on ${states}:stateMachine:Forewarn-prod-campaigns`,
    `states:StopExecution on ${states}:execution:Forewarn-prod-campaigns:*`,
    ...workflowKey,
  ],
  CampaignsSendNoticesRole: [
    ...items('CampaignsTable', 'BatchGetItem', 'GetItem', 'UpdateItem'),
    ...items('RegistersTable', 'BatchGetItem', 'GetItem'),
    ...items('ScoreSubjectsTable', 'BatchGetItem', 'UpdateItem'),
    ...readingPolicies('PolicyLive'),
    ...unsealing,
    ...texting,
  ],
  CampaignsRole: [
    ...['CampaignAudience', 'KeepCampaign', 'SendNotices'].map(
      (name) => `lambda:InvokeFunction on Campaigns${name}Function.Arn`,
    ),
    's3:GetObject on CampaignsLists.Arn/campaigns/*',
    'kms:Decrypt on Key.Arn if through s3',
    `states:StartExecution on ${states}:stateMachine:Forewarn-prod-campaigns`,
    `states:DescribeExecution on ${states}:execution:Forewarn-prod-campaigns:*`,
    `states:StopExecution on ${states}:execution:Forewarn-prod-campaigns:*`,
    ...workflowKey,
    ...loggingWorkflow,
  ],
  ArchiveReaderRole: [
    ...polling('LegsStream'),
    'firehose:PutRecordBatch on ArchiveDelivery.Arn',
    ...abandoning,
  ],
  // Firehose's.
  ArchiveDeliveryRole: [
    ...onEach(records, 'glue:GetTable', 'glue:GetTableVersion', 'glue:GetTableVersions'),
    ...onEach(
      ['ArchiveBucket.Arn'],
      's3:GetBucketLocation',
      's3:ListBucket',
      's3:ListBucketMultipartUploads',
    ),
    ...onEach(
      inArchive('call_records', 'failed'),
      's3:AbortMultipartUpload',
      's3:GetObject',
      's3:PutObject',
    ),
    'kms:Decrypt on Key.Arn if through s3',
    'kms:GenerateDataKey on Key.Arn if through s3',
  ],
  CompactionClearDayRole: [
    's3:DeleteObject on ArchiveBucket.Arn/calls/*',
    's3:ListBucket on ArchiveBucket.Arn if bound to a context',
  ],
  ContactsExposeRole: [
    `athena:GetQueryResults on ${athena('workgroup/Forewarn-prod-archive')}`,
    ...onEach(inArchive('answers'), 's3:GetObject'),
    'kms:Decrypt on Key.Arn if through s3',
    ...items('ScoreNumbersProfilesTable', 'GetItem'),
    ...writing('ExposuresStream'),
    ...readingPolicies('PolicyLive'),
  ],
  ContactsSearchRole: [
    ...askingArchive('call_records', 'calls'),
    ...writingArchive('answers'),
    'lambda:InvokeFunction on ContactsExposeFunction.Arn',
    ...workflowKey,
    ...loggingWorkflow,
  ],
  CompactionNightRole: [
    ...askingArchive('call_records', 'calls'),
    `athena:GetQueryResults on ${athena('workgroup/Forewarn-prod-archive')}`,
    ...writingArchive('answers', 'calls'),
    'lambda:InvokeFunction on CompactionClearDayFunction.Arn',
    ...workflowKey,
    ...loggingWorkflow,
  ],
  CompactionNightScheduleRole: [
    'states:StartExecution on CompactionNightStateMachine',
    ...workflowKey,
  ],
  StudyStudyDayRole: [
    `athena:GetQueryResults on ${athena('workgroup/Forewarn-prod-archive')}`,
    's3:ListBucket on ArchiveBucket.Arn',
    ...onEach(inArchive('answers', 'references', 'studies'), 's3:GetObject'),
    's3:PutObject on ArchiveBucket.Arn/studies/*',
    ...onEach(inArchive(...studyTables), 's3:DeleteObject'),
    'kms:Decrypt on Key.Arn if through s3',
    'kms:GenerateDataKey on Key.Arn if through s3',
    ...items('ScoreSubjectsTable', 'BatchGetItem'),
    ...listing('ScoreSubjectsTable', 'decisions'),
    ...listing('DissuasionCasesTable', 'by-state'),
    ...items('NumberListsTable', 'GetItem', 'PutItem', 'Query'),
    ...items('ScoreNumbersProfilesTable', 'GetItem', 'UpdateItem'),
    'lambda:InvokeFunction on CampaignsKeepCampaignFunction.Arn',
    'lambda:InvokeFunction on CampaignsCampaignAudienceFunction.Arn',
    ...readingPolicies('PolicyLive'),
  ],
  StudyNightRole: [
    ...askingArchive('calls', ...studyTables),
    ...writingArchive('answers', ...studyTables),
    'lambda:InvokeFunction on StudyStudyDayFunction.Arn',
    ...workflowKey,
    ...loggingWorkflow,
  ],
  StudyNightScheduleRole: ['states:StartExecution on StudyNightStateMachine', ...workflowKey],
};

describe('Least privilege', () => {
  test('knows every role of the stack', () => {
    expect(roles(template)).toEqual(Object.keys(expected).sort());
  });

  test.each(Object.entries(expected))('lets %s do exactly this', (role, lines) => {
    expect(permissions(template, role)).toEqual([...new Set(lines)].sort());
  });

  test('allows no action by wildcard', () => {
    const all = roles(template).flatMap((role) => permissions(template, role));
    expect(all.filter((line) => /^(deny )?[\w:]*\*/.test(line))).toEqual([]);
  });
});
