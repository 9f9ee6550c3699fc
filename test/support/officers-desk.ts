import { hash } from 'node:crypto';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { AuditAct, AuditPlace, AuditTrail } from '../../functions/adapters/audit-table.ts';
import type { PersonRecord } from '../../functions/adapters/episodes-table.ts';
import type { KeptFinding } from '../../functions/adapters/findings-table.ts';
import { createApi } from '../../functions/adapters/http-api/answer-request.ts';
import type { ApiEvent } from '../../functions/adapters/http-api/api-request.ts';
import type {
  Beginning,
  KeptAnswer,
  RequestLedger,
} from '../../functions/adapters/http-api/request-ledger.ts';
import type { Sealer } from '../../functions/adapters/sealing.ts';
import type { SearchContacts } from '../../functions/adapters/search-contacts.ts';
import type { TakeBack, TakenBack } from '../../functions/adapters/take-back.ts';
import type { Task } from '../../functions/adapters/tasks-table.ts';
import { numberServers } from '../../functions/officer-numbers/officer-numbers.ts';
import type { OfficersPorts } from '../../functions/officers-api/officers-ports.ts';
import { campaignServers } from '../../functions/officers-api/serve-campaigns.ts';
import { caseServers } from '../../functions/officers-api/serve-cases.ts';
import { findingServers } from '../../functions/officers-api/serve-findings.ts';
import { listServers } from '../../functions/officers-api/serve-lists.ts';
import { overviewServers } from '../../functions/officers-api/serve-overview.ts';
import { taskServers } from '../../functions/officers-api/serve-tasks.ts';
import { type ClueCounts, clueServers } from '../../functions/take-clue/take-clue.ts';
import { ENDPOINTS, type EndpointName, routeKeyOf } from '../../lib/api/endpoints.ts';
import { type AuditEntry, GENESIS, sealEntry } from '../../lib/domain/audit/audit-chain.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { Exposure } from '../../lib/domain/exposure.ts';
import { type CaseOpening, openCase } from '../../lib/domain/ladder/case-head.ts';
import { nothingHeard } from '../../lib/domain/ladder/case-news.ts';
import { createNumberNormaliser, maskNumber } from '../../lib/domain/phone-number.ts';
import type { Judgement } from '../../lib/domain/profile/fold-legs.ts';
import type { Case } from '../../lib/domain/subject/decide.ts';
import { unpackExposures } from '../../lib/wire/frames.ts';
import { campaignsInMemory, InMemoryCampaigns } from './in-memory-campaigns.ts';
import { InMemoryCases, InMemoryTasks } from './in-memory-ladder-stores.ts';
import {
  InMemoryAppeals,
  InMemoryClues,
  InMemoryListings,
  InMemoryLists,
  InMemoryStudyFindings,
} from './in-memory-lists.ts';

export { RUNNING_CAMPAIGN } from './in-memory-campaigns.ts';

export const NOW = Date.UTC(2026, 10, 24, 2);
export const DISTRICT = '510104';
export const STATION_QUEUE = 'station-jinjiang';
export const PERSON = '+8613712340008';
export const DAUGHTER = '+8613900139001';
const TOKEN_LENGTH = 23;
/** The tokens of these tests say in clear what they stand for, but for the digits' order. */
export const tokenOf = (number: string) =>
  `t${[...number.slice(1)].reverse().join('')}`.padEnd(TOKEN_LENGTH, '_');
const numberOf = (token: string) =>
  `+${[...token.slice(1).replaceAll('_', '')].reverse().join('')}`;

const SEALER: Sealer = {
  seal: (calls) =>
    calls.map(({ callee, caller }) => ({
      caller: tokenOf(caller.number),
      callee: tokenOf(callee.number),
      handset: 0,
    })),
  unseal: (token) => ({ kind: 'subscriber', number: numberOf(token) }),
};

/** Claims of an ID token as API Gateway hands them on. */
export type Claims = Readonly<Record<string, string>>;
export const claimsOf = (name: string, groups: string, more: Claims = {}): Claims => ({
  'cognito:username': name,
  'cognito:groups': `[${groups}]`,
  token_use: 'id',
  ...more,
});
export const DESK = claimsOf('ada', 'call-desk');
export const OTHER_DESK = claimsOf('bo', 'call-desk');
export const SUPERVISOR = claimsOf('sun', 'supervisor');
export const ANALYST = claimsOf('lin', 'analyst');
export const AUDITOR = claimsOf('wu', 'auditor');
export const STATION = claimsOf('jin', 'station', {
  'custom:station': 'jinjiang',
  'custom:districts': '510104;510105',
});
export const OTHER_STATION = claimsOf('hou', 'station', {
  'custom:station': 'wuhou',
  'custom:districts': '510107',
});

