import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { functionNames, stageDefaults } from '../../lib/infrastructure/stage-config.ts';
import { flat, resources, synthesized } from './synthesized-stack.ts';

const dev = synthesized('dev');

function environments(template = dev): Record<string, Record<string, string>> {
  return Object.fromEntries(
    Object.values(resources(template, 'AWS::Lambda::Function')).map(({ Properties }) => {
      const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
      const variables = Object.entries(Variables).map(([name, value]) => [name, flat(value)]);
      return [Variables.POWERTOOLS_SERVICE_NAME, Object.fromEntries(variables)];
    }),
  );
}

const own = (variables: Record<string, string> | undefined) =>
  Object.fromEntries(
    Object.entries(variables ?? {}).filter(([name]) => !name.startsWith('POWERTOOLS_')),
  );

/** Where things are that both functions of the officers' API use. */
const officersTables = {
  CASES_TABLE_NAME: 'DissuasionCasesTable',
  TASKS_TABLE_NAME: 'DissuasionTasksTable',
  SUBJECTS_TABLE_NAME: 'ScoreSubjectsTable',
  REGISTERS_TABLE_NAME: 'RegistersTable',
  REQUESTS_TABLE_NAME: 'OfficersApiRequestsTable',
  AUDIT_TABLE_NAME: 'OfficersApiAuditTable',
  LISTS_TABLE_NAME: 'NumberListsTable',
};

/** Where campaigns find who is texted and who is left alone. */
const campaignTables = {
  CAMPAIGNS_TABLE_NAME: 'CampaignsTable',
  REGISTERS_TABLE_NAME: 'RegistersTable',
  SUBJECTS_TABLE_NAME: 'ScoreSubjectsTable',
};

/** Where the policies are; a function that has no use for the shadow is not told of it. */
const policies = {
  POLICY_APPLICATION_ID: 'PolicyApplication',
  POLICY_ENVIRONMENT_ID: 'PolicyEnvironment',
  POLICY_PROFILE_ID: 'PolicyLive',
  POLICY_POLL_SECONDS: '30',
};
const withShadow = { ...policies, SHADOW_POLICY_PROFILE_ID: 'PolicyShadow' };

