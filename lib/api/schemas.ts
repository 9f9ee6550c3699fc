import { type Static, type TSchema, Type } from 'typebox';
import { AUDIT_ACTS } from '../domain/audit/audit-chain.ts';
import { CampaignSchema } from '../domain/campaign/campaign.ts';
import { CAMPAIGN_STAGES, CAMPAIGN_STATES } from '../domain/campaign/campaign-run.ts';
import { EXCLUSIONS } from '../domain/campaign/eligibility.ts';
import { FRAUD_KINDS } from '../domain/fraud-kind.ts';
import { CASE_OUTCOMES, CASE_STATES } from '../domain/ladder/case-head.ts';
import { CASE_TIERS, STEPS } from '../domain/ladder/ladder-policy.ts';
import { EVENT_KINDS } from '../domain/ladder/timeline-event.ts';
import {
  FINDING_DECISIONS,
  FINDING_KINDS,
  FINDING_STATES,
} from '../domain/listing/study-finding.ts';
import { TASK_OUTCOMES } from '../domain/task-outcome.ts';
import { TIERS } from '../domain/tiers.ts';
import { OFFICER_GROUPS } from './officer.ts';

const closed = { additionalProperties: false } as const;

/**
 * What officers write: no control or format characters, which a terminal or a log would act on, or which hide what is
 * written.
 */
const text = (maxLength: number, description: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: '^(?:[\\t\\n]|[^\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}])*$',
    description,
  });

const epochMs = (description: string) => Type.Integer({ minimum: 0, description });
const id = (description: string) => Type.String({ pattern: '^[A-Za-z0-9_-]{1,80}$', description });
const queue = Type.String({
  pattern: '^[a-z0-9-]{1,40}$',
  description: 'the centre’s own queue, or `station-<id>`',
});
const district = Type.String({ pattern: '^\\d{6}$', description: 'division code (GB/T 2260)' });
const masked = (whose: string) =>
  Type.String({ description: `${whose}, masked but for the tail`, examples: ['+86*******8000'] });
const cursor = Type.String({
  pattern: '^[A-Za-z0-9_-]{1,600}$',
  description: 'where to go on, as the page before gave it in `next`',
});
/** Query parameters are text. */
const limit = Type.String({
  pattern: '^([1-9]|[1-9]\\d|100)$',
  description: 'at most so many, 1 to 100',
});
const since = Type.String({ format: 'date-time', description: 'opened then or later' });
const notes = text(1_000, 'anything worth knowing; phone numbers are masked before it is kept');
const reason = text(400, 'why; it stands on the timeline, phone numbers masked');

const kind = Type.Enum([...FRAUD_KINDS]);
const tier = Type.Enum([...CASE_TIERS]);
const step = Type.Enum([...STEPS]);
const attemptOutcome = Type.Enum([...TASK_OUTCOMES, 'overdue', 'cancelled', 'no-relatives']);

export const TaskSchema = Type.Object(
  {
    taskId: id('the task'),
    caseId: id('its case'),
    step,
    attempt: Type.Integer({ minimum: 1, description: '1 for the first of its step' }),
    tier,
    kind,
    queue,
    district: Type.String({ description: 'empty when unknown' }),
    assignedAt: epochMs('from when it is to be done'),
    dueAt: epochMs('then the case goes on without it'),
    subject: masked('the person'),
    contacts: Type.Optional(
      Type.Array(masked('a relative'), { description: 'whom to ask first first' }),
    ),
    backupQueue: Type.Optional(queue),
    station: Type.Optional(
      Type.Object(
        { name: Type.String(), dutyOfficer: Type.String() },
        { ...closed, description: 'the police station whose queue it is; not in lists' },
      ),
    ),
    claim: Type.Optional(
      Type.Object(
        { by: Type.String(), until: epochMs('without a heartbeat'), mine: Type.Boolean() },
        closed,
      ),
    ),
    closed: Type.Optional(
      Type.Object(
        {
          outcome: attemptOutcome,
          by: Type.String(),
          at: epochMs('when'),
          notes: Type.Optional(Type.String()),
        },
        closed,
      ),
    ),
  },
  { ...closed, title: 'Task' },
);
export type TaskView = Static<typeof TaskSchema>;

