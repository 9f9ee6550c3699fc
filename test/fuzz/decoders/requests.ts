import { caseInWords } from '../../../bin/officers/case-words.ts';
import { plainValue } from '../../../bin/terminal/plain-text.ts';
import campaign from '../../../docs/examples/campaign.json' with { type: 'json' };
import { CursorError } from '../../../functions/adapters/errors.ts';
import {
  decodeCursor,
  encodeCursor,
  hasForm,
  isText,
} from '../../../functions/adapters/page-cursor.ts';
import { ENDPOINTS, type EndpointName } from '../../../lib/api/endpoints.ts';
import type { CaseDetail } from '../../../lib/api/schemas.ts';
import {
  ANALYST,
  type Claims,
  claimsOf,
  DESK,
  NOW,
  OfficersDesk,
  type Reply,
  SUPERVISOR,
} from '../../support/officers-desk.ts';
import { type Decoder, type Outcome, orRefusal } from '../decoder.ts';
import { textOf, treeOf } from '../json-tree.ts';
import { brokenBytes, pick, type Recipe } from '../recipe.ts';
import { brokenTree, fromJson } from '../seeds.ts';

const UNTIL = '2026-12-24T00:00:00Z';
const WHEN = '2026-11-23T09:00:00+08:00';
const CLUE = {
  number: '138 0013 8005',
  kind: 'loan',
  when: WHEN,
  text: 'asked for a fee',
  reporter: '13712340008',
};

/** A good request to each endpoint; those that are left out have nothing but their path. */
const REQUESTS: Partial<
  Record<EndpointName, { parameters?: object; query?: object; body?: object }>
> = {
  listTasks: {
    query: {
      queue: 'call-desk',
      tier: 'high',
      step: 'call',
      mine: 'true',
      limit: '10',
      next: 'e30',
    },
  },
  listCases: {
    query: {
      state: 'open',
      tier: 'high',
      district: '510104',
      officer: 'ada',
      since: WHEN,
      limit: '1',
    },
  },
  reportTask: { body: { outcome: 'busy', notes: 'call again' } },
  handOverTask: { body: { queue: 'station-jinjiang', reason: 'nearer' } },
  revealNumber: { body: { purpose: 'call the person', contact: 1 } },
  openCase: { body: { number: '13712340008', kind: 'loan', tier: 'high', reason: 'walked in' } },
  setTier: { body: { tier: 'urgent', reason: 'money was sent' } },
  closeCase: { body: { outcome: 'dissuaded', reason: 'he understood' } },
  addContact: { body: { number: '13900139001', relation: 'daughter' } },
  addNote: { body: { notes: 'a note' } },
  addCaseNumber: {
    body: {
      number: '13800138005',
      kind: 'loan',
      reference: 'A-1',
      reason: 'confirmed',
      until: UNTIL,
    },
  },
  addAllowedNumber: {
    body: { number: '13800138005', reference: 'A-1', reason: 'a hospital', until: UNTIL },
  },
  removeCaseNumber: { body: { reason: 'a mistake' } },
  removeAllowedNumber: { body: { reason: 'a mistake' } },
  postClue: { body: CLUE },
  importClues: { body: { clues: [{ reference: 'h-1', ...CLUE }] } },
  lodgeAppeal: { body: { number: '13800138005', text: 'a hospital' } },
  decideAppeal: { body: { decision: 'granted', reason: 'a hospital', until: UNTIL } },
  decideFinding: { body: { decision: 'list', reason: 'seen before', until: UNTIL } },
  listFindings: { query: { status: 'waiting', limit: '100' } },
  startCampaign: { body: { document: campaign, stage: 'first' } },
};

const PATH_IDS: Readonly<Record<string, string>> = {
  taskId: 'case-1-1',
  caseId: 'case-1',
  entryId: 'entry-1',
  reference: 'A'.repeat(22),
  findingId: 'finding-1',
  campaignId: 'fake-orders-2026-11',
};

const isPublic = (name: EndpointName) => ENDPOINTS[name].who === 'anybody';
const NAMES = (Object.keys(ENDPOINTS) as EndpointName[]).filter((name) => name !== 'document');