class InMemoryLedger implements RequestLedger {
  readonly kept = new Map<string, { fingerprint: string; answer?: KeptAnswer }>();

  async begin(id: string, fingerprint: string): Promise<Beginning> {
    const known = this.kept.get(id);
    if (known === undefined) {
      this.kept.set(id, { fingerprint });
      return { kind: 'new' };
    }
    if (known.fingerprint !== fingerprint) return { kind: 'another' };
    return known.answer === undefined
      ? { kind: 'in-progress' }
      : { kind: 'done', answer: known.answer };
  }

  async finish(id: string, answer: KeptAnswer) {
    const known = this.kept.get(id);
    if (known !== undefined) known.answer = answer;
  }

  async forget(id: string) {
    this.kept.delete(id);
  }
}

class InMemoryAudit implements AuditTrail {
  readonly entries: AuditEntry[] = [];
  private readonly places = new Map<string, AuditPlace>();

  async append(act: AuditAct, key: string) {
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const previous = this.entries.at(-1)?.hash ?? GENESIS;
    const entry = sealEntry({ ...act, sequence: this.entries.length + 1, previous });
    this.entries.push(entry);
    const place = { sequence: entry.sequence, at: entry.at };
    this.places.set(key, place);
    return place;
  }

  async list() {
    return { entries: this.entries };
  }
}

