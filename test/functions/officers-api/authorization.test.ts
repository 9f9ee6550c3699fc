import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ENDPOINTS, type EndpointName, routeKeyOf } from '../../../lib/api/endpoints.ts';
import { OFFICER_GROUPS } from '../../../lib/api/officer.ts';
import { aCampaign } from '../../domain/campaign/a-campaign.ts';
import { aFinding } from '../../domain/listing/a-finding.ts';
import {
  ANALYST,
  AUDITOR,
  type CallOptions,
  type Claims,
  claimsOf,
  DESK,
  DISTRICT,
  NOW,
  OfficersDesk,
  OTHER_STATION,
  PERSON,
  RUNNING_CAMPAIGN,
  STATION,
  STATION_QUEUE,
  SUPERVISOR,
  tokenOf,
} from '../../support/officers-desk.ts';

const CALL = 'case-1-1';
const VISIT = 'case-1-2';

/** Who calls, about which task of the one case. */
interface Caller {
  readonly title: string;
  readonly claims: Claims | undefined;
  readonly taskId: string;
  readonly queue: string;
}

const atDesk = { taskId: CALL, queue: 'call-desk' };
const atStation = { taskId: VISIT, queue: STATION_QUEUE };
const CALLERS: readonly Caller[] = [
  { title: 'call desk', claims: DESK, ...atDesk },
  { title: 'call desk, a station’s task', claims: DESK, ...atStation },
  { title: 'station, own district', claims: STATION, ...atStation },
  { title: 'station, other district', claims: OTHER_STATION, ...atStation },
  { title: 'analyst', claims: ANALYST, ...atDesk },
  { title: 'supervisor', claims: SUPERVISOR, ...atStation },
  { title: 'auditor', claims: AUDITOR, ...atDesk },
  { title: 'no group', claims: claimsOf('eve', ''), ...atDesk },
  { title: 'no token', claims: undefined, ...atDesk },
];

const ALL = 200;
const MADE = 201;
const NO_TOKEN = 401;
const NO = 403;
/** It is not said whether there is such a thing. */
const HIDDEN = 404;