export const CaseSchema = Type.Object(
  {
    caseId: id('the case'),
    subject: masked('the person'),
    tier,
    state: Type.Enum([...CASE_STATES]),
    kind,
    district: Type.String({ description: 'empty when unknown' }),
    openedAt: epochMs('when it was opened'),
    openedBy: Type.String({ description: '`policy`, or an officer' }),
    policyVersion: Type.Integer(),
    reopened: Type.Integer({ description: 'how often further calls reopened it' }),
    openSteps: Type.Array(
      Type.Object({ taskId: id('its task'), step, dueAt: epochMs('due') }, closed),
      { description: 'what people are to do now' },
    ),
    watchUntil: Type.Optional(epochMs('when a watched case closes')),
    lastOfficer: Type.Optional(Type.String()),
    outcome: Type.Optional(Type.Enum([...CASE_OUTCOMES])),
    closedAt: Type.Optional(epochMs('when it was closed')),
  },
  { ...closed, title: 'Case' },
);
export type CaseView = Static<typeof CaseSchema>;

export const TimelineEventSchema = Type.Object(
  {
    id: Type.String(),
    at: epochMs('when'),
    kind: Type.Enum([...EVENT_KINDS]),
    by: Type.String({ description: 'an officer, or `workflow`' }),
    step: Type.Optional(step),
    taskId: Type.Optional(id('of which task')),
    details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  },
  { ...closed, title: 'TimelineEvent' },
);
export type TimelineEventView = Static<typeof TimelineEventSchema>;

const ReasonSchema = Type.Object(
  { id: Type.String({ description: 'a term of the score' }), points: Type.Number() },
  closed,
);

const GroundsSchema = Type.Object(
  {
    tier: Type.Enum([...TIERS]),
    kind,
    points: Type.Number({ description: 'the sum of `terms`, in log-odds' }),
    probability: Type.Number({ description: 'that the person is being deceived' }),
    calls: Type.Integer({ description: 'risky calls that the person took' }),
    minutes: Type.Number({ description: 'on the line with risky callers' }),
    terms: Type.Array(ReasonSchema, { description: 'what was weighed about the person' }),
    reasons: Type.Array(ReasonSchema, {
      description: 'the largest terms of the judgement on the caller',
    }),
    policyVersion: Type.Integer(),
    decidedAt: epochMs('when'),
  },
  { ...closed, title: 'Grounds' },
);

const TextSchema = Type.Object(
  {
    decidedAt: epochMs('when it was decided'),
    state: Type.String({
      description:
        'pending, claimed, deferred, sent, opted-out, undeliverable, expired, over-budget, withdrawn',
    }),
    settledAt: Type.Optional(epochMs('when that was known')),
    reason: Type.Optional(Type.String()),
    delivery: Type.Optional(
      Type.String({ description: 'what became of a sent text, by the carrier' }),
    ),
  },
  { ...closed, title: 'Text' },
);

const ExposureSchema = Type.Object(
  {
    at: epochMs('when the call began'),
    seconds: Type.Integer({ description: '-1 while it goes on' }),
    answered: Type.Boolean(),
    caller: masked('the caller'),
    kind: Type.Optional(kind),
  },
  { ...closed, title: 'Exposure' },
);

export const CaseDetailSchema = Type.Object(
  {
    case: CaseSchema,
    grounds: Type.Optional(GroundsSchema),
    exposures: Type.Array(ExposureSchema, { description: 'the risky calls, oldest first' }),
    texts: Type.Array(TextSchema),
    tasks: Type.Array(TaskSchema),
    timeline: Type.Array(TimelineEventSchema, { description: 'oldest first; the first page' }),
    next: Type.Optional(cursor),
  },
  { ...closed, title: 'CaseDetail' },
);
export type CaseDetail = Static<typeof CaseDetailSchema>;

const pageOf = (name: string, items: TSchema, title: string) =>
  Type.Object({ [name]: Type.Array(items), next: Type.Optional(cursor) }, { ...closed, title });

export const TaskPageSchema = pageOf('tasks', TaskSchema, 'TaskPage');
export interface TaskPageView {
  readonly tasks: readonly TaskView[];
  readonly next?: string;
}
export const CasePageSchema = pageOf('cases', CaseSchema, 'CasePage');
export interface CasePageView {
  readonly cases: readonly CaseView[];
  readonly next?: string;
}
export const TimelinePageSchema = pageOf('events', TimelineEventSchema, 'TimelinePage');
export interface TimelinePageView {
  readonly events: readonly TimelineEventView[];
  readonly next?: string;
}