/** What a call of the API came to. */
export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly [name: string]: never };
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface CallOptions {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly rawBody?: string;
  readonly key?: string;
  /** The address that it comes from. */
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The whole officers' API on stores in memory: both functions, as API Gateway calls them. */
export class OfficersDesk {
  now = NOW;
  readonly cases = new InMemoryCases();
  readonly tasks = new InMemoryTasks();
  readonly audit = new InMemoryAudit();
  readonly ledger = new InMemoryLedger();
  readonly lists = new InMemoryLists();
  readonly listings = new InMemoryListings();
  readonly clues = new InMemoryClues();
  readonly appeals = new InMemoryAppeals();
  readonly studyFindings = new InMemoryStudyFindings();
  /** What only clues led to. */
  readonly clueFindings: Judgement[] = [];
  readonly counted: Partial<ClueCounts>[] = [];
  readonly exposures: Exposure[] = [];
  readonly findings: KeptFinding[] = [];
  /** What was asked to be taken back, and what comes of it. */
  readonly taken: Parameters<TakeBack>[] = [];
  takenBack: TakenBack = { withdrawn: 0, sent: 0, cases: [], complete: true };
  /** Which contacts the archive was to be searched for, and what comes of it. */
  readonly searches: Parameters<SearchContacts>[] = [];
  archiveSearch: Awaited<ReturnType<SearchContacts>> = 'under-way';
  readonly campaigns = new InMemoryCampaigns();
  /** How long tasks stood on their queue until they were taken, in ms. */
  readonly waits: number[] = [];
  readonly workflowHeard: { token: string; output: unknown }[] = [];
  readonly opened: Case[] = [];
  readonly reports: Readonly<Record<string, unknown>>[] = [];
  person: PersonRecord = { warnings: [], exposures: [] };
  private keys = 0;

  private readonly ports: OfficersPorts = {
    cases: this.cases,
    tasks: this.tasks,
    audit: this.audit,
    registers: {
      station: async (id) =>
        id === 'jinjiang' || id === 'wuhou'
          ? {
              id,
              name: id,
              districts: [DISTRICT],
              opens: '08:00',
              closes: '20:00',
              dutyOfficer: 'Jin',
            }
          : undefined,
    },
    stepFunctions: {
      send: async ({ input }: { input: { taskToken: string; output: string } }) => {
        this.workflowHeard.push({ token: input.taskToken, output: JSON.parse(input.output) });
      },
    } as unknown as Pick<SFNClient, 'send'>,
    taskTaken: (waitedMs) => void this.waits.push(waitedMs),
    lists: this.lists,
    appeals: this.appeals,
    findings: this.studyFindings,
    clueFindings: async () => ({ findings: this.clueFindings }),
    listings: this.listings,
    mask: async (tokens) => new Map(tokens.map((token) => [token, maskNumber(numberOf(token))])),
    campaigns: (request) => campaignsInMemory(this.campaigns, request, () => this.now),
    readPerson: async () => this.person,
    policy: async () => loadDefaultPolicy(),
    createTicket: async (_, now) => ({
      ticket: 'ticket',
      url: 'wss://live',
      expiresAt: now + 60_000,
    }),
  };

  private readonly answer = createApi(
    {
      ...taskServers(this.ports),
      ...caseServers(this.ports),
      ...overviewServers(this.ports),
      ...listServers(this.ports),
      ...findingServers(this.ports),
      ...clueServers({
        clues: this.clues,
        listings: this.listings,
        appeals: this.appeals,
        policy: async () => loadDefaultPolicy(),
        sealing: async () => ({
          sealer: SEALER,
          pseudonym: (text) => hash('sha256', text, 'base64url').slice(0, 22),
        }),
        normalise: createNumberNormaliser('CN'),
        count: (counts) => void this.counted.push(counts),
      }),
      ...campaignServers(this.ports),
      ...numberServers({
        cases: this.cases,
        tasks: this.tasks,
        audit: this.audit,
        sealer: async () => SEALER,
        normalise: createNumberNormaliser('CN'),
        policy: async () => loadDefaultPolicy(),
        lists: this.lists,
        appeals: this.appeals,
        clues: this.clues,
        listings: this.listings,
        putExposures: async (frames) => {
          this.exposures.push(...frames.flatMap(({ data }) => unpackExposures(data)));
        },
        keepFindings: async (findings) => void this.findings.push(...findings),
        takeBack: async (...asked) => {
          this.taken.push(asked);
          return this.takenBack;
        },
        searchContacts: async (...asked) => {
          this.searches.push(asked);
          return this.archiveSearch;
        },
        openByHand: async (opened) => {
          const underWay = this.opened.find(({ subject }) => subject === opened.subject);
          if (underWay !== undefined) return underWay.id;
          this.opened.push(opened);
          return opened.id;
        },
      }),
    },
    {
      ledger: this.ledger,
      now: () => this.now,
      report: (what, details) => void this.reports.push({ what, ...details }),
    },
  );

  /** Calls an endpoint as API Gateway does once the token has been checked. */
  async call(
    name: EndpointName,
    claims: Claims | undefined,
    options: CallOptions = {},
  ): Promise<Reply> {
    const endpoint = ENDPOINTS[name];
    const { body, from = '198.51.100.7', headers, key, parameters, query, rawBody } = options;
    const sent = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
    const event = {
      version: '2.0',
      routeKey: routeKeyOf(endpoint),
      headers: {
        ...(endpoint.method === 'POST' && {
          'idempotency-key': key ?? `key-${++this.keys}-of-test`,
        }),
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(parameters !== undefined && { pathParameters: parameters }),
      ...(query !== undefined && { queryStringParameters: query }),
      requestContext: {
        requestId: 'request-1',
        http: { sourceIp: from },
        ...(claims !== undefined && { authorizer: { jwt: { claims } } }),
      },
      ...(sent !== undefined && { body: sent }),
      isBase64Encoded: false,
    } as unknown as ApiEvent;
    const { body: text = '', headers: answered = {}, statusCode = 0 } = await this.answer(event);
    return { status: statusCode, body: JSON.parse(text), headers: answered, text };
  }

  /** A case with a call at the desk's and a visit on the station's queue. */
  async openCase(caseId = 'case-1', changes: Partial<CaseOpening> = {}): Promise<void> {
    const { changed, events } = openCase(
      {
        caseId,
        subject: tokenOf(PERSON),
        kind: 'loan',
        tier: 'high',
        district: DISTRICT,
        openedBy: 'policy',
        policyVersion: 5,
        ladder: loadDefaultPolicy().ladder,
        utcOffsetMinutes: 480,
        reasons: ['new-contacts-day'],
        heard: nothingHeard('high'),
        ...changes,
      },
      NOW,
    );
    const attempt = (taskId: string, step: 'call' | 'visit') => ({
      taskId,
      step,
      offerAt: NOW,
      dueAt: NOW + 600_000,
    });
    const climb = [attempt(`${caseId}-1`, 'call'), attempt(`${caseId}-2`, 'visit')];
    for (const event of events) await this.cases.create({ ...changed, climb }, event);
    const task = (taskId: string, step: 'call' | 'visit', queue: string): Task => ({
      taskId,
      caseId,
      subject: changed.subject,
      step,
      attempt: 1,
      tier: 'high',
      kind: 'loan',
      queue,
      district: changed.district,
      assignedAt: NOW,
      dueAt: NOW + 600_000,
      taskToken: `token-of-${taskId}`,
    });
    await this.tasks.offer(task(`${caseId}-1`, 'call', 'call-desk'));
    await this.tasks.offer(task(`${caseId}-2`, 'visit', STATION_QUEUE));
  }

  claim(taskId: string, claims: Claims): Promise<Reply> {
    return this.call('claimTask', claims, { parameters: { taskId } });
  }

  async timelineOf(caseId = 'case-1') {
    return (await this.cases.timeline(caseId)).events;
  }
}