/** What each caller gets, in the order of `CALLERS`. */
const EXPECTED: Readonly<Record<EndpointName, readonly number[]>> = {
  health: [ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL],
  document: [ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL],
  whoAmI: [ALL, ALL, ALL, ALL, ALL, ALL, ALL, NO, NO_TOKEN],
  listTasks: [ALL, NO, ALL, NO, NO, ALL, NO, NO, NO_TOKEN],
  readTask: [ALL, HIDDEN, ALL, HIDDEN, NO, ALL, NO, NO, NO_TOKEN],
  claimTask: [ALL, HIDDEN, ALL, HIDDEN, NO, ALL, NO, NO, NO_TOKEN],
  keepTask: [ALL, HIDDEN, ALL, HIDDEN, NO, ALL, NO, NO, NO_TOKEN],
  releaseTask: [ALL, HIDDEN, ALL, HIDDEN, NO, ALL, NO, NO, NO_TOKEN],
  reportTask: [ALL, HIDDEN, ALL, HIDDEN, NO, ALL, NO, NO, NO_TOKEN],
  handOverTask: [ALL, HIDDEN, ALL, HIDDEN, NO, ALL, NO, NO, NO_TOKEN],
  revealNumber: [ALL, HIDDEN, ALL, HIDDEN, NO, ALL, NO, NO, NO_TOKEN],
  listCases: [ALL, ALL, ALL, NO, ALL, ALL, ALL, NO, NO_TOKEN],
  openCase: [MADE, MADE, NO, NO, NO, MADE, NO, NO, NO_TOKEN],
  readCase: [ALL, ALL, ALL, HIDDEN, ALL, ALL, ALL, NO, NO_TOKEN],
  readTimeline: [ALL, ALL, ALL, HIDDEN, ALL, ALL, ALL, NO, NO_TOKEN],
  setTier: [ALL, ALL, NO, NO, NO, ALL, NO, NO, NO_TOKEN],
  addNote: [MADE, MADE, MADE, HIDDEN, MADE, MADE, NO, NO, NO_TOKEN],
  addContact: [MADE, MADE, MADE, HIDDEN, NO, MADE, NO, NO, NO_TOKEN],
  closeCase: [NO, NO, NO, NO, NO, ALL, NO, NO, NO_TOKEN],
  readStatistics: [NO, NO, NO, NO, ALL, ALL, ALL, NO, NO_TOKEN],
  readAudit: [NO, NO, NO, NO, NO, NO, ALL, NO, NO_TOKEN],
  addCaseNumber: [NO, NO, NO, NO, MADE, MADE, NO, NO, NO_TOKEN],
  importCaseNumbers: [NO, NO, NO, NO, ALL, ALL, NO, NO, NO_TOKEN],
  listCaseNumbers: [NO, NO, NO, NO, ALL, ALL, ALL, NO, NO_TOKEN],
  listCaseNumberVersions: [NO, NO, NO, NO, ALL, ALL, ALL, NO, NO_TOKEN],
  removeCaseNumber: [NO, NO, NO, NO, ALL, ALL, NO, NO, NO_TOKEN],
  addAllowedNumber: [NO, NO, NO, NO, MADE, MADE, NO, NO, NO_TOKEN],
  listAllowedNumbers: [NO, NO, NO, NO, ALL, ALL, ALL, NO, NO_TOKEN],
  listAllowedNumberVersions: [NO, NO, NO, NO, ALL, ALL, ALL, NO, NO_TOKEN],
  removeAllowedNumber: [NO, NO, NO, NO, ALL, ALL, NO, NO, NO_TOKEN],
  postClue: [MADE, MADE, MADE, MADE, MADE, MADE, MADE, MADE, MADE],
  readClue: [ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL],
  importClues: [NO, NO, NO, NO, ALL, ALL, NO, NO, NO_TOKEN],
  readClues: [NO, NO, NO, NO, ALL, ALL, NO, NO, NO_TOKEN],
  listClueFindings: [NO, NO, NO, NO, ALL, ALL, ALL, NO, NO_TOKEN],
  lodgeAppeal: [MADE, MADE, MADE, MADE, MADE, MADE, MADE, MADE, MADE],
  readAppeal: [ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL],
  listAppeals: [NO, NO, NO, NO, ALL, ALL, ALL, NO, NO_TOKEN],
  decideAppeal: [NO, NO, NO, NO, NO, ALL, NO, NO, NO_TOKEN],
  listFindings: [NO, NO, NO, NO, ALL, ALL, ALL, NO, NO_TOKEN],
  decideFinding: [NO, NO, NO, NO, ALL, ALL, NO, NO, NO_TOKEN],
  listCampaigns: [NO, NO, NO, NO, ALL, ALL, NO, NO, NO_TOKEN],
  readCampaign: [NO, NO, NO, NO, ALL, ALL, NO, NO, NO_TOKEN],
  startCampaign: [NO, NO, NO, NO, NO, MADE, NO, NO, NO_TOKEN],
  stopCampaign: [NO, NO, NO, NO, NO, ALL, NO, NO, NO_TOKEN],
  resumeCampaign: [NO, NO, NO, NO, NO, ALL, NO, NO, NO_TOKEN],
  takeTicket: [MADE, MADE, MADE, MADE, NO, MADE, NO, NO, NO_TOKEN],
};

const LISTED = { number: '13800138005', reference: 'A-17', reason: 'confirmed by police' };
const CLUE = { number: LISTED.number, kind: 'loan', when: '2026-11-23T00:00:00Z' };
const FOUND = aFinding({ number: tokenOf(PERSON), until: NOW / 1000 + 86_400 });
const BODIES: Partial<Record<EndpointName, unknown>> = {
  reportTask: { outcome: 'no-answer' },
  handOverTask: { queue: 'station-wuhou', reason: 'moved there' },
  revealNumber: { purpose: 'calling the person' },
  openCase: { number: '13800138005', kind: 'loan', tier: 'high', reason: 'a neighbour called' },
  setTier: { tier: 'urgent', reason: 'says that money was sent' },
  addNote: { notes: 'will be home at six' },
  addContact: { number: '13900139001', relation: 'daughter' },
  closeCase: { outcome: 'not-a-fraud', reason: 'a courier' },
  addCaseNumber: { ...LISTED, kind: 'loan' },
  importCaseNumbers: { numbers: [{ ...LISTED, kind: 'loan' }] },
  addAllowedNumber: { ...LISTED, until: '2026-12-24T00:00:00Z' },
  postClue: CLUE,
  importClues: { clues: [{ ...CLUE, reference: 'hotline 1' }] },
  readClues: { number: LISTED.number, purpose: 'looking into it' },
  lodgeAppeal: { number: LISTED.number, text: 'a hospital' },
  decideAppeal: { decision: 'refused', reason: 'it is no hospital' },
  decideFinding: { decision: 'list', reason: 'as swindlers do' },
  removeCaseNumber: { reason: 'a mistake' },
  removeAllowedNumber: { reason: 'a mistake' },
  startCampaign: { document: aCampaign({ id: 'another' }), stage: 'first' },
};
/** What is done only with a task that one holds. */
const HELD: ReadonlySet<EndpointName> = new Set([
  'keepTask',
  'releaseTask',
  'reportTask',
  'handOverTask',
  'revealNumber',
]);