export const OfficerSchema = Type.Object(
  {
    name: Type.String(),
    groups: Type.Array(Type.Enum([...OFFICER_GROUPS])),
    station: Type.Optional(Type.String()),
    districts: Type.Array(Type.String()),
    queue: queue,
  },
  { ...closed, title: 'Officer' },
);
export type OfficerView = Static<typeof OfficerSchema>;

export const ReportedSchema = Type.Object(
  {
    result: Type.Enum(['accepted', 'late']),
    message: Type.String({ description: 'for the officer' }),
    task: TaskSchema,
  },
  { ...closed, title: 'Reported' },
);
export type Reported = Static<typeof ReportedSchema>;

export const RevealedSchema = Type.Object(
  {
    number: Type.String({ description: 'E.164' }),
    relation: Type.Optional(Type.String()),
    auditEntry: Type.Integer({ description: 'this look’s place in the audit' }),
  },
  { ...closed, title: 'Revealed' },
);
export type Revealed = Static<typeof RevealedSchema>;

const perTier = Type.Object(
  { medium: Type.Integer(), high: Type.Integer(), urgent: Type.Integer() },
  closed,
);
const PrecisionSchema = Type.Object(
  {
    right: Type.Integer({ description: 'cases of people who were being deceived' }),
    wrong: Type.Integer(),
    precision: Type.Union([Type.Number(), Type.Null()]),
  },
  closed,
);
const minutes = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });
const StepWorkSchema = Type.Object(
  {
    step,
    opened: Type.Integer(),
    done: Type.Integer({ description: 'of these, those that somebody reported on' }),
    overdue: Type.Integer({ description: 'of these, those whose due time passed before' }),
    medianMinutes: minutes('from the offer until somebody reported'),
    ninetiethMinutes: minutes('nine of ten were reported on within'),
  },
  closed,
);
export const StatisticsSchema = Type.Object(
  {
    at: epochMs('when this was counted'),
    open: perTier,
    watching: Type.Integer(),
    dueSoon: Type.Integer({ description: 'open tasks due within ten minutes' }),
    overdue: Type.Integer(),
    closedDays: Type.Integer({ description: 'what follows looks at cases opened in so many days' }),
    closed: Type.Integer(),
    outcomes: Type.Record(Type.String(), Type.Integer(), closed),
    medianMinutes: Type.Record(Type.String(), Type.Number(), {
      ...closed,
      description: 'by step, from its offer until somebody reported',
    }),
    precisionByTier: Type.Record(Type.String(), PrecisionSchema, closed),
    precisionByReason: Type.Record(Type.String(), PrecisionSchema, closed),
    precisionByText: Type.Record(Type.String(), PrecisionSchema, {
      ...closed,
      description: 'by the kind of fraud that a text named; cases without a text are left out',
    }),
    work: Type.Array(StepWorkSchema, { description: 'tasks offered in the last 24 hours' }),
    complete: Type.Boolean({
      description: 'false where there were more cases than are counted at once',
    }),
  },
  { ...closed, title: 'Statistics' },
);
export type Statistics = Static<typeof StatisticsSchema>;

export const AuditEntrySchema = Type.Object(
  {
    sequence: Type.Integer({ minimum: 1 }),
    at: epochMs('when'),
    by: Type.String(),
    act: Type.Enum([...AUDIT_ACTS]),
    caseId: Type.Optional(id('the case, of a number that was revealed')),
    taskId: Type.Optional(id('the task')),
    whose: Type.String({
      description: '`subject`, or `contact-<place>`; of clues their number, masked',
    }),
    purpose: Type.String(),
    previous: Type.String({ description: 'hash of the entry before' }),
    hash: Type.String({ description: 'SHA-256 of all else, as hexadecimal' }),
  },
  { ...closed, title: 'AuditEntry' },
);
export type AuditEntryView = Static<typeof AuditEntrySchema>;
export const AuditPageSchema = pageOf('entries', AuditEntrySchema, 'AuditPage');
export interface AuditPageView {
  readonly entries: readonly AuditEntryView[];
  readonly next?: string;
}