function parametersOf(name: EndpointName): Record<string, string> {
  const ids = [...ENDPOINTS[name].path.matchAll(/\{(\w+)\}/g)].map(([, id = '']) => id);
  return Object.fromEntries(ids.map((id) => [id, PATH_IDS[id] ?? 'x']));
}

/** Name, head and body of a request, on lines of their own: the body may have more. */
function requestOf(names: readonly EndpointName[]): Decoder['make'] {
  const requests = names.map((name) => {
    const { body = {}, query = {} } = REQUESTS[name] ?? {};
    const hasBody = REQUESTS[name]?.body !== undefined;
    return {
      name,
      head: treeOf({ parameters: parametersOf(name), query }),
      body: treeOf(hasBody ? body : {}),
    };
  });
  return ({ base, bytes, shape, steps }: Recipe) => {
    const { body, head, name } = pick(requests, base);
    const breaksHead = shape % 4 === 0;
    const sent = Buffer.from(textOf(breaksHead ? body : brokenTree(body, steps)));
    return Buffer.concat([
      Buffer.from(`${name}\n${textOf(breaksHead ? brokenTree(head, steps) : head)}\n`),
      brokenBytes(sent, bytes, [sent]),
    ]);
  };
}

interface Sent {
  readonly name: EndpointName;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly rawBody: string;
}

/** API Gateway hands on paths and queries as texts. */
const textsOf = (value: unknown): Record<string, string> =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value).map(([key, text]) => [
          key,
          typeof text === 'object' ? '[object]' : String(text),
        ]),
      )
    : {};

function sentIn(input: Uint8Array, names: readonly EndpointName[]): Sent {
  const text = Buffer.from(input).toString('utf8');
  const [first = '', second = '', ...rest] = text.split('\n');
  const name = names.find((one) => one === first) ?? (names[0] as EndpointName);
  let head: { parameters?: unknown; query?: unknown };
  try {
    head = (JSON.parse(second) ?? {}) as typeof head;
  } catch {
    head = { query: { next: second } };
  }
  return {
    name,
    parameters: textsOf(head.parameters),
    query: textsOf(head.query),
    rawBody: rest.join('\n'),
  };
}

const ROLES: Readonly<Record<string, Claims>> = {
  'call-desk': DESK,
  supervisor: SUPERVISOR,
  analyst: ANALYST,
  auditor: claimsOf('wu', 'auditor'),
};
const claimsFor = (name: EndpointName): Claims | undefined => {
  const { who } = ENDPOINTS[name];
  if (who === 'anybody') return undefined;
  return who.map((group) => ROLES[group]).find((claims) => claims !== undefined);
};

/** Whatever is kept of a desk's work would fill memory; and one request must not live on what another did. */
const CALLS_PER_DESK = 200;

function desks(): () => Promise<OfficersDesk> {
  let calls = 0;
  let desk = new OfficersDesk();
  return async () => {
    if (calls++ % CALLS_PER_DESK === 0) {
      desk = new OfficersDesk();
      await desk.openCase();
      await desk.claim('case-1-1', DESK);
    }
    return desk;
  };
}

