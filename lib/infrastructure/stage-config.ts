/** The stages a stack can be built for. */
export const stageNames = ['dev', 'prod', 'local'] as const;
export type StageName = (typeof stageNames)[number];

/** The functions of the pipeline: each is a folder under `functions/`. */
export const functionNames = [
  'intake',
  'score-numbers',
  'score-subjects',
  'send-warnings',
  'record-delivery',
  'open-cases',
  'plan-move',
  'offer-task',
  'settle-task',
  'await-news',
  'close-case',
  'validate-policy',
  'explain-number',
  'import-register',
  'officers-api',
  'officer-numbers',
  'mask-numbers',
  'take-clue',
  'live-connections',
  'push-updates',
  'campaign-audience',
  'keep-campaign',
  'send-notices',
  'archive-calls',
  'clear-archive-day',
  'study-day',
  'expose-contacts',
] as const;
export type FunctionName = (typeof functionNames)[number];

/** The Kinesis streams of the pipeline, in the order in which a call travels. */
export const streamNames = ['calls', 'legs', 'exposures'] as const;
export type StreamName = (typeof streamNames)[number];

/** What is read off the streams of tables: of the subjects' twice, of the tasks' once. */
export const tableSourceNames = ['subject-warnings', 'subject-cases', 'task-updates'] as const;

/** What is read off a stream that another function reads for itself. */
const secondReaderNames = ['legs-archive'] as const;

/** What is read off a stream. */
export const streamSourceNames = [
  ...streamNames,
  ...secondReaderNames,
  ...tableSourceNames,
] as const;
export type StreamSourceName = (typeof streamSourceNames)[number];

/** How much a function gets. */
interface FunctionSize {
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
}

/** How Lambda reads a stream. Order holds per partition key whatever the parallelization. */
interface StreamSourceConfig {
  readonly batchSize: number;
  /** How long Lambda may wait to fill a batch; 0 sends what is there. */
  readonly windowSeconds: number;
  /** Concurrent invocations per shard. */
  readonly parallelization: number;
  /** Retries after a failed invocation before the records go to the on-failure destination. */
  readonly retryAttempts: number;
  /** Age at which waiting records go to the on-failure destination instead of being retried. */
  readonly maxRecordAgeSeconds: number;
}

/** How Lambda reads the queue of deferred warnings. */
interface QueueSourceConfig {
  readonly batchSize: number;
  readonly maxConcurrency: number;
  /** Deliveries of one message before it moves to the dead-letter queue. */
  readonly maxReceives: number;
}

interface StreamCapacity {
  readonly mode: 'on-demand' | 'provisioned';
  readonly retentionHours: number;
  /** Shards by stream; needed, and only used, when the mode is provisioned. */
  readonly shards?: Readonly<Record<StreamName, number>>;
}

interface SmsConfig {
  /** The alphanumeric sender that citizens see. */
  readonly senderId: string;
  /** An E.164 number or short code owned by the account, where senders by name are not allowed. */
  readonly originationNumber?: string;
  /** The most that one text may cost; SNS refuses dearer ones. */
  readonly maxPriceUsd: number;
  /** Registered principal entity and template, where regulators ask for them; both or none. */
  readonly entityId?: string;
  readonly templateId?: string;
  /** Carriers whose texts are counted and watched each by its own; all others are counted as one. */
  readonly carriers: readonly string[];
}

interface PolicyConfig {
  /** How often a function looks for a new policy; all of them use it after so many seconds. */
  readonly pollSeconds: number;
  /** How long AppConfig watches a published policy, and takes it back when functions refuse it. */
  readonly bakeMinutes: number;
}

/** How many requests a second, steadily and at once. */
interface RequestLimit {
  readonly perSecond: number;
  readonly burst: number;
}

interface OfficersConfig {
  /** Whether officers must, or only may, sign in with an authenticator app as their second factor. */
  readonly mfa: 'required' | 'optional';
  /** `enforced`: Cognito blocks leaked passwords and risky sign-ins; priced by user. */
  readonly threatProtection: 'enforced' | 'off';
  readonly idTokenMinutes: number;
  /** How long officers stay signed in without their password. */
  readonly refreshHours: number;
  /** Where the officers' page is served from, if it is: `https://host`. */
  readonly consoleOrigin?: string;
  /** Of all officers together; and of those calls, each by itself, that take or show a clear number. */
  readonly requests: RequestLimit;
  readonly numberRequests: RequestLimit;
  /** Of those calls, each by itself, that are open to the public. */
  readonly publicRequests: RequestLimit;
}

