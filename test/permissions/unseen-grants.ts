import type { Grant } from '../infrastructure/role-permissions.ts';
import type { NamedTest } from '../support/named-test.ts';

/** Grants that no end-to-end test shows to be needed, and why they are kept. */
export interface Unseen {
  readonly reason: string;
  /** A test in memory that makes the calls, where there is one. */
  readonly shownBy?: NamedTest;
  /** Whether an end-to-end test may make the calls all the same, as things happen to fall: that proves nothing. */
  readonly isByChance?: boolean;
  matches(grant: Grant): boolean;
}

/** @param what role, action, resource and condition of a grant, each of which must match */
function unseen(
  reason: string,
  what: {
    readonly role?: RegExp;
    readonly action: RegExp;
    readonly on?: RegExp;
    readonly condition?: RegExp;
  },
  shownBy?: NamedTest,
  isByChance = false,
): Unseen {
  const { action, condition, on, role } = what;
  return {
    reason,
    ...(shownBy && { shownBy }),
    isByChance,
    matches: (grant) =>
      action.test(grant.action) &&
      (role === undefined || role.test(grant.role)) &&
      (on === undefined || on.test(grant.on)) &&
      (condition === undefined || condition.test(grant.condition ?? '')),
  };
}

const WORKFLOWS = /^(Campaigns|CompactionNight|ContactsSearch|Dissuasion|StudyNight)Role$/;
const ASKING = /^(CompactionNight|ContactsSearch|StudyNight)Role$/;
const GIVING_UP = /^(Intake|OpenCases|RecordDelivery|SendWarnings)Role$/;

/** A new entry needs a reason that says what AWS does and the end-to-end tests do not. */
export const UNSEEN: readonly Unseen[] = [
  unseen('Step Functions delivers its logs itself; its documentation asks for all of these', {
    role: WORKFLOWS,
    action: /^logs:/,
  }),
  unseen('X-Ray traces workflows; locally nothing is traced', {
    role: WORKFLOWS,
    action: /^xray:/,
  }),
  unseen('Step Functions encrypts what its executions hold; locally nothing is encrypted', {
    role: WORKFLOWS,
    action: /^kms:/,
    condition: /^bound to a context$/,
  }),
  unseen('EventBridge Scheduler starts the nights; locally they are started by hand', {
    role: /ScheduleRole$/,
    action: /^(states:StartExecution|kms:\w+)$/,
  }),
  unseen('Lambda’s pollers look at what they read; its documentation asks for it', {
    action: /^(kinesis:DescribeStream(Summary)?|dynamodb:ListStreams|sqs:GetQueueAttributes)$/,
  }),
  unseen(
    'Lambda looks for the bucket to which it gives up records; its documentation asks for it',
    {
      action: /^s3:ListBucket$/,
      on: /^QuarantineBucket\.Arn$/,
    },
  ),
  unseen(
    'Lambda gives up on batches of these functions only where AWS itself fails for hours: of what they cannot read each piece is set aside',
    { role: GIVING_UP, action: /^s3:PutObject$/, on: /\/aws\/lambda\/\*$/ },
    {
      file: 'test/local/event-sources/on-failure-destination.test.ts',
      name: 'writes a bucket the description and the whole event',
    },
  ),
  unseen('The key, for what is given up so', {
    role: GIVING_UP,
    action: /^kms:GenerateDataKey$/,
    condition: /^through s3$/,
  }),
  unseen('AppConfig watches the alarm of a policy; locally alarms watch nothing', {
    role: /^PolicyMonitorRole$/,
    action: /^cloudwatch:DescribeAlarms$/,
  }),
  unseen('SNS makes its log groups where they are not there; its documentation asks for it', {
    role: /^DeliveryLogRole$/,
    action: /^logs:CreateLogGroup$/,
  }),
  unseen('Firehose reads the table, and writes in parts; its documentation asks for all of these', {
    role: /^ArchiveDeliveryRole$/,
    action:
      /^(glue:\w+|s3:(AbortMultipartUpload|GetBucketLocation|GetObject|ListBucket|ListBucketMultipartUploads)|kms:Decrypt)$/,
  }),
  unseen(
    'Step Functions stops a query whose workflow is stopped, and Athena reads partitions and writes in parts; the documentation of both asks for all of these',
    {
      role: ASKING,
      action:
        /^(athena:(GetDataCatalog|StopQueryExecution)|glue:GetPartitions?|s3:(AbortMultipartUpload|GetBucketLocation|ListBucketMultipartUploads|ListMultipartUploadParts))$/,
    },
  ),
  unseen('Athena reads the tables; the local one reads the copy that it keeps beside the bucket', {
    role: ASKING,
    action: /^(s3:GetObject|kms:Decrypt)$/,
    on: /^(ArchiveBucket\.Arn\/|Key\.Arn$)/,
  }),
  unseen('Step Functions follows and stops the children of a map itself', {
    role: /^CampaignsRole$/,
    action: /^states:(DescribeExecution|StopExecution)$/,
  }),
  unseen(
    'A task is called off in the moment when it is offered',
    {
      role: /^DissuasionOfferTaskRole$/,
      action: /^dynamodb:(GetItem|UpdateItem)$/,
      on: /^DissuasionTasksTable\.Arn$/,
    },
    {
      file: 'test/functions/offer-task/offer-task.test.ts',
      name: 'A task that is called off in the moment when it is offered is on no queue afterwards',
    },
    true,
  ),
  unseen(
    'A number comes off a list before its texts are sent',
    {
      role: /^OfficersApiNumbersRole$/,
      action: /^dynamodb:UpdateItem$/,
      on: /^ScoreSubjectsTable\.Arn$/,
    },
    {
      file: 'test/functions/adapters/data-layer/take-back.suite.ts',
      name: 'withdraws the texts that are not sent yet, and counts those that are',
    },
    true,
  ),
  unseen(
    'A night finds numbers; the day of the end-to-end test is too small for that',
    {
      role: /^StudyStudyDayRole$/,
      action: /^dynamodb:(GetItem|PutItem|UpdateItem)$/,
      on: /^(NumberListsTable|ScoreNumbersProfilesTable)\.Arn$/,
    },
    {
      file: 'test/functions/study-day/feed-findings.test.ts',
      name: 'is listed at once where the policy says so and the points suffice, and no longer than they hold',
    },
  ),
  unseen(
    'A statement of the study fails half-way and is asked again',
    {
      role: /^StudyStudyDayRole$/,
      action: /^s3:DeleteObject$/,
    },
    {
      file: 'test/functions/study-day/continue-study.test.ts',
      name: 'comes to the same where statements fail after they wrote',
    },
  ),
  unseen('A night measures campaigns, where there are any: no end-to-end test has both', {
    role: /^StudyStudyDayRole$/,
    action: /^lambda:InvokeFunction$/,
    on: /^CampaignsCampaignAudienceFunction\.Arn$/,
  }),
  unseen(
    'Reports of a file change what the list says of a number that has been seen before',
    {
      role: /^OfficersApiCluesRole$/,
      action: /^dynamodb:PartiQLUpdate$/,
      on: /^ScoreNumbersProfilesTable\.Arn$/,
    },
    {
      file: 'test/functions/adapters/data-layer/profiles-table.suite.ts',
      name: 'many are changed together as each by itself would be',
    },
    true,
  ),
];