/** Words of the API's own, which name no part of a request. */
const REPORTED = /^[\w :/{}"$.,[\]-]*$/;

function outcomeOf({ headers, status, text }: Reply, desk: OfficersDesk): Outcome {
  const reports = desk.reports.splice(0);
  const failure = reports.find(({ what }) => what === 'failed');
  const isPlain = reports.every((report) => REPORTED.test(JSON.stringify(report)));
  const type = String(headers['content-type']);
  const isJson =
    /^application\/(problem\+)?json$/.test(type) && headers['x-content-type-options'] === 'nosniff';
  return {
    isAccepted: status < 400,
    kept: status < 400 ? undefined : text,
    keepsTexts: true,
    ...(failure !== undefined && {
      broken: `it failed: ${(failure.error as Error | undefined)?.stack}`,
    }),
    ...(status >= 500 && failure === undefined && { broken: `it was answered with ${status}` }),
    ...(!isPlain && { broken: 'a log line repeats what a request says' }),
    ...(!isJson && { broken: `it was answered as ${type}` }),
  };
}

const OFFICERS = NAMES.filter((name) => !isPublic(name));
const deskOfOfficers = desks();

const officersApi: Decoder = {
  name: 'officers-api',
  reads: `functions/adapters/http-api, lib/api/schemas.ts: all ${OFFICERS.length} endpoints`,
  make: requestOf(OFFICERS),
  decode: async (input): Promise<Outcome> => {
    const { name, ...options } = sentIn(input, OFFICERS);
    const desk = await deskOfOfficers();
    return outcomeOf(await desk.call(name, claimsFor(name), options), desk);
  },
  growth: 64,
};

const PUBLIC = NAMES.filter(isPublic);
const deskOfPublic = desks();
const NUMBER_LIKE = /\p{Nd}{7}/u;

const publicApi: Decoder = {
  name: 'public-api',
  reads: 'functions/take-clue/take-clue.ts: POST /clues and appeals',
  make: requestOf(PUBLIC),
  decode: async (input): Promise<Outcome> => {
    const { name, ...options } = sentIn(input, PUBLIC);
    const desk = await deskOfPublic();
    desk.clues.clues.clear();
    desk.appeals.appeals.clear();
    desk.clues.reporters.clear();
    const outcome = outcomeOf(await desk.call(name, undefined, options), desk);
    const texts = [
      ...[...desk.clues.clues.values()].map(({ clue }) => clue.text),
      ...[...desk.appeals.appeals.values()].map(({ text }) => text),
    ];
    return {
      ...outcome,
      printed: texts,
      ...(texts.some((text) => NUMBER_LIKE.test(text)) && { broken: 'a number is kept in clear' }),
    };
  },
  growth: 64,
};

const deskOfReports = desks();
const OUTCOMES = [
  'reportTask',
  'addNote',
  'closeCase',
  'setTier',
] as const satisfies readonly EndpointName[];

/** What officers report, as another officer reads it on a terminal. */
const taskReport: Decoder = {
  name: 'task-report',
  reads: 'functions/officers-api/serve-tasks.ts, bin/officers/case-words.ts',
  make: requestOf(OUTCOMES),
  decode: async (input): Promise<Outcome> => {
    const { name, rawBody } = sentIn(input, OUTCOMES);
    const desk = await deskOfReports();
    const before = new Set((await desk.timelineOf()).map(({ id }) => id));
    const parameters: Record<string, string> =
      name === 'reportTask' ? { taskId: 'case-1-1' } : { caseId: 'case-1' };
    const reply = await desk.call(name, claimsFor(name), { parameters, rawBody });
    const outcome = outcomeOf(reply, desk);
    const timeline = (await desk.timelineOf()).filter(({ id }) => !before.has(id));
    const texts = timeline.flatMap(({ details }) => Object.values(details).map(String));
    return {
      ...outcome,
      printed: timeline.length === 0 ? [] : [...texts, await caseAsRead(desk, timeline)],
      ...(texts.some((text) => NUMBER_LIKE.test(text)) && {
        broken: 'a number stands on a timeline',
      }),
    };
  },
  growth: 64,
};

/** The case with these events alone, as an officer's terminal shows it. */
async function caseAsRead(
  desk: OfficersDesk,
  timeline: Awaited<ReturnType<OfficersDesk['timelineOf']>>,
): Promise<string> {
  const { body } = await desk.call('readCase', SUPERVISOR, { parameters: { caseId: 'case-1' } });
  return caseInWords(
    plainValue({ ...(body as unknown as CaseDetail), timeline: [...timeline] }),
    NOW,
  );
}

const pageCursor: Decoder = {
  name: 'page-cursor',
  reads: 'functions/adapters/page-cursor.ts',
  make: (recipe) => {
    const json = fromJson([{ key: { S: 'a' }, at: '1' }, ['a', 1], 'text'])({
      ...recipe,
      bytes: [],
    });
    const cursor = Buffer.from(
      recipe.shape % 4 === 0 ? encodeCursor(String(json)) : Buffer.from(json).toString('base64url'),
    );
    return brokenBytes(cursor, recipe.bytes, [cursor]);
  },
  decode: (input) =>
    orRefusal(
      () =>
        decodeCursor(Buffer.from(input).toString('utf8'), (value) =>
          hasForm(value, { at: isText }),
        ),
      CursorError,
    ),
};

export const REQUEST_DECODERS: readonly Decoder[] = [
  officersApi,
  publicApi,
  taskReport,
  pageCursor,
];