const listed = {
  id: id('the entry'),
  number: masked('the number'),
  reason: Type.String(),
  reference: Type.String({ description: 'where it came from' }),
  by: Type.String({ description: 'the officer' }),
  at: epochMs('when'),
  version: Type.Integer({ minimum: 1, description: 'of the list, made by this' }),
};
const until = epochMs('then it ends by itself');

export const ListEntrySchema = Type.Object(
  { ...listed, until, kind: Type.Optional(kind) },
  { ...closed, title: 'ListEntry' },
);
export type ListEntryView = Static<typeof ListEntrySchema>;
export const ListVersionSchema = Type.Object(
  {
    ...listed,
    act: Type.Enum(['added', 'removed']),
    kind: Type.Optional(kind),
    until: Type.Optional(until),
  },
  { ...closed, title: 'ListVersion' },
);
export type ListVersionView = Static<typeof ListVersionSchema>;

const listPageOf = (name: string, items: TSchema, title: string) =>
  Type.Object(
    {
      [name]: Type.Array(items),
      version: Type.Integer({ minimum: 0, description: 'of the list as it stands' }),
      next: Type.Optional(cursor),
    },
    { ...closed, title },
  );
export const ListPageSchema = listPageOf('entries', ListEntrySchema, 'ListPage');
export interface ListPageView {
  readonly entries: readonly ListEntryView[];
  readonly version: number;
  readonly next?: string;
}
export const ListVersionPageSchema = listPageOf('versions', ListVersionSchema, 'ListVersionPage');
export interface ListVersionPageView {
  readonly versions: readonly ListVersionView[];
  readonly version: number;
  readonly next?: string;
}

const takenBack = {
  withdrawn: Type.Integer({ description: 'texts that were not sent yet, and will not be' }),
  sent: Type.Integer({ description: 'texts that were sent, or were being sent' }),
  cases: Type.Array(id('a case'), { description: 'opened because of it; close them by hand' }),
  complete: Type.Boolean({
    description: 'false where there were more decisions than were looked through',
  }),
};
/** How the search of the archive for a case number's contacts stands when the number is added. */
const ARCHIVE_SEARCHES = ['under-way', 'not-started'] as const;
export const CaseNumberAddedSchema = Type.Object(
  {
    id: id('the entry'),
    version: Type.Integer({ minimum: 1, description: 'of the list now' }),
    until,
    people: Type.Integer({ description: 'who were in touch with it lately and are exposed now' }),
    archiveSearch: Type.Enum([...ARCHIVE_SEARCHES], {
      description:
        'for those who were in touch with it earlier: they are exposed within minutes, unless it could not be started',
    }),
  },
  { ...closed, title: 'CaseNumberAdded' },
);
export type CaseNumberAdded = Static<typeof CaseNumberAddedSchema>;
const rejected = Type.Array(
  Type.Object({ item: Type.Integer({ minimum: 0 }), detail: Type.String() }, closed),
);
export const CaseNumbersImportedSchema = Type.Object(
  {
    taken: Type.Integer({ minimum: 0 }),
    known: Type.Integer({ minimum: 0, description: 'on the list before' }),
    rejected,
    people: Type.Integer({ description: 'who were in touch with them lately and are exposed now' }),
    archiveSearch: Type.Enum([...ARCHIVE_SEARCHES, 'not-needed'], {
      description:
        'one for all numbers that were taken; where it could not be started, send them again',
    }),
  },
  { ...closed, title: 'CaseNumbersImported' },
);
export type CaseNumbersImported = Static<typeof CaseNumbersImportedSchema>;
export const TakenBackSchema = Type.Object(
  { id: id('the entry'), version: Type.Integer({ minimum: 1 }), ...takenBack },
  { ...closed, title: 'TakenBack' },
);
export type TakenBackView = Static<typeof TakenBackSchema>;
export const UnlistedSchema = Type.Object(
  { id: id('the entry'), version: Type.Integer({ minimum: 1 }) },
  { ...closed, title: 'Unlisted' },
);
export type Unlisted = Static<typeof UnlistedSchema>;

