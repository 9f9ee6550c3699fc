import type { Static, TObject, TSchema } from 'typebox';
import { OFFICER_GROUPS, type OfficerGroup } from './officer.ts';
import * as schemas from './schemas.ts';

/** One thing that the officers' API does: all that its document, its checks and its routes are made from. */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** As API Gateway writes it: `/tasks/{taskId}`. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** Without a token at all, or with one of a user of these groups. */
  readonly who: 'anybody' | readonly OfficerGroup[];
  /** The function behind it: the first of them may not read the key of the number tokens. */
  readonly servedBy: 'officers-api' | 'officer-numbers' | 'take-clue';
  /** An officer of a police station is held to the districts of the station. */
  readonly heldToDistrict: boolean;
  readonly parameters?: TObject;
  readonly query?: TObject;
  readonly body?: TObject;
  /** What a request may have at the most; absent: what an officer writes by hand, 16 KB. */
  readonly mostBytes?: number;
  readonly status: 200 | 201;
  readonly answer: TSchema;
}

const DESK: readonly OfficerGroup[] = ['call-desk', 'station', 'supervisor'];
const READERS: readonly OfficerGroup[] = OFFICER_GROUPS;

/** Who says what is on the lists, and who may read them. */
const LIST_KEEPERS: readonly OfficerGroup[] = ['analyst', 'supervisor'];
const LIST_READERS: readonly OfficerGroup[] = ['analyst', 'supervisor', 'auditor'];

/** Of a request that brings rows of a file: far below the 6 MB that a function takes. */
export const IMPORT_BYTES = 256 * 1024;

const common = { servedBy: 'officers-api', heldToDistrict: false, status: 200 } as const;
const ofTask = { ...common, parameters: schemas.parameters.taskId, heldToDistrict: true } as const;
const ofCampaign = { ...common, parameters: schemas.parameters.campaignId } as const;
const ofCase = { ...common, parameters: schemas.parameters.caseId, heldToDistrict: true } as const;
const ofPublic = { ...common, who: 'anybody', servedBy: 'take-clue' } as const;
const ofEntry = {
  ...common,
  servedBy: 'officer-numbers',
  parameters: schemas.parameters.entryId,
  body: schemas.bodies.unlist,
} as const;