describe('Functions', () => {
  test('are one a folder', () => {
    expect(Object.keys(environments()).sort()).toEqual([...functionNames].sort());
  });

  test('run on the newest Node of Lambda, on arm64, traced, with a log group of their own', () => {
    dev.allResourcesProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogGroup: Match.anyValue() },
    });
    const groups = Object.values(resources(dev, 'AWS::Lambda::Function')).map(({ Properties }) =>
      flat((Properties.LoggingConfig as { LogGroup: unknown }).LogGroup),
    );
    expect(new Set(groups).size).toBe(functionNames.length);
  });

  test.each([
    ['dev', 14],
    ['prod', 90],
  ])('keep the logs of %s for %i days', (stage, days) => {
    const groups = Object.values(resources(synthesized(stage), 'AWS::Logs::LogGroup'));
    // The log of texts is SNS's, and is kept for days only.
    const ours = groups.filter(
      ({ Properties }) => !flat(Properties.LogGroupName).startsWith('sns/'),
    );
    expect(ours.length).toBeGreaterThan(functionNames.length);
    for (const { Properties } of ours) expect(Properties.RetentionInDays).toBe(days);
  });

  test('get the memory and time of their stage', () => {
    synthesized('dev', { functions: { intake: { memoryMb: 3008 } } }).hasResourceProperties(
      'AWS::Lambda::Function',
      {
        Environment: { Variables: Match.objectLike({ POWERTOOLS_SERVICE_NAME: 'intake' }) },
        MemorySize: 3008,
        Timeout: stageDefaults.dev.functions.intake.timeoutSeconds,
      },
    );
  });

  test('name themselves to logs and metrics', () => {
    for (const variables of Object.values(environments())) {
      expect(variables).toMatchObject({
        POWERTOOLS_METRICS_NAMESPACE: 'Forewarn',
        POWERTOOLS_LOG_LEVEL: 'INFO',
      });
    }
  });

  test.each([
    [
      'intake',
      {
        LEGS_STREAM_NAME: 'LegsStream',
        QUARANTINE_BUCKET_NAME: 'QuarantineBucket',
        SEALING_SECRET_ARN: 'SealingSecret',
        DEFAULT_COUNTRY: 'CN',
        RECORD_RETENTION_HOURS: '72',
        MAX_FUTURE_SECONDS: '300',
        CLOCK: 'wall',
      },
    ],
    [
      'archive-calls',
      { ARCHIVE_DELIVERY_STREAM_NAME: 'ArchiveDelivery', UTC_OFFSET_MINUTES: '480' },
    ],
    ['clear-archive-day', { ARCHIVE_BUCKET_NAME: 'ArchiveBucket' }],
    [
      'study-day',
      {
        ARCHIVE_BUCKET_NAME: 'ArchiveBucket',
        SUBJECTS_TABLE_NAME: 'ScoreSubjectsTable',
        CASES_TABLE_NAME: 'DissuasionCasesTable',
        LISTS_TABLE_NAME: 'NumberListsTable',
        PROFILES_TABLE_NAME: 'ScoreNumbersProfilesTable',
        CAMPAIGN_FUNCTION_NAME: 'CampaignsKeepCampaignFunction',
        CAMPAIGN_AUDIENCE_FUNCTION_NAME: 'CampaignsCampaignAudienceFunction',
        UTC_OFFSET_MINUTES: '480',
        ...policies,
      },
    ],
    [
      'score-numbers',
      {
        PROFILES_TABLE_NAME: 'ScoreNumbersProfilesTable',
        EXPOSURES_STREAM_NAME: 'ExposuresStream',
        PROFILE_RETENTION_DAYS: '30',
        SUBJECTS_TABLE_NAME: 'ScoreSubjectsTable',
        ...withShadow,
      },
    ],
    [
      'score-subjects',
      {
        SUBJECTS_TABLE_NAME: 'ScoreSubjectsTable',
        REGISTERS_TABLE_NAME: 'RegistersTable',
        SUBJECT_RETENTION_DAYS: '90',
        ...withShadow,
      },
    ],
    ['validate-policy', {}],
    [
      'campaign-audience',
      {
        ...campaignTables,
        CAMPAIGN_LISTS_BUCKET_NAME: 'CampaignsLists',
        TEXT_LANGUAGE: 'zh-CN',
        SMS_MAX_PRICE_USD: '0.1',
        ...policies,
      },
    ],
    [
      'keep-campaign',
      {
        CAMPAIGNS_TABLE_NAME: 'CampaignsTable',
        CAMPAIGN_STATE_MACHINE_ARN:
          'arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:Forewarn-dev-campaigns',
      },
    ],
    [
      'send-notices',
      {
        ...campaignTables,
        SEALING_SECRET_ARN: 'SealingSecret',
        TEXT_LANGUAGE: 'zh-CN',
        SMS_SENDER_ID: 'Forewarn',
        SMS_MAX_PRICE_USD: '0.1',
        ...policies,
      },
    ],
    [
      'send-warnings',
      {
        SUBJECTS_TABLE_NAME: 'ScoreSubjectsTable',
        SEALING_SECRET_ARN: 'SealingSecret',
        WARNING_RETRIES_QUEUE_URL: 'SendWarningsRetries',
        TEXT_LANGUAGE: 'zh-CN',
        SMS_SENDER_ID: 'Forewarn',
        SMS_MAX_PRICE_USD: '0.1',
        ...policies,
      },
    ],
    [
      'record-delivery',
      {
        SUBJECTS_TABLE_NAME: 'ScoreSubjectsTable',
        WARNING_RETRIES_QUEUE_URL: 'SendWarningsRetries',
        EARLY_REPORTS_QUEUE_URL: 'RecordDeliveryEarly',
        CARRIERS: 'China Mobile;China Unicom;China Telecom;China Broadnet',
        ...policies,
      },
    ],
    [
      'open-cases',
      {
        DISSUASION_STATE_MACHINE_ARN: 'DissuasionStateMachine',
        PROFILES_TABLE_NAME: 'ScoreNumbersProfilesTable',
        REGISTERS_TABLE_NAME: 'RegistersTable',
        SUBJECTS_TABLE_NAME: 'ScoreSubjectsTable',
        CASES_TABLE_NAME: 'DissuasionCasesTable',
        TASKS_TABLE_NAME: 'DissuasionTasksTable',
      },
    ],
    [
      'plan-move',
      { CASES_TABLE_NAME: 'DissuasionCasesTable', PAYMENT_STOP_TOPIC_ARN: 'DissuasionPaymentStop' },
    ],
    [
      'offer-task',
      {
        CASES_TABLE_NAME: 'DissuasionCasesTable',
        TASKS_TABLE_NAME: 'DissuasionTasksTable',
        REGISTERS_TABLE_NAME: 'RegistersTable',
      },
    ],
    [
      'settle-task',
      {
        CASES_TABLE_NAME: 'DissuasionCasesTable',
        TASKS_TABLE_NAME: 'DissuasionTasksTable',
        PAYMENT_STOP_TOPIC_ARN: 'DissuasionPaymentStop',
      },
    ],
    ['await-news', { CASES_TABLE_NAME: 'DissuasionCasesTable' }],
    [
      'close-case',
      { CASES_TABLE_NAME: 'DissuasionCasesTable', SUBJECTS_TABLE_NAME: 'ScoreSubjectsTable' },
    ],
    [
      'officers-api',
      {
        ...officersTables,
        CONNECTIONS_TABLE_NAME: 'LiveUpdatesConnectionsTable',
        LIVE_URL: 'LiveUpdatesApi.ApiEndpoint/live',
        MASK_FUNCTION_NAME: 'OfficersApiMaskNumbersFunction',
        CAMPAIGN_FUNCTION_NAME: 'CampaignsKeepCampaignFunction',
        PROFILES_TABLE_NAME: 'ScoreNumbersProfilesTable',
        ...policies,
      },
    ],
    [
      'officer-numbers',
      {
        ...officersTables,
        PROFILES_TABLE_NAME: 'ScoreNumbersProfilesTable',
        EXPOSURES_STREAM_NAME: 'ExposuresStream',
        CLUES_TABLE_NAME: 'NumberListsCluesTable',
        SUBJECT_RETENTION_DAYS: '90',
        SEALING_SECRET_ARN: 'SealingSecret',
        DEFAULT_COUNTRY: 'CN',
        CONTACT_SEARCH_STATE_MACHINE_ARN: 'ContactsSearchStateMachine',
        UTC_OFFSET_MINUTES: '480',
        ...policies,
      },
    ],
    [
      'expose-contacts',
      {
        ARCHIVE_BUCKET_NAME: 'ArchiveBucket',
        EXPOSURES_STREAM_NAME: 'ExposuresStream',
        PROFILES_TABLE_NAME: 'ScoreNumbersProfilesTable',
        ...policies,
      },
    ],
    [
      'take-clue',
      {
        SEALING_SECRET_ARN: 'SealingSecret',
        DEFAULT_COUNTRY: 'CN',
        CLUES_TABLE_NAME: 'NumberListsCluesTable',
        LISTS_TABLE_NAME: 'NumberListsTable',
        PROFILES_TABLE_NAME: 'ScoreNumbersProfilesTable',
        REQUESTS_TABLE_NAME: 'OfficersApiRequestsTable',
        ...policies,
      },
    ],
    ['mask-numbers', { SEALING_SECRET_ARN: 'SealingSecret' }],
    ['live-connections', { CONNECTIONS_TABLE_NAME: 'LiveUpdatesConnectionsTable' }],
    [
      'push-updates',
      {
        CONNECTIONS_TABLE_NAME: 'LiveUpdatesConnectionsTable',
        LIVE_CALLBACK_URL: 'https://LiveUpdatesApi.execute-api.<AWS::Region>.<AWS::URLSuffix>/live',
      },
    ],
  ])('tell %s where things are', (name, expected) => {
    expect(own(environments()[name])).toEqual(expected);
  });

  test('tell send-warnings of a registered number and template only where there are some', () => {
    const sms = { originationNumber: '+6531234567', entityId: 'E100', templateId: 'T7' };

    expect(environments(synthesized('dev', { sms }))['send-warnings']).toMatchObject({
      SMS_ORIGINATION_NUMBER: '+6531234567',
      SMS_ENTITY_ID: 'E100',
      SMS_TEMPLATE_ID: 'T7',
    });
  });

  test('take their time from the records in the local stage', () => {
    expect(environments(synthesized('local')).intake?.CLOCK).toBe('records');
  });
});