const reference = Type.String({
  pattern: '^[A-Za-z0-9_-]{22}$',
  description: 'keep it: whoever has it may ask how far this has come',
});
export const ReferenceSchema = Type.Object({ reference }, { ...closed, title: 'Reference' });
export type Reference = Static<typeof ReferenceSchema>;
export const CLUE_STATES = ['received', 'considered', 'closed'] as const;
export const ProgressSchema = Type.Object(
  { state: Type.Enum([...CLUE_STATES]) },
  { ...closed, title: 'Progress' },
);
export type Progress = Static<typeof ProgressSchema>;
export const CluesImportedSchema = Type.Object(
  {
    taken: Type.Integer({ minimum: 0 }),
    known: Type.Integer({ minimum: 0, description: 'taken before' }),
    rejected,
  },
  { ...closed, title: 'CluesImported' },
);
export type CluesImported = Static<typeof CluesImportedSchema>;
const token = Type.String({
  pattern: '^[A-Za-z0-9_-]{8,40}$',
  description: 'the pseudonym of the number, by which its clues can be read',
});
export const ClueSchema = Type.Object(
  {
    reference,
    kind,
    when: epochMs('what is reported happened'),
    at: epochMs('it was reported'),
    text: Type.String({ description: 'what a stranger wrote; phone numbers masked' }),
  },
  { ...closed, title: 'Clue' },
);
export type ClueView = Static<typeof ClueSchema>;
export const CluesReadSchema = Type.Object(
  {
    number: masked('the number that they are about'),
    clues: Type.Array(ClueSchema, { description: 'the newest first' }),
    auditEntry: Type.Integer({ minimum: 1, description: 'where this look stands in the audit' }),
    next: Type.Optional(cursor),
  },
  { ...closed, title: 'CluesRead' },
);
export type CluesRead = Static<typeof CluesReadSchema>;
const term = Type.Object({ id: Type.String(), points: Type.Number() }, closed);
export const ClueFindingSchema = Type.Object(
  {
    token,
    number: masked('the number'),
    kind,
    at: epochMs('the call of the number that it was found at'),
    until: epochMs('the finding ends'),
    points: Type.Number({ description: 'log-odds, with what clues gave' }),
    base: Type.Number({ description: 'with the points of all terms it sums to the score' }),
    terms: Type.Array(term, { description: 'what speaks for it, or against; `clues` is theirs' }),
  },
  { ...closed, title: 'ClueFinding' },
);
export type ClueFindingView = Static<typeof ClueFindingSchema>;
export const ClueFindingPageSchema = pageOf('findings', ClueFindingSchema, 'ClueFindingPage');
export interface ClueFindingPageView {
  readonly findings: readonly ClueFindingView[];
  readonly next?: string;
}
export const APPEAL_DECISIONS = ['granted', 'refused'] as const;
export const AppealSchema = Type.Object(
  {
    reference,
    number: masked('the number'),
    text: Type.String({ description: 'what a stranger wrote; phone numbers masked' }),
    at: epochMs('when'),
    decided: Type.Optional(
      Type.Object(
        {
          decision: Type.Enum([...APPEAL_DECISIONS]),
          reason: Type.String(),
          by: Type.String(),
          at: epochMs('when'),
        },
        closed,
      ),
    ),
  },
  { ...closed, title: 'Appeal' },
);
export type AppealView = Static<typeof AppealSchema>;
export const AppealPageSchema = pageOf('appeals', AppealSchema, 'AppealPage');
export interface AppealPageView {
  readonly appeals: readonly AppealView[];
  readonly next?: string;
}

export const FindingSchema = Type.Object(
  {
    id: id('the finding'),
    number: masked('the number'),
    kind: Type.Enum([...FINDING_KINDS]),
    fraudKind: kind,
    points: Type.Number({ description: 'log-odds, the sum of the evidence' }),
    evidence: Type.Array(
      Type.Object(
        {
          id: Type.String({ description: 'what speaks for it, or against' }),
          value: Type.Number({ description: 'its figure' }),
          points: Type.Number(),
        },
        closed,
      ),
    ),
    day: Type.String({ description: 'the last day whose study found it, YYYY-MM-DD' }),
    until: epochMs('after which the evidence is too old to act on'),
    status: Type.Enum([...FINDING_STATES]),
    listedUntil: Type.Optional(epochMs('until when the number is listed')),
    decisions: Type.Array(
      Type.Object(
        {
          decision: Type.Enum([...FINDING_DECISIONS]),
          reason: Type.String(),
          by: Type.String({ description: 'an officer, or `policy <version>`' }),
          automatic: Type.Boolean({ description: 'by the policy alone' }),
          at: epochMs('when'),
          until: Type.Optional(epochMs('until when the number was listed')),
        },
        closed,
      ),
      { description: 'the oldest first' },
    ),
  },
  { ...closed, title: 'Finding' },
);
export type FindingView = Static<typeof FindingSchema>;
export const FindingPageSchema = pageOf('findings', FindingSchema, 'FindingPage');
export interface FindingPageView {
  readonly findings: readonly FindingView[];
  readonly next?: string;
}