interface ArchiveConfig {
  /** Local time, by which days begin. */
  readonly utcOffsetMinutes: number;
  /** How long calls are kept. */
  readonly callDays: number;
  /** How long the records behind them are kept, and compacted again every night: late ones are taken up so. */
  readonly recordDays: number;
  /** How long answers of questions are kept. */
  readonly answerDays: number;
  /** Firehose delivers when so much of a partition has come, or so long has passed. */
  readonly bufferMiB: number;
  readonly bufferSeconds: number;
  /** One question may read so much; a costlier one is stopped. */
  readonly questionGiB: number;
}

interface RetentionConfig {
  /** How old a call record may be when it arrives. */
  readonly recordHours: number;
  readonly profileDays: number;
  readonly subjectDays: number;
  readonly quarantineDays: number;
  readonly accessLogDays: number;
  /** Must be a period that CloudWatch Logs knows (1, 3, 5, 7, 14, 30, 60, 90, …). */
  readonly logDays: number;
  /** SNS's own log of texts, which names clear numbers: as short as the work allows. */
  readonly deliveryLogDays: number;
}

/** Every threshold reads "alarm when above". Counts are per {@link AlarmConfig.periodMinutes}. */
interface AlarmConfig {
  /** Gets a subscription to the alarm topic; AWS asks the address to confirm it. */
  readonly email?: string;
  readonly periodMinutes: number;
  readonly iteratorAgeSeconds: number;
  readonly functionErrors: number;
  readonly functionThrottles: number;
  readonly refusedPushes: number;
  /** Share of received calls that went to quarantine. */
  readonly quarantinePercent: number;
  /** Below this many calls in a period the share says nothing, and the alarm stays quiet. */
  readonly quarantineMinimumCalls: number;
  readonly undeliverableWarnings: number;
  readonly deferredWarnings: number;
  /** Warnings for which the day's budget of texts had no place. */
  readonly overBudgetWarnings: number;
  /** Looks of officers at clear numbers. */
  readonly shownNumbers: number;
  /** Tasks whose time passed before anybody reported. */
  readonly overdueTasks: number;
  /** Share of the texts of an hour that did not arrive: of all, of a kind of fraud, of a carrier. */
  readonly failedTextsPercent: number;
  /** Below this many reported texts in an hour the share says nothing, and the alarm stays quiet. */
  readonly failedTextsMinimum: number;
  /** Texts sent in an hour in which no carrier reported anything at all. */
  readonly unreportedTexts: number;
  readonly deadLetters: number;
  readonly abandonedRecords: number;
  readonly failedWorkflows: number;
  /** Share of the officers' requests that the API failed to answer. */
  readonly apiFailurePercent: number;
  /** Below this many requests in a period the share says nothing, and the alarm stays quiet. */
  readonly apiMinimumRequests: number;
  /** Of the slowest percent of the officers' requests. */
  readonly apiLatencyMs: number;
  readonly failedUpdates: number;
  /** Notices of campaigns that the carrier refused. */
  readonly refusedNotices: number;
  /** How old the oldest record is that Firehose has not delivered. */
  readonly archiveDelaySeconds: number;
  /** Rows that Firehose could not convert; they lie below the archive bucket's failed/. */
  readonly archiveRefusedRows: number;
  /** Share of Firehose's deliveries to the archive bucket that fail. */
  readonly archiveFailedPercent: number;
  /** Times that a number was reported in a burst: a campaign of fraud, or one of false reports. */
  readonly clueBursts: number;
  /** Published policies that functions could not use; takes the policy back while it is watched. */
  readonly refusedPolicies: number;
  /** Month-to-date; set it below the account's own monthly SMS spending quota. */
  readonly smsMonthlySpendUsd: number;
}

/** All that may differ between two stacks of Forewarn. */
export interface StageConfig {
  readonly stage: StageName;
  /** Absent: the account and region of whoever deploys. */
  readonly account?: string;
  readonly region?: string;
  /** ISO 3166 code by which national phone numbers are read. */
  readonly defaultCountry: string;
  readonly textLanguage: 'zh-CN' | 'en';
  /** `records`: time is what the call records say, as a replay of history needs. */
  readonly clock: 'wall' | 'records';
  /** How far ahead of the clock a call may start. */
  readonly maxFutureSeconds: number;
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  /** What a deleted stack leaves behind: its data (`retain`) or nothing (`destroy`). */
  readonly removalPolicy: 'retain' | 'destroy';
  readonly pointInTimeRecovery: boolean;
  readonly retention: RetentionConfig;
  readonly streams: StreamCapacity;
  readonly sources: Readonly<Record<StreamSourceName, StreamSourceConfig>>;
  readonly warningRetries: QueueSourceConfig;
  readonly functions: Readonly<Record<FunctionName, FunctionSize>>;
  readonly sms: SmsConfig;
  readonly policy: PolicyConfig;
  readonly officers: OfficersConfig;
  readonly archive: ArchiveConfig;
  readonly alarms: AlarmConfig;
  readonly tags: Readonly<Record<string, string>>;
}