/** Every endpoint by its name. */
export const ENDPOINTS = {
  health: {
    ...common,
    method: 'GET',
    path: '/health',
    summary: 'Whether the API answers',
    who: 'anybody',
    answer: schemas.HealthSchema,
  },
  document: {
    ...common,
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document',
    who: 'anybody',
    answer: schemas.DocumentSchema,
  },
  whoAmI: {
    ...common,
    method: 'GET',
    path: '/me',
    summary: 'Who the token says that you are',
    who: OFFICER_GROUPS,
    answer: schemas.OfficerSchema,
  },
  listTasks: {
    ...common,
    method: 'GET',
    path: '/tasks',
    summary: 'The open tasks of a queue (default: yours), the first due first',
    who: DESK,
    heldToDistrict: true,
    query: schemas.queries.tasks,
    answer: schemas.TaskPageSchema,
  },
  readTask: {
    ...ofTask,
    method: 'GET',
    path: '/tasks/{taskId}',
    summary: 'One task',
    who: DESK,
    answer: schemas.TaskSchema,
  },
  claimTask: {
    ...ofTask,
    method: 'POST',
    path: '/tasks/{taskId}/claim',
    summary: 'Takes a task that is free; 409 where somebody else has it',
    who: DESK,
    answer: schemas.TaskSchema,
  },
  keepTask: {
    ...ofTask,
    method: 'POST',
    path: '/tasks/{taskId}/heartbeat',
    summary: 'Keeps a task of yours: silent for too long, it goes back to its queue',
    who: DESK,
    answer: schemas.TaskSchema,
  },
  releaseTask: {
    ...ofTask,
    method: 'POST',
    path: '/tasks/{taskId}/release',
    summary: 'Puts a task of yours back on its queue',
    who: DESK,
    answer: schemas.TaskSchema,
  },
  reportTask: {
    ...ofTask,
    method: 'POST',
    path: '/tasks/{taskId}/outcome',
    summary: 'Says what came of a task of yours; the case goes on from there',
    who: DESK,
    body: schemas.bodies.outcome,
    answer: schemas.ReportedSchema,
  },
  handOverTask: {
    ...ofTask,
    method: 'POST',
    path: '/tasks/{taskId}/hand-over',
    summary: 'Puts a task of yours on another queue',
    who: DESK,
    body: schemas.bodies.handOver,
    answer: schemas.TaskSchema,
  },
  revealNumber: {
    ...ofTask,
    method: 'POST',
    path: '/tasks/{taskId}/reveal',
    summary: 'The number behind a task of yours, for a purpose; each look stands in the audit',
    who: DESK,
    servedBy: 'officer-numbers',
    body: schemas.bodies.reveal,
    answer: schemas.RevealedSchema,
  },
  listCases: {
    ...common,
    method: 'GET',
    path: '/cases',
    summary: 'Cases, the newest first',
    who: READERS,
    heldToDistrict: true,
    query: schemas.queries.cases,
    answer: schemas.CasePageSchema,
  },
  openCase: {
    ...common,
    method: 'POST',
    path: '/cases',
    summary: 'Opens a case by hand',
    who: ['call-desk', 'supervisor'],
    servedBy: 'officer-numbers',
    body: schemas.bodies.openCase,
    status: 201,
    answer: schemas.OpenedSchema,
  },
  readCase: {
    ...ofCase,
    method: 'GET',
    path: '/cases/{caseId}',
    summary: 'One case: its grounds, calls, texts, tasks and timeline',
    who: READERS,
    answer: schemas.CaseDetailSchema,
  },
  readTimeline: {
    ...ofCase,
    method: 'GET',
    path: '/cases/{caseId}/timeline',
    summary: 'What happened to a case, the oldest first',
    who: READERS,
    query: schemas.queries.page,
    answer: schemas.TimelinePageSchema,
  },
  setTier: {
    ...ofCase,
    method: 'POST',
    path: '/cases/{caseId}/tier',
    summary: 'Raises or lowers the tier of a case',
    who: ['call-desk', 'supervisor'],
    body: schemas.bodies.tier,
    answer: schemas.CaseSchema,
  },
  addNote: {
    ...ofCase,
    method: 'POST',
    path: '/cases/{caseId}/notes',
    summary: 'Writes a note on the timeline',
    who: ['call-desk', 'station', 'analyst', 'supervisor'],
    body: schemas.bodies.note,
    status: 201,
    answer: schemas.DoneSchema,
  },
  addContact: {
    ...ofCase,
    method: 'POST',
    path: '/cases/{caseId}/contacts',
    summary: 'Adds a relative, or another number of the person, to a case',
    who: DESK,
    servedBy: 'officer-numbers',
    body: schemas.bodies.contact,
    status: 201,
    answer: schemas.DoneSchema,
  },
  closeCase: {
    ...ofCase,
    method: 'POST',
    path: '/cases/{caseId}/close',
    summary: 'Closes a case; what waits in it is called off',
    who: ['supervisor'],
    body: schemas.bodies.close,
    answer: schemas.CaseSchema,
  },
  readStatistics: {
    ...common,
    method: 'GET',
    path: '/statistics',
    summary: 'Open, due and overdue; minutes a step; precision by tier and by reason',
    who: ['analyst', 'supervisor', 'auditor'],
    answer: schemas.StatisticsSchema,
  },
  readAudit: {
    ...common,
    method: 'GET',
    path: '/audit',
    summary: 'Who looked at which number, the oldest first',
    who: ['auditor'],
    query: schemas.queries.page,
    answer: schemas.AuditPageSchema,
  },
  addCaseNumber: {
    ...common,
    method: 'POST',
    path: '/case-numbers',
    summary:
      'Puts a number on the list of case numbers; who was in touch with it is exposed at once',
    who: LIST_KEEPERS,
    servedBy: 'officer-numbers',
    body: schemas.bodies.addCaseNumber,
    status: 201,
    answer: schemas.CaseNumberAddedSchema,
  },
  importCaseNumbers: {
    ...common,
    method: 'POST',
    path: '/case-numbers/import',
    summary: 'Puts the numbers of a file on the list; the archive is searched once for all of them',
    who: LIST_KEEPERS,
    servedBy: 'officer-numbers',
    body: schemas.bodies.importCaseNumbers,
    mostBytes: IMPORT_BYTES,
    answer: schemas.CaseNumbersImportedSchema,
  },
  listCaseNumbers: {
    ...common,
    method: 'GET',
    path: '/case-numbers',
    summary: 'The case numbers, masked, and where each came from',
    who: LIST_READERS,
    query: schemas.queries.page,
    answer: schemas.ListPageSchema,
  },
  listCaseNumberVersions: {
    ...common,
    method: 'GET',
    path: '/case-numbers/versions',
    summary: 'Every change of the list of case numbers, the oldest first',
    who: LIST_READERS,
    query: schemas.queries.page,
    answer: schemas.ListVersionPageSchema,
  },
  removeCaseNumber: {
    ...ofEntry,
    method: 'POST',
    path: '/case-numbers/{entryId}/removal',
    summary: 'Takes a number off the list, takes back what is not sent yet, and says what was',
    who: LIST_KEEPERS,
    answer: schemas.TakenBackSchema,
  },
  addAllowedNumber: {
    ...common,
    method: 'POST',
    path: '/allowed-numbers',
    summary: 'Puts a number that was wrongly judged on the allow-list: it warns nobody until then',
    who: LIST_KEEPERS,
    servedBy: 'officer-numbers',
    body: schemas.bodies.addAllowedNumber,
    status: 201,
    answer: schemas.TakenBackSchema,
  },
  listAllowedNumbers: {
    ...common,
    method: 'GET',
    path: '/allowed-numbers',
    summary: 'The allowed numbers, masked, by whom and why',
    who: LIST_READERS,
    query: schemas.queries.page,
    answer: schemas.ListPageSchema,
  },
  listAllowedNumberVersions: {
    ...common,
    method: 'GET',
    path: '/allowed-numbers/versions',
    summary: 'Every change of the allow-list, the oldest first',
    who: LIST_READERS,
    query: schemas.queries.page,
    answer: schemas.ListVersionPageSchema,
  },
  removeAllowedNumber: {
    ...ofEntry,
    method: 'POST',
    path: '/allowed-numbers/{entryId}/removal',
    summary: 'Takes a number off the allow-list: it is judged again',
    who: LIST_KEEPERS,
    answer: schemas.UnlistedSchema,
  },
  postClue: {
    ...ofPublic,
    method: 'POST',
    path: '/clues',
    summary: 'Reports a number; the answer is a reference, and tells nothing of it',
    body: schemas.bodies.clue,
    status: 201,
    answer: schemas.ReferenceSchema,
  },
  readClue: {
    ...ofPublic,
    method: 'GET',
    path: '/clues/{reference}',
    summary: 'How far a report has come',
    parameters: schemas.parameters.reference,
    answer: schemas.ProgressSchema,
  },
  importClues: {
    ...common,
    method: 'POST',
    path: '/clues/import',
    summary: 'Takes in reports that others took down: a hotline’s, an operator’s',
    who: LIST_KEEPERS,
    servedBy: 'take-clue',
    body: schemas.bodies.importClues,
    mostBytes: IMPORT_BYTES,
    answer: schemas.CluesImportedSchema,
  },
  readClues: {
    ...common,
    method: 'POST',
    path: '/clues/reading',
    summary:
      'What people reported of a number, or by a reference, numbers masked; each look stands in the audit',
    who: LIST_KEEPERS,
    servedBy: 'officer-numbers',
    body: schemas.bodies.readClues,
    answer: schemas.CluesReadSchema,
  },
  listClueFindings: {
    ...common,
    method: 'GET',
    path: '/clue-findings',
    summary: 'Numbers that only clues led to, masked, the newest first: they expose nobody',
    who: LIST_READERS,
    query: schemas.queries.page,
    answer: schemas.ClueFindingPageSchema,
  },
  lodgeAppeal: {
    ...ofPublic,
    method: 'POST',
    path: '/appeals',
    summary: 'Says that a number is wrongly judged; the answer tells nothing of it',
    body: schemas.bodies.appeal,
    status: 201,
    answer: schemas.ReferenceSchema,
  },
  readAppeal: {
    ...ofPublic,
    method: 'GET',
    path: '/appeals/{reference}',
    summary: 'How far an appeal has come',
    parameters: schemas.parameters.reference,
    answer: schemas.ProgressSchema,
  },
  listAppeals: {
    ...common,
    method: 'GET',
    path: '/appeals',
    summary: 'The appeals, numbers masked',
    who: LIST_READERS,
    query: schemas.queries.page,
    answer: schemas.AppealPageSchema,
  },
  decideAppeal: {
    ...common,
    method: 'POST',
    path: '/appeals/{reference}/decision',
    summary: 'Decides on an appeal; granted, the number is allowed until then',
    who: ['supervisor'],
    servedBy: 'officer-numbers',
    parameters: schemas.parameters.reference,
    body: schemas.bodies.decideAppeal,
    answer: schemas.DoneSchema,
  },
  listFindings: {
    ...common,
    method: 'GET',
    path: '/findings',
    summary: 'What the daily study found, numbers masked, in pages that may be short',
    who: LIST_READERS,
    query: schemas.queries.findings,
    answer: schemas.FindingPageSchema,
  },
  decideFinding: {
    ...common,
    method: 'POST',
    path: '/findings/{findingId}/decision',
    summary:
      'Lists a number that the study found, so that suspicious calls of it weigh more, or refuses to',
    who: LIST_KEEPERS,
    parameters: schemas.parameters.findingId,
    body: schemas.bodies.decideFinding,
    answer: schemas.FindingSchema,
  },
  listCampaigns: {
    ...common,
    method: 'GET',
    path: '/campaigns',
    summary: 'The latest campaigns, and how they stand',
    who: ['analyst', 'supervisor'],
    answer: schemas.CampaignListSchema,
  },
  readCampaign: {
    ...ofCampaign,
    method: 'GET',
    path: '/campaigns/{campaignId}',
    summary: 'How a campaign stands',
    who: ['analyst', 'supervisor'],
    answer: schemas.CampaignViewSchema,
  },
  startCampaign: {
    ...common,
    method: 'POST',
    path: '/campaigns',
    summary: 'Starts a stage of a campaign: texts go out',
    who: ['supervisor'],
    body: schemas.bodies.startCampaign,
    status: 201,
    answer: schemas.CampaignViewSchema,
  },
  stopCampaign: {
    ...ofCampaign,
    method: 'POST',
    path: '/campaigns/{campaignId}/stop',
    summary: 'Stops a campaign: nobody who is not being texted at this moment gets a text',
    who: ['supervisor'],
    answer: schemas.CampaignViewSchema,
  },
  resumeCampaign: {
    ...ofCampaign,
    method: 'POST',
    path: '/campaigns/{campaignId}/resume',
    summary: 'Goes on with a stage that was stopped or failed, or has people left',
    who: ['supervisor'],
    answer: schemas.CampaignViewSchema,
  },
  takeTicket: {
    ...common,
    method: 'POST',
    path: '/live-tickets',
    summary: 'A ticket that opens one connection for live updates',
    who: DESK,
    status: 201,
    answer: schemas.TicketSchema,
  },
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof ENDPOINTS;

type Part<Name extends EndpointName, Key extends 'parameters' | 'query' | 'body'> =
  (typeof ENDPOINTS)[Name] extends Record<Key, infer Schema extends TSchema>
    ? Static<Schema>
    : Record<never, never>;

/** What an endpoint is called with. */
export type ParametersOf<Name extends EndpointName> = Part<Name, 'parameters'>;
export type QueryOf<Name extends EndpointName> = Part<Name, 'query'>;
export type BodyOf<Name extends EndpointName> = Part<Name, 'body'>;

/** What an endpoint answers with. */
export interface Answers {
  health: { readonly status: 'ok' };
  document: object;
  whoAmI: schemas.OfficerView;
  listTasks: schemas.TaskPageView;
  readTask: schemas.TaskView;
  claimTask: schemas.TaskView;
  keepTask: schemas.TaskView;
  releaseTask: schemas.TaskView;
  reportTask: schemas.Reported;
  handOverTask: schemas.TaskView;
  revealNumber: schemas.Revealed;
  listCases: schemas.CasePageView;
  openCase: { readonly caseId: string };
  readCase: schemas.CaseDetail;
  readTimeline: schemas.TimelinePageView;
  setTier: schemas.CaseView;
  addNote: { readonly done: true };
  addContact: { readonly done: true };
  closeCase: schemas.CaseView;
  readStatistics: schemas.Statistics;
  readAudit: schemas.AuditPageView;
  addCaseNumber: schemas.CaseNumberAdded;
  listCaseNumbers: schemas.ListPageView;
  listCaseNumberVersions: schemas.ListVersionPageView;
  removeCaseNumber: schemas.TakenBackView;
  addAllowedNumber: schemas.TakenBackView;
  listAllowedNumbers: schemas.ListPageView;
  listAllowedNumberVersions: schemas.ListVersionPageView;
  removeAllowedNumber: schemas.Unlisted;
  postClue: schemas.Reference;
  readClue: schemas.Progress;
  importCaseNumbers: schemas.CaseNumbersImported;
  importClues: schemas.CluesImported;
  readClues: schemas.CluesRead;
  listClueFindings: schemas.ClueFindingPageView;
  lodgeAppeal: schemas.Reference;
  readAppeal: schemas.Progress;
  listAppeals: schemas.AppealPageView;
  decideAppeal: { readonly done: true };
  listFindings: schemas.FindingPageView;
  decideFinding: schemas.FindingView;
  listCampaigns: schemas.CampaignList;
  readCampaign: schemas.CampaignView;
  startCampaign: schemas.CampaignView;
  stopCampaign: schemas.CampaignView;
  resumeCampaign: schemas.CampaignView;
  takeTicket: schemas.Ticket;
}

/** API Gateway's name for an endpoint: `GET /tasks/{taskId}`. */
export function routeKeyOf({ method, path }: Pick<Endpoint, 'method' | 'path'>): string {
  return `${method} ${path}`;
}