function optionsFor(
  name: EndpointName,
  { queue, taskId }: Caller,
  entry: Readonly<Record<string, string>> = {},
): CallOptions {
  const { path } = ENDPOINTS[name];
  return {
    ...(path.includes('{taskId}') && { parameters: { taskId } }),
    ...(path.includes('{caseId}') && { parameters: { caseId: 'case-1' } }),
    ...(path.includes('{entryId}') && { parameters: { entryId: entry.id ?? '' } }),
    ...(path.includes('{reference}') && { parameters: { reference: entry.reference ?? '' } }),
    ...(path.includes('{findingId}') && { parameters: { findingId: FOUND.id } }),
    ...(path.includes('{campaignId}') && { parameters: { campaignId: RUNNING_CAMPAIGN } }),
    ...(name === 'listTasks' && { query: { queue } }),
    ...(name === 'listCases' && { query: { district: DISTRICT } }),
    ...(BODIES[name] !== undefined && { body: BODIES[name] }),
  };
}

async function statusFor(name: EndpointName, caller: Caller): Promise<number> {
  const desk = new OfficersDesk();
  await desk.openCase();
  await desk.studyFindings.change(FOUND.id, () => FOUND);
  if (HELD.has(name) && caller.claims !== undefined) await desk.claim(caller.taskId, caller.claims);
  const added = ADDED_BEFORE[name];
  const entry = added && (await desk.call(added, SUPERVISOR, optionsFor(added, caller))).body;
  const options = optionsFor(name, caller, entry);
  return (await desk.call(name, caller.claims, options)).status;
}

/** What is about an entry, a clue or an appeal needs one. */
const ADDED_BEFORE: Partial<Record<EndpointName, EndpointName>> = {
  removeCaseNumber: 'addCaseNumber',
  removeAllowedNumber: 'addAllowedNumber',
  readClue: 'postClue',
  readAppeal: 'lodgeAppeal',
  decideAppeal: 'lodgeAppeal',
};

const NAMES = Object.keys(ENDPOINTS) as EndpointName[];

describe('who may', () => {
  for (const name of NAMES) {
    test.each(CALLERS.map((caller, i) => ({ ...caller, expected: EXPECTED[name][i] })))(
      `${routeKeyOf(ENDPOINTS[name])}: $title gets $expected`,
      async ({ expected, ...caller }) => {
        expect(await statusFor(name, caller)).toBe(expected);
      },
    );
  }

  test('every group is a column of the table', () => {
    const seen = CALLERS.map(({ claims }) => claims?.['cognito:groups']);

    for (const group of OFFICER_GROUPS) expect(seen).toContain(`[${group}]`);
  });
});

describe('the table of who may in the docs', () => {
  const guide = new URL('../../../docs/officers-api.md', import.meta.url);
  const place = /(?<=<!-- who may -->\n)[\s\S]*(?=<!-- \/who may -->)/;

  test('is this one', () => {
    const cell = (status: number | undefined) =>
      status === undefined ? '' : status < 300 ? '✓' : String(status);
    const rows = [
      ['endpoint', ...CALLERS.map(({ title }) => title)],
      ['---', ...CALLERS.map(() => ':-:')],
      ...NAMES.map((name) => [`\`${routeKeyOf(ENDPOINTS[name])}\``, ...EXPECTED[name].map(cell)]),
    ];
    const table = `\n${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n\n`;
    const text = readFileSync(guide, 'utf8');
    // UPDATE_DOCS=1 writes it anew.
    if (process.env.UPDATE_DOCS === '1') writeFileSync(guide, text.replace(place, table));
    expect(place.exec(readFileSync(guide, 'utf8'))?.[0]).toBe(table);
  });
});