const HOUR_SECONDS = 3600;

const streamSource = (
  batchSize: number,
  overrides: Partial<StreamSourceConfig> = {},
): StreamSourceConfig => ({
  batchSize,
  windowSeconds: 0,
  parallelization: 1,
  // With the functions' pauses: seven minutes and more of a table that is down, before anything is given up.
  retryAttempts: 50,
  maxRecordAgeSeconds: 6 * HOUR_SECONDS,
  ...overrides,
});

/** Nobody waits for the archive, and full records are cheaper. */
const archiveWindow = { windowSeconds: 20 };

/** A live update that comes late tells nobody anything: the list of tasks itself is right by then. */
const liveUpdates = streamSource(25, { retryAttempts: 1, maxRecordAgeSeconds: 60 });

const dev: StageConfig = {
  stage: 'dev',
  defaultCountry: 'CN',
  textLanguage: 'zh-CN',
  clock: 'wall',
  maxFutureSeconds: 300,
  logLevel: 'INFO',
  removalPolicy: 'destroy',
  pointInTimeRecovery: true,
  retention: {
    recordHours: 72,
    profileDays: 30,
    subjectDays: 90,
    quarantineDays: 14,
    accessLogDays: 30,
    logDays: 14,
    deliveryLogDays: 1,
  },
  streams: { mode: 'on-demand', retentionHours: 24 },
  sources: {
    calls: streamSource(500),
    // A legs record is a frame of up to 25 KB, so 200 of them stay below Lambda's 6 MB a batch.
    legs: streamSource(200),
    exposures: streamSource(100),
    'legs-archive': streamSource(200, archiveWindow),
    'subject-warnings': streamSource(10),
    'subject-cases': streamSource(10),
    'task-updates': liveUpdates,
  },
  warningRetries: { batchSize: 10, maxConcurrency: 2, maxReceives: 10 },
  functions: {
    intake: { memoryMb: 1024, timeoutSeconds: 60 },
    // 1,769 MB is where Lambda gives a function one whole virtual CPU.
    'score-numbers': { memoryMb: 1769, timeoutSeconds: 60 },
    'score-subjects': { memoryMb: 1024, timeoutSeconds: 60 },
    'send-warnings': { memoryMb: 512, timeoutSeconds: 60 },
    'record-delivery': { memoryMb: 512, timeoutSeconds: 60 },
    'open-cases': { memoryMb: 512, timeoutSeconds: 30 },
    'plan-move': { memoryMb: 512, timeoutSeconds: 15 },
    'offer-task': { memoryMb: 512, timeoutSeconds: 15 },
    'settle-task': { memoryMb: 512, timeoutSeconds: 15 },
    'await-news': { memoryMb: 512, timeoutSeconds: 15 },
    'close-case': { memoryMb: 512, timeoutSeconds: 15 },
    'validate-policy': { memoryMb: 512, timeoutSeconds: 10 },
    'explain-number': { memoryMb: 512, timeoutSeconds: 15 },
    'import-register': { memoryMb: 512, timeoutSeconds: 60 },
    'officers-api': { memoryMb: 1024, timeoutSeconds: 20 },
    'officer-numbers': { memoryMb: 512, timeoutSeconds: 20 },
    'mask-numbers': { memoryMb: 512, timeoutSeconds: 10 },
    'take-clue': { memoryMb: 512, timeoutSeconds: 20 },
    'live-connections': { memoryMb: 512, timeoutSeconds: 10 },
    'push-updates': { memoryMb: 512, timeoutSeconds: 30 },
    // Draws a million people in one go.
    'campaign-audience': { memoryMb: 1769, timeoutSeconds: 900 },
    'keep-campaign': { memoryMb: 512, timeoutSeconds: 20 },
    // A batch of a hundred at the slowest pace, and time to come to an end.
    'send-notices': { memoryMb: 512, timeoutSeconds: 180 },
    'archive-calls': { memoryMb: 1024, timeoutSeconds: 60 },
    'clear-archive-day': { memoryMb: 512, timeoutSeconds: 60 },
    // Weighs all suspects of a province at once, and draws the reports.
    'study-day': { memoryMb: 3008, timeoutSeconds: 600 },
    // Up to 200,000 calls in one go.
    'expose-contacts': { memoryMb: 1769, timeoutSeconds: 300 },
  },
  sms: {
    senderId: 'Forewarn',
    maxPriceUsd: 0.1,
    carriers: ['China Mobile', 'China Unicom', 'China Telecom', 'China Broadnet'],
  },
  policy: { pollSeconds: 30, bakeMinutes: 3 },
  officers: {
    mfa: 'optional',
    threatProtection: 'enforced',
    idTokenMinutes: 60,
    refreshHours: 12,
    requests: { perSecond: 200, burst: 400 },
    numberRequests: { perSecond: 5, burst: 10 },
    publicRequests: { perSecond: 20, burst: 40 },
  },
  archive: {
    utcOffsetMinutes: 480,
    callDays: 30,
    recordDays: 5,
    answerDays: 3,
    bufferMiB: 128,
    bufferSeconds: 300,
    questionGiB: 20,
  },
  alarms: {
    periodMinutes: 5,
    iteratorAgeSeconds: 60,
    functionErrors: 0,
    functionThrottles: 0,
    refusedPushes: 0,
    quarantinePercent: 5,
    quarantineMinimumCalls: 100,
    undeliverableWarnings: 20,
    deferredWarnings: 20,
    overBudgetWarnings: 20,
    shownNumbers: 100,
    overdueTasks: 20,
    failedTextsPercent: 20,
    failedTextsMinimum: 20,
    unreportedTexts: 20,
    deadLetters: 0,
    abandonedRecords: 0,
    failedWorkflows: 0,
    apiFailurePercent: 1,
    apiMinimumRequests: 20,
    apiLatencyMs: 3000,
    failedUpdates: 20,
    refusedNotices: 20,
    archiveDelaySeconds: 1_800,
    archiveRefusedRows: 0,
    archiveFailedPercent: 0,
    clueBursts: 0,
    refusedPolicies: 0,
    // A new account's monthly SMS quota is 1 USD.
    smsMonthlySpendUsd: 0.8,
  },
  tags: { application: 'forewarn', stage: 'dev' },
};

