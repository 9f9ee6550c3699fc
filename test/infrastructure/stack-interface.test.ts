import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { streamSourceNames } from '../../lib/infrastructure/stage-config.ts';
import { stageConfigRules } from '../../lib/infrastructure/stage-config-rules.ts';
import { flat, synthesized } from './synthesized-stack.ts';

const dev = synthesized('dev', { tags: { team: 'fraud' } });
const guide = readFileSync(new URL('../../docs/deploying.md', import.meta.url), 'utf8');

describe('The outputs of a stack', () => {
  const outputs = Object.fromEntries(
    Object.entries(dev.findOutputs('*') as Record<string, { Value: unknown }>).map(
      ([name, { Value }]) => [name, flat(Value)],
    ),
  );

  test('have names that other tools can rely on', () => {
    expect(outputs).toEqual({
      CallsStreamName: 'CallsStream',
      LegsStreamName: 'LegsStream',
      ExposuresStreamName: 'ExposuresStream',
      ProfilesTableName: 'ScoreNumbersProfilesTable',
      SubjectsTableName: 'ScoreSubjectsTable',
      CasesTableName: 'DissuasionCasesTable',
      TasksTableName: 'DissuasionTasksTable',
      PaymentStopTopicArn: 'DissuasionPaymentStop',
      RegisterFunctionName: 'RegistersImportRegisterFunction',
      QuarantineBucketName: 'QuarantineBucket',
      SealingSecretArn: 'SealingSecret',
      DissuasionStateMachineArn: 'DissuasionStateMachine',
      WarningRetriesQueueUrl: 'SendWarningsRetries',
      SmsDeliveryRoleArn: 'DeliveryLogRole.Arn',
      PolicyApplicationId: 'PolicyApplication',
      PolicyEnvironmentId: 'PolicyEnvironment',
      PolicyProfileId: 'PolicyLive',
      ShadowPolicyProfileId: 'PolicyShadow',
      PolicyStrategyId: 'PolicyWatched',
      PolicyImmediateStrategyId: 'PolicyImmediate',
      ArchiveBucketName: 'ArchiveBucket',
      ArchiveDatabaseName: 'forewarn_dev',
      ArchiveWorkGroupName: 'Forewarn-dev-archive',
      ArchiveDeliveryStreamName: 'ArchiveDelivery',
      ArchiveCompactionStateMachineArn: 'CompactionNightStateMachine',
      DailyStudyStateMachineArn: 'StudyNightStateMachine',
      ContactSearchStateMachineArn: 'ContactsSearchStateMachine',
      AlarmTopicArn: 'AlarmTopic',
      ExplainFunctionName: 'ExplainNumberFunction',
      OfficersApiUrl: 'OfficersApi.ApiEndpoint',
      LiveUpdatesUrl: 'LiveUpdatesApi.ApiEndpoint/live',
      UserPoolId: 'OfficersPool',
      UserPoolClientId: 'OfficersPoolClient',
      AuditTableName: 'OfficersApiAuditTable',
      CluesTableName: 'NumberListsCluesTable',
      ListsTableName: 'NumberListsTable',
      RequestsTableName: 'OfficersApiRequestsTable',
      ConnectionsTableName: 'LiveUpdatesConnectionsTable',
      CampaignsTableName: 'CampaignsTable',
      CampaignListsBucketName: 'CampaignsLists',
      CampaignAudienceFunctionName: 'CampaignsCampaignAudienceFunction',
      CampaignFunctionName: 'CampaignsKeepCampaignFunction',
      CampaignStateMachineArn: 'CampaignsStateMachine',
    });
  });

  test('are all in the guide', () => {
    expect(Object.keys(outputs).filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('The guide to deploying', () => {
  test('explains every setting', () => {
    const names = Object.keys(stageConfigRules)
      .filter((path) => path !== 'stage')
      .map((path) => path.replace(/^(sources|functions)\.[^.]+/, '$1.NAME'));
    expect(names.filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
  });

  test('names every source', () => {
    expect(streamSourceNames.filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
  });

  test('shows settings that work', () => {
    const [, example] = /```json\n([^`]+)```/.exec(guide) ?? [];
    expect(() => synthesized('prod', JSON.parse(example ?? ''))).not.toThrow();
  });
});

describe('The tags of a stage', () => {
  test('are on every function, stream and table', () => {
    for (const type of ['AWS::Lambda::Function', 'AWS::Kinesis::Stream', 'AWS::DynamoDB::Table']) {
      dev.allResourcesProperties(type, {
        Tags: [
          { Key: 'application', Value: 'forewarn' },
          { Key: 'stage', Value: 'dev' },
          { Key: 'team', Value: 'fraud' },
        ],
      });
    }
  });
});