export const HealthSchema = Type.Object(
  { status: Type.Literal('ok') },
  { ...closed, title: 'Health' },
);
export const DoneSchema = Type.Object({ done: Type.Literal(true) }, { ...closed, title: 'Done' });
export const OpenedSchema = Type.Object({ caseId: id('the case') }, { ...closed, title: 'Opened' });
export const TicketSchema = Type.Object(
  {
    ticket: Type.String({ description: 'opens one connection, once' }),
    url: Type.String({ description: 'where to connect, the ticket included' }),
    expiresAt: epochMs('when it is worth nothing any more'),
  },
  { ...closed, title: 'Ticket' },
);
export type Ticket = Static<typeof TicketSchema>;
export const DocumentSchema = Type.Object({}, { title: 'OpenApiDocument' });

const campaignStage = Type.Enum([...CAMPAIGN_STAGES]);
const people = (description: string) => Type.Integer({ minimum: 0, description });
const reasons = Type.Record(Type.Enum([...EXCLUSIONS]), people('left out for it'));

export const CampaignViewSchema = Type.Object(
  {
    id: id('the campaign'),
    name: Type.String(),
    kind,
    state: Type.Enum([...CAMPAIGN_STATES]),
    stage: campaignStage,
    run: Type.Integer({ minimum: 1, description: 'every start and resumption is another' }),
    since: Type.Object(
      {
        first: Type.Optional(epochMs('the first stage began')),
        all: Type.Optional(epochMs('the stage of all began')),
      },
      closed,
    ),
    changedAt: epochMs('it was started, stopped, resumed or ended'),
    changedBy: Type.String(),
    plan: Type.Optional(
      Type.Object(
        {
          listed: people('registered in the districts'),
          excluded: reasons,
          lots: Type.Object(
            {
              'held-out': people('never texted, by lot'),
              first: people('texted in the first stage'),
              rest: people('texted with all'),
            },
            closed,
          ),
          texts: people('texts of both stages'),
          textsPerDay: people('texts of a day at the most'),
          days: Type.Optional(people('days that it takes at least')),
          costAtMostUsd: Type.Number(),
        },
        closed,
      ),
    ),
    counts: Type.Object(
      {
        claimed: people('their turn came'),
        sent: people('texted'),
        refused: people('the carrier takes no text for the number'),
        optedOut: people('want no texts, as the carrier says'),
        skipped: Type.Partial(reasons),
      },
      closed,
    ),
    uncertain: people('on their way, or lost to a crash; not texted again'),
    expires: Type.String({ format: 'date-time' }),
  },
  closed,
);
export type CampaignView = Static<typeof CampaignViewSchema>;

export const CampaignListSchema = Type.Object(
  { campaigns: Type.Array(CampaignViewSchema) },
  closed,
);
export type CampaignList = Static<typeof CampaignListSchema>;

export const parameters = {
  taskId: Type.Object({ taskId: id('the task') }, closed),
  caseId: Type.Object({ caseId: id('the case') }, closed),
  entryId: Type.Object({ entryId: id('the entry') }, closed),
  reference: Type.Object({ reference }, closed),
  findingId: Type.Object({ findingId: id('the finding') }, closed),
  campaignId: Type.Object({ campaignId: id('the campaign') }, closed),
} as const;

const page = { limit: Type.Optional(limit), next: Type.Optional(cursor) };
export const queries = {
  tasks: Type.Object(
    {
      queue: Type.Optional(queue),
      tier: Type.Optional(tier),
      step: Type.Optional(step),
      mine: Type.Optional(Type.Enum(['true', 'false'])),
      ...page,
    },
    closed,
  ),
  cases: Type.Object(
    {
      state: Type.Optional(Type.Enum([...CASE_STATES])),
      tier: Type.Optional(tier),
      district: Type.Optional(district),
      officer: Type.Optional(Type.String({ pattern: '^[^\\u0000-\\u001f]{1,128}$' })),
      since: Type.Optional(since),
      ...page,
    },
    closed,
  ),
  findings: Type.Object({ status: Type.Optional(Type.Enum([...FINDING_STATES])), ...page }, closed),
  page: Type.Object(page, closed),
} as const;