const prodRetries: Partial<StreamSourceConfig> = {
  maxRecordAgeSeconds: 24 * HOUR_SECONDS,
};
// A table's stream keeps its records for 24 hours, and that cannot be changed: give up before.
const prodTableStreamRetries: Partial<StreamSourceConfig> = {
  maxRecordAgeSeconds: 20 * HOUR_SECONDS,
};

const prod: StageConfig = {
  ...dev,
  stage: 'prod',
  removalPolicy: 'retain',
  retention: {
    recordHours: 72,
    profileDays: 90,
    subjectDays: 365,
    quarantineDays: 30,
    accessLogDays: 365,
    logDays: 90,
    deliveryLogDays: 3,
  },
  streams: { mode: 'on-demand', retentionHours: 72 },
  sources: {
    calls: streamSource(500, { ...prodRetries, parallelization: 4 }),
    legs: streamSource(200, { ...prodRetries, parallelization: 4 }),
    exposures: streamSource(100, { ...prodRetries, parallelization: 4 }),
    'legs-archive': streamSource(200, { ...prodRetries, ...archiveWindow }),
    'subject-warnings': streamSource(10, { ...prodTableStreamRetries, parallelization: 10 }),
    'subject-cases': streamSource(10, { ...prodTableStreamRetries, parallelization: 2 }),
    'task-updates': liveUpdates,
  },
  warningRetries: { batchSize: 10, maxConcurrency: 10, maxReceives: 10 },
  functions: { ...dev.functions, intake: { memoryMb: 1769, timeoutSeconds: 60 } },
  policy: { pollSeconds: 30, bakeMinutes: 5 },
  archive: { ...dev.archive, callDays: 180, bufferSeconds: 900, questionGiB: 200 },
  alarms: { ...dev.alarms, quarantinePercent: 2, failedTextsPercent: 10, smsMonthlySpendUsd: 800 },
  tags: { application: 'forewarn', stage: 'prod' },
};

const local: StageConfig = {
  ...dev,
  stage: 'local',
  clock: 'records',
  // No account's limit to share here.
  officers: { ...dev.officers, requests: { perSecond: 1_000, burst: 2_000 } },
  policy: { pollSeconds: 1, bakeMinutes: 0 },
  sources: { ...dev.sources, 'legs-archive': streamSource(200) },
  archive: { ...dev.archive, bufferSeconds: 60 },
  streams: {
    mode: 'provisioned',
    retentionHours: 24,
    shards: { calls: 1, legs: 2, exposures: 1 },
  },
  tags: { application: 'forewarn', stage: 'local' },
};

/** What each stage is before anybody overrides a setting. */
export const stageDefaults: Readonly<Record<StageName, StageConfig>> = { dev, prod, local };
