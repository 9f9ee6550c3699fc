import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { isSupportedCountry } from 'libphonenumber-js';
import {
  amount,
  oneOf,
  optional,
  type SettingRule,
  text,
  textList,
  textMap,
  textWhere,
  threshold,
  wholeNumber,
} from './setting-rules.ts';
import {
  functionNames,
  type StageConfig,
  stageNames,
  streamNames,
  streamSourceNames,
  tableSourceNames,
} from './stage-config.ts';

const DAY_SECONDS = 86_400;
const MAX_DAYS = 3650;
/** Fixed by AWS for every DynamoDB stream. */
const TABLE_STREAM_RETENTION_SECONDS = DAY_SECONDS;
/** A batch larger than ten messages would need a batching window on a standard queue. */
const MAX_QUEUE_BATCH = 10;

const logRetentionDays = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days <= MAX_DAYS,
);

const functionRules = Object.fromEntries(
  functionNames.flatMap((name): [string, SettingRule][] => [
    [`functions.${name}.memoryMb`, wholeNumber(128, 10_240, 'megabytes')],
    [`functions.${name}.timeoutSeconds`, wholeNumber(1, 900, 'seconds')],
  ]),
);

const sourceRules = Object.fromEntries(
  streamSourceNames.flatMap((name): [string, SettingRule][] => [
    [`sources.${name}.batchSize`, wholeNumber(1, 10_000, 'records')],
    [`sources.${name}.windowSeconds`, wholeNumber(0, 300, 'seconds')],
    [`sources.${name}.parallelization`, wholeNumber(1, 10, 'invocations a shard')],
    [`sources.${name}.retryAttempts`, wholeNumber(1, 10_000, 'retries')],
    [`sources.${name}.maxRecordAgeSeconds`, wholeNumber(60, 7 * DAY_SECONDS, 'seconds')],
  ]),
);

const shardRules = Object.fromEntries(
  streamNames.map((name): [string, SettingRule] => [
    `streams.shards.${name}`,
    optional(wholeNumber(1, 10_000, 'shards')),
  ]),
);