const anyNumber = Type.String({ minLength: 3, maxLength: 32, description: 'in any notation' });
const listReference = text(120, 'where it comes from: a file number, an order');
const untilDay = Type.String({ format: 'date-time', description: 'when the entry ends by itself' });

/** Case numbers of one request of an import. */
export const MOST_CASE_NUMBERS = 100;

const caseNumber = Type.Object(
  {
    number: anyNumber,
    kind,
    reference: listReference,
    reason,
    until: Type.Optional(untilDay),
  },
  closed,
);

/** Clues of one request of an import. */
export const MOST_CLUES = 250;

const clueFields = {
  number: anyNumber,
  kind,
  when: Type.String({ format: 'date-time', description: 'when it happened' }),
  text: Type.Optional(text(500, 'what happened; phone numbers are masked before it is kept')),
  reporter: Type.Optional(
    Type.String({ minLength: 3, maxLength: 32, description: 'the reporter’s own number; sealed' }),
  ),
};

export const bodies = {
  outcome: Type.Object(
    { outcome: Type.Enum([...TASK_OUTCOMES]), notes: Type.Optional(notes) },
    closed,
  ),
  handOver: Type.Object({ queue, reason }, closed),
  reveal: Type.Object(
    {
      purpose: text(200, 'what the number is needed for; it stands in the audit'),
      contact: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 9,
          description: 'place among the task’s contacts; absent: the person',
        }),
      ),
    },
    closed,
  ),
  openCase: Type.Object(
    {
      number: Type.String({
        minLength: 3,
        maxLength: 32,
        description: 'the person’s number, in any notation',
      }),
      kind,
      tier,
      reason,
    },
    closed,
  ),
  tier: Type.Object({ tier, reason }, closed),
  close: Type.Object({ outcome: Type.Enum([...CASE_OUTCOMES]), reason }, closed),
  contact: Type.Object(
    {
      number: Type.String({ minLength: 3, maxLength: 32, description: 'in any notation' }),
      relation: text(60, 'who it is, such as daughter; or `self` for another number of the person'),
    },
    closed,
  ),
  note: Type.Object({ notes }, closed),
  addCaseNumber: caseNumber,
  importCaseNumbers: Type.Object(
    {
      numbers: Type.Array(caseNumber, {
        minItems: 1,
        maxItems: MOST_CASE_NUMBERS,
        description: 'the archive is searched once for all of them',
      }),
    },
    closed,
  ),
  addAllowedNumber: Type.Object(
    { number: anyNumber, reference: listReference, reason, until: untilDay },
    closed,
  ),
  unlist: Type.Object({ reason }, closed),
  clue: Type.Object(clueFields, closed),
  importClues: Type.Object(
    {
      clues: Type.Array(
        Type.Object(
          {
            reference: text(80, 'names it in its source: taken once, however often it is sent'),
            ...clueFields,
          },
          closed,
        ),
        { minItems: 1, maxItems: MOST_CLUES },
      ),
    },
    closed,
  ),
  readClues: Type.Object(
    {
      number: Type.Optional(anyNumber),
      token: Type.Optional(token),
      reference: Type.Optional(reference),
      purpose: text(200, 'what they are read for; it stands in the audit'),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
      next: Type.Optional(cursor),
    },
    { ...closed, description: 'one of number, token and reference' },
  ),
  appeal: Type.Object(
    { number: anyNumber, text: text(500, 'why it is wrongly judged; phone numbers are masked') },
    closed,
  ),
  decideAppeal: Type.Object(
    {
      decision: Type.Enum([...APPEAL_DECISIONS]),
      reason,
      until: Type.Optional(untilDay),
    },
    closed,
  ),
  decideFinding: Type.Object(
    {
      decision: Type.Enum([...FINDING_DECISIONS]),
      reason,
      until: Type.Optional(untilDay),
    },
    closed,
  ),
  startCampaign: Type.Object({ document: CampaignSchema, stage: campaignStage }, closed),
} as const;