/** Every setting by its path, and the rule it has to keep. A path that is not here does not exist. */
export const stageConfigRules: Readonly<Record<string, SettingRule>> = {
  stage: oneOf(...stageNames),
  account: optional(text(/^\d{12}$/, 'a 12-digit AWS account id, in quotes')),
  region: optional(text(/^[a-z]{2,5}(-[a-z]+)+-\d$/, 'an AWS region such as ap-southeast-1')),
  defaultCountry: textWhere(
    (code) => isSupportedCountry(code),
    'an ISO 3166 country code in capitals, such as CN',
  ),
  textLanguage: oneOf('zh-CN', 'en'),
  clock: oneOf('wall', 'records'),
  maxFutureSeconds: wholeNumber(0, DAY_SECONDS, 'seconds'),
  logLevel: oneOf('DEBUG', 'INFO', 'WARN', 'ERROR'),
  removalPolicy: oneOf('retain', 'destroy'),
  pointInTimeRecovery: oneOf(true, false),
  'retention.recordHours': wholeNumber(1, 24 * MAX_DAYS, 'hours'),
  'retention.profileDays': wholeNumber(1, MAX_DAYS, 'days'),
  'retention.subjectDays': wholeNumber(1, MAX_DAYS, 'days'),
  'retention.quarantineDays': wholeNumber(1, MAX_DAYS, 'days'),
  'retention.accessLogDays': wholeNumber(1, MAX_DAYS, 'days'),
  'retention.logDays': oneOf(...logRetentionDays),
  'retention.deliveryLogDays': oneOf(...logRetentionDays),
  'streams.mode': oneOf('on-demand', 'provisioned'),
  'streams.retentionHours': wholeNumber(24, 8760, 'hours'),
  ...shardRules,
  ...sourceRules,
  'warningRetries.batchSize': wholeNumber(1, MAX_QUEUE_BATCH, 'messages'),
  'warningRetries.maxConcurrency': wholeNumber(2, 1000, 'invocations'),
  'warningRetries.maxReceives': wholeNumber(5, 1000, 'deliveries'),
  ...functionRules,
  'sms.senderId': text(
    /^(?=.*[A-Za-z])[A-Za-z0-9]{1,11}$/,
    '1 to 11 letters or digits with at least one letter',
  ),
  'sms.originationNumber': optional(
    text(/^(\+[1-9]\d{4,14}|\d{3,8})$/, 'an E.164 number such as +6531234567, or a short code'),
  ),
  'sms.maxPriceUsd': amount(100, 'dollars'),
  'sms.entityId': optional(text(/^[A-Za-z0-9]{1,50}$/, 'a registered entity id')),
  'sms.templateId': optional(text(/^[A-Za-z0-9]{1,50}$/, 'a registered template id')),
  'sms.carriers': textList(
    /^[A-Za-z0-9]+( [A-Za-z0-9]+){0,4}$/,
    20,
    'a list of at most 20 different carriers: words of Latin letters and digits',
  ),
  'policy.pollSeconds': wholeNumber(1, 45, 'seconds'),
  'policy.bakeMinutes': wholeNumber(0, 1440, 'minutes'),
  'officers.mfa': oneOf('required', 'optional'),
  'officers.threatProtection': oneOf('enforced', 'off'),
  'officers.idTokenMinutes': wholeNumber(5, 1440, 'minutes'),
  'officers.refreshHours': wholeNumber(1, 24 * 90, 'hours'),
  'officers.consoleOrigin': optional(
    text(/^https:\/\/[a-z0-9.-]+(:\d{1,5})?$/, 'an origin such as https://officers.example.org'),
  ),
  'officers.requests.perSecond': wholeNumber(1, 10_000, 'requests a second'),
  'officers.requests.burst': wholeNumber(1, 5_000, 'requests at once'),
  'officers.numberRequests.perSecond': wholeNumber(1, 10_000, 'requests a second'),
  'officers.numberRequests.burst': wholeNumber(1, 5_000, 'requests at once'),
  'archive.utcOffsetMinutes': wholeNumber(-720, 840, 'minutes'),
  'archive.callDays': wholeNumber(1, MAX_DAYS, 'days'),
  'archive.recordDays': wholeNumber(2, MAX_DAYS, 'days'),
  'archive.answerDays': wholeNumber(1, MAX_DAYS, 'days'),
  // What Firehose takes with dynamic partitions.
  'archive.bufferMiB': wholeNumber(64, 128, 'MiB'),
  'archive.bufferSeconds': wholeNumber(60, 900, 'seconds'),
  'archive.questionGiB': wholeNumber(1, 100_000, 'GiB'),
  'officers.publicRequests.perSecond': wholeNumber(1, 10_000, 'requests a second'),
  'officers.publicRequests.burst': wholeNumber(1, 5_000, 'requests at once'),
  'alarms.email': optional(text(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'an e-mail address')),
  'alarms.periodMinutes': oneOf(1, 5, 10, 15, 30, 60),
  'alarms.iteratorAgeSeconds': amount(7 * DAY_SECONDS, 'seconds'),
  'alarms.functionErrors': threshold(1e6, 'errors'),
  'alarms.functionThrottles': threshold(1e6, 'throttles'),
  'alarms.refusedPushes': threshold(1e9, 'records'),
  'alarms.quarantinePercent': threshold(100, 'percent'),
  'alarms.quarantineMinimumCalls': wholeNumber(1, 1e9, 'calls'),
  'alarms.undeliverableWarnings': threshold(1e6, 'warnings'),
  'alarms.deferredWarnings': threshold(1e6, 'warnings'),
  'alarms.overBudgetWarnings': threshold(1e6, 'warnings'),
  'alarms.shownNumbers': threshold(1e6, 'looks'),
  'alarms.overdueTasks': threshold(1e6, 'tasks'),
  'alarms.failedTextsPercent': threshold(100, 'percent'),
  'alarms.failedTextsMinimum': wholeNumber(1, 1e6, 'texts'),
  'alarms.unreportedTexts': threshold(1e6, 'texts'),
  'alarms.deadLetters': threshold(1e6, 'messages'),
  'alarms.abandonedRecords': threshold(1e6, 'records'),
  'alarms.failedWorkflows': threshold(1e6, 'executions'),
  'alarms.apiFailurePercent': threshold(100, 'percent'),
  'alarms.apiMinimumRequests': wholeNumber(1, 1e9, 'requests'),
  'alarms.apiLatencyMs': amount(30_000, 'milliseconds'),
  'alarms.failedUpdates': threshold(1e9, 'updates'),
  'alarms.refusedNotices': threshold(1e9, 'notices'),
  'alarms.archiveDelaySeconds': amount(7 * DAY_SECONDS, 'seconds'),
  'alarms.archiveRefusedRows': threshold(1e9, 'rows'),
  'alarms.archiveFailedPercent': threshold(100, 'percent'),
  'alarms.clueBursts': threshold(1e9, 'bursts'),
  'alarms.refusedPolicies': threshold(1e6, 'policies'),
  'alarms.smsMonthlySpendUsd': amount(1e7, 'dollars'),
  tags: textMap(
    /^(?!aws:)[\w .:/=+@-]{1,128}$/,
    /^[\w .:/=+@-]{0,256}$/,
    'an object of tag names and texts (letters, digits and _.:/=+-@; no name begins with aws:)',
  ),
};

/** A rule between settings, each of which keeps its own rule. */
export interface AgreementRule {
  /** The settings, or groups of settings, that the rule reads. */
  readonly between: readonly string[];
  /** One sentence for each way in which they disagree. */
  readonly complaints: (config: StageConfig) => readonly string[];
}

const when = (broken: boolean, complaint: string): string[] => (broken ? [complaint] : []);

export const agreementRules: readonly AgreementRule[] = [
  {
    between: ['stage', 'removalPolicy'],
    complaints: ({ stage, removalPolicy }) =>
      when(
        stage === 'prod' && removalPolicy !== 'retain',
        'removalPolicy must be retain in prod: a deleted stack must not take its data along',
      ),
  },
  {
    between: ['stage', 'clock'],
    complaints: ({ stage, clock }) =>
      when(
        stage !== 'local' && clock !== 'wall',
        'clock must be wall outside the local stage: deadlines there are real time',
      ),
  },
  {
    between: ['streams.mode', 'streams.shards'],
    complaints: ({ streams }) =>
      streamNames.flatMap((name) =>
        when(
          streams.mode === 'provisioned' && streams.shards?.[name] === undefined,
          `streams.shards.${name} is missing: provisioned streams need a shard count each`,
        ),
      ),
  },
  ...streamSourceNames.map((name): AgreementRule => {
    const setting = `sources.${name}.maxRecordAgeSeconds`;
    const tableStream = (tableSourceNames as readonly string[]).includes(name);
    return {
      between: [setting, 'streams.retentionHours'],
      complaints: ({ sources, streams }) => {
        const kept = tableStream ? TABLE_STREAM_RETENTION_SECONDS : streams.retentionHours * 3600;
        return when(
          sources[name].maxRecordAgeSeconds >= kept,
          `${setting} must be below the ${kept} seconds for which the stream keeps its records, or ` +
            'they expire before they reach the on-failure destination: lower it' +
            (tableStream ? '' : ', or raise streams.retentionHours'),
        );
      },
    };
  }),
  {
    between: ['archive.recordDays', 'retention.recordHours'],
    complaints: ({ archive, retention }) =>
      when(
        archive.recordDays * 24 < retention.recordHours + 24,
        'archive.recordDays must reach a day further back than retention.recordHours, or the latest records of a day ' +
          'come when its compaction is over: raise it',
      ),
  },
  {
    between: ['archive.callDays', 'archive.recordDays'],
    complaints: ({ archive }) =>
      when(
        archive.callDays < archive.recordDays,
        'archive.callDays must be at least archive.recordDays: calls expire before their records',
      ),
  },
  {
    between: ['alarms.archiveDelaySeconds', 'archive.bufferSeconds'],
    complaints: ({ alarms, archive }) =>
      when(
        alarms.archiveDelaySeconds <= archive.bufferSeconds,
        'alarms.archiveDelaySeconds must be above archive.bufferSeconds: waiting so long is no delay',
      ),
  },
  {
    between: ['officers.idTokenMinutes', 'officers.refreshHours'],
    complaints: ({ officers }) =>
      when(
        officers.refreshHours * 60 < officers.idTokenMinutes,
        'officers.refreshHours must be at least as long as officers.idTokenMinutes',
      ),
  },
  {
    between: ['sms.entityId', 'sms.templateId'],
    complaints: ({ sms }) =>
      when(
        (sms.entityId === undefined) !== (sms.templateId === undefined),
        'sms.entityId and sms.templateId go together: set both, or neither',
      ),
  },
];
