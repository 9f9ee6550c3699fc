import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_PASSWORD, officersOfLocalCloud } from '../../bin/replay/officers-of-local-cloud.ts';
import { createListingsTable } from '../../functions/adapters/listings-table.ts';
import { sealNumber } from '../../functions/adapters/sealing.ts';
import { createStudyFindingsTable } from '../../functions/adapters/study-findings-table.ts';
import { feedFindings } from '../../functions/study-day/feed-findings.ts';
import type { OfficersClient } from '../../lib/api/officers-client.ts';
import type { FindingView } from '../../lib/api/schemas.ts';
import { archiveDay } from '../../lib/archive/archived-call.ts';
import type { CallRecordInput } from '../../lib/domain/call-record.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { Judgement } from '../../lib/domain/profile/fold-legs.ts';
import { sampleStudy } from '../study/sample-study.ts';
import { type Finished, startForewarn } from '../support/run-forewarn.ts';
import { MORNING } from './fraud-history.ts';
import { type LocalPipeline, startLocalPipeline } from './local-pipeline.ts';

const HOUR = 3_600_000;
const YESTERDAY = Date.now() - 24 * HOUR;

let pipeline: LocalPipeline;
let officer: (name: string) => OfficersClient;
let sessions: string;

beforeAll(async () => {
  pipeline = await startLocalPipeline();
  officer = await officersOfLocalCloud(pipeline.cloud);
  sessions = await mkdtemp(join(tmpdir(), 'forewarn-lists-'));
});

afterAll(async () => {
  await pipeline?.close();
  await rm(sessions, { recursive: true, force: true });
});

function runForewarn(...args: string[]): Promise<Finished> {
  const session = { XDG_STATE_HOME: sessions, FOREWARN_PASSWORD: DEMO_PASSWORD };
  const env = { ...pipeline.env, ...session };
  return startForewarn([...args, '--stack', 'Forewarn-local'], env).finished;
}

const textsTo = (number: string): number =>
  pipeline.cloud.inbox.texts.filter(({ phoneNumber }) => phoneNumber === `+86${number}`).length;

async function pushAndSettle(calls: readonly CallRecordInput[]): Promise<void> {
  await pipeline.push(calls);
  await pipeline.cloud.settled();
}

/** Short answered calls of a number to people, far below every threshold. */
const callsOf = (caller: string, people: readonly string[], from: number): CallRecordInput[] =>
  people.map((callee, i) => ({
    callId: `${caller}-${callee}-${from}`,
    caller,
    callee,
    start: from + i * HOUR,
    duration: 40,
    answered: true,
  }));

const REFERENCE = { reference: 'file 2026-118', reason: 'confirmed by police' };

describe('a case number', () => {
  const SWINDLER = '13911119901';
  const PEOPLE = ['13922229901', '13922229902', '13922229903'];
  const CALLER_BACK = '13922229904';
  let entryId = '';

  test('warns everybody whom it called yesterday, and who called it, at once', async () => {
    await pushAndSettle([
      ...callsOf(SWINDLER, PEOPLE, YESTERDAY),
      ...callsOf(CALLER_BACK, [SWINDLER], YESTERDAY + 5 * HOUR),
    ]);
    for (const person of PEOPLE) expect(textsTo(person)).toBe(0);

    const added = await officer('analyst')('addCaseNumber', {
      body: { number: SWINDLER, kind: 'loan', ...REFERENCE },
    });

    expect(added).toMatchObject({ people: 4, version: 1 });
    entryId = added.id;
    await expect
      .poll(() => [...PEOPLE, CALLER_BACK].map(textsTo), { timeout: 20_000, interval: 20 })
      .toEqual([1, 1, 1, 1]);
  });

  test('exposes whoever is in touch with it from then on, however shortly', async () => {
    await pushAndSettle(callsOf(SWINDLER, ['13922229905'], Date.now() - HOUR));
    expect(textsTo('13922229905')).toBe(1);
  });

  test('opens cases, at the tier that the policy gives it', async () => {
    await expect
      .poll(
        async () => {
          const { cases } = await officer('supervisor')('listCases');
          return cases.filter(({ kind, tier }) => kind === 'loan' && tier === 'high').length;
        },
        { timeout: 20_000 },
      )
      .toBe(5);
  });

  test('is on the list once, masked, with where it came from', async () => {
    const again = officer('supervisor')('addCaseNumber', {
      body: { number: SWINDLER, kind: 'other', ...REFERENCE },
    });
    await expect(again).rejects.toMatchObject({ problem: { status: 409 } });

    const { entries, version } = await officer('auditor')('listCaseNumbers');
    expect({ entries, version }).toMatchObject({
      version: 1,
      entries: [
        { id: entryId, number: '+86*******9901', kind: 'loan', by: 'analyst', ...REFERENCE },
      ],
    });
  });

  test('taken off, exposes nobody any more, and it is said what had been sent', async () => {
    const removed = await officer('analyst')('removeCaseNumber', {
      parameters: { entryId },
      body: { reason: 'another person has it now' },
    });

    expect(removed).toMatchObject({ version: 2, withdrawn: 0, sent: 5, complete: true });
    expect(removed.cases).toHaveLength(5);
    await pushAndSettle(callsOf(SWINDLER, ['13922229906'], Date.now() - HOUR / 2));
    expect(textsTo('13922229906')).toBe(0);
    const { versions } = await officer('auditor')('listCaseNumberVersions');
    expect(versions.map(({ act, version }) => [version, act])).toEqual([
      [1, 'added'],
      [2, 'removed'],
    ]);
  });

  test('is added, listed and removed from the command line, and a file twice is a file once', async () => {
    expect(await runForewarn('login', '--user', 'analyst')).toMatchObject({ code: 0 });
    const file = join(sessions, 'numbers.csv');
    const rows = ['13911119911', '13911119912', 'nonsense'].map(
      (number) => `${number},loan,order 7,confirmed`,
    );
    await writeFile(file, ['number,kind,reference,reason', ...rows].join('\n'));

    const first = await runForewarn('casenumber', 'import', file, '--json');
    const second = await runForewarn('casenumber', 'import', file, '--json');

    expect(first.code).toBe(1);
    expect(JSON.parse(first.stdout)).toMatchObject({ taken: 2, problems: [{ line: 4 }] });
    expect(first.stdout).not.toContain('nonsense');
    expect(JSON.parse(second.stdout)).toMatchObject({ known: 2, problems: [{ line: 4 }] });
    const listed = await runForewarn('casenumber', 'list', '--csv');
    expect(listed.stdout.trim().split('\n')).toHaveLength(3);
    expect(listed.stdout).not.toContain('13911119911');
    const [, row = ''] = listed.stdout.split('\n');
    const removed = await runForewarn(
      'casenumber',
      'remove',
      row.split(',')[0] ?? '',
      '--reason',
      'test',
    );
    expect(removed).toMatchObject({ code: 0 });
    expect(removed.stdout).toContain('0 texts were taken back');
  });
});

describe('an allowed number', () => {
  const HOSPITAL = '13911119921';

  test('warns nobody, not even as a swindler would', async () => {
    const added = await officer('supervisor')('addAllowedNumber', {
      body: {
        number: HOSPITAL,
        ...REFERENCE,
        until: new Date(Date.now() + 30 * 24 * HOUR).toISOString(),
      },
    });
    expect(added).toMatchObject({ withdrawn: 0, sent: 0, cases: [] });
    const people = Array.from({ length: 14 }, (_, i) => `139222250${String(10 + i)}`);
    const calls = people.map((callee, i) => ({
      callId: `hospital-${i}`,
      caller: HOSPITAL,
      callee,
      start: YESTERDAY + i * 480_000,
      duration: 420,
      answered: true,
    }));

    await pushAndSettle(calls);

    expect(people.map(textsTo)).toEqual(people.map(() => 0));
    const listed = officer('analyst')('addCaseNumber', {
      body: { number: HOSPITAL, kind: 'loan', ...REFERENCE },
    });
    await expect(listed).rejects.toMatchObject({
      problem: { type: 'urn:forewarn:problem:on-other-list' },
    });
  });
});

describe('a clue', () => {
  const REPORTED = {
    number: '13911119931',
    kind: 'loan' as const,
    when: new Date(YESTERDAY).toISOString(),
  };
  const post = (path: string, body: object, key: string) =>
    fetch(`${pipeline.cloud.outputs.OfficersApiUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    });

  test('posted without an account gets a reference, by which anybody sees how far it has come', async () => {
    const text = 'they gave me 13922229939 to call';
    const answer = await post('/clues', { ...REPORTED, text }, 'clue-of-test-1');
    const { reference } = (await answer.json()) as { reference: string };
    expect(answer.status).toBe(201);
    const shown = await runForewarn('clue', 'status', reference);
    expect(shown).toMatchObject({ code: 0, stdout: 'The report is considered.\n' });
  });

  test('of a file is taken once, and good ones beside a bad one', async () => {
    const file = join(sessions, 'clues.jsonl');
    const row = (i: number) => ({
      ...REPORTED,
      reference: `call ${i}`,
      reporter: `1392222994${i}`,
    });
    const rows = [row(1), row(2), { ...row(3), kind: 'annoying' }];
    await writeFile(file, rows.map((one) => JSON.stringify(one)).join('\n'));

    const rejects = join(sessions, 'refused.jsonl');
    const first = await runForewarn('clue', 'import', file, '--json', '--rejects', rejects);
    expect(JSON.parse(first.stdout)).toMatchObject({ taken: 2, problems: [{ line: 3 }] });
    const refused = await readFile(rejects, 'utf8');
    expect(JSON.parse(refused)).toEqual({
      line: 3,
      detail: expect.stringMatching(/^kind: must be one of "loan"/),
    });
    const second = await runForewarn('clue', 'import', file, '--json');
    expect(JSON.parse(second.stdout)).toMatchObject({ taken: 0, known: 2 });
  });

  test('of many people at once raises an alarm', async () => {
    const number = '13911119932';
    const rows = Array.from({ length: 25 }, (_, i) => ({
      ...REPORTED,
      number,
      reference: `burst ${i}`,
    }));
    await officer('analyst')('importClues', { body: { clues: rows } });
    expect(pipeline.cloud.metrics.sum('ClueBursts')).toBe(1);
  });

  test('is read by an analyst, masked, and the look stands in the audit', async () => {
    const shown = await runForewarn(
      'clue',
      'list',
      REPORTED.number,
      '--purpose',
      'for a test',
      '--json',
    );
    const { clues, number } = JSON.parse(shown.stdout);
    expect(number).toBe('+86*******9931');
    expect(clues.map(({ text }: { text: string }) => text).toSorted()).toEqual([
      '',
      '',
      'they gave me *******9939 to call',
    ]);
    const { reference } = clues[0];
    const alone = await officer('analyst')('readClues', { body: { reference, purpose: 'again' } });
    expect(alone.clues).toEqual([clues[0]]);
    const { entries } = await officer('auditor')('readAudit');
    expect(entries.at(-1)).toMatchObject({ act: 'read-clues', whose: '+86*******9931' });
    expect(await officer('analyst')('listClueFindings')).toEqual({ findings: [] });
  });

  test('about which somebody is wrong can be appealed against', async () => {
    const appeal = { number: '13911119931', text: 'that is my shop' };
    const answer = await post('/appeals', appeal, 'appeal-of-test');
    const { reference } = (await answer.json()) as { reference: string };
    const { appeals } = await officer('analyst')('listAppeals');
    expect(appeals).toMatchObject([{ reference, number: '+86*******9931' }]);
    const until = new Date(Date.now() + 30 * 24 * HOUR).toISOString();
    await officer('supervisor')('decideAppeal', {
      parameters: { reference },
      body: { decision: 'granted', reason: 'it is a shop', until },
    });
    const { entries } = await officer('analyst')('listAllowedNumbers');
    expect(entries.map((entry) => entry.reference)).toContain(`appeal ${reference}`);
  });
});

describe('a number that the daily study found', () => {
  const SLOW = '13911119941';
  const TWIN = '13911119942';
  const HALF = 10;
  let findingId = '';

  /** Both numbers dial five people of their own again and again, two minutes each. */
  const calls = (from: number, to: number): CallRecordInput[] =>
    [SLOW, TWIN].flatMap((caller, line) =>
      Array.from({ length: to - from }, (_, i) => ({
        callId: `found-${caller}-${from + i}`,
        caller,
        callee: `139222299${6 + line}${(from + i) % 5}`,
        start: MORNING + (from + i) * 480_000,
        duration: 120,
        answered: true,
      })),
    );
  const tokenOf = async (number: string) =>
    sealNumber({ kind: 'subscriber', number: `+86${number}` }, await pipeline.sealer());
  /** For what a caller was found risky. */
  const foundFor = async (number: string): Promise<Judgement[]> => {
    const token = await tokenOf(number);
    const items = await pipeline.scan('SubjectsTableName');
    return items
      .filter(({ subject, item }) => subject?.S === token && item?.S?.startsWith('FINDING#live'))
      .map(({ finding }) => JSON.parse(finding?.S ?? '') as Judgement);
  };

  test('waits for review, and its calls are judged as before', async () => {
    await pushAndSettle(calls(0, HALF));
    const { credentials, endpoint, outputs, region } = pipeline.cloud;
    const client = new DynamoDBClient({ credentials, endpoint, region });
    const study = sampleStudy();
    const [sample] = study.callers;
    if (sample === undefined) throw new Error('the sample has no callers');
    const found = { ...sample, number: await tokenOf(SLOW), kind: 'slow-campaign' as const };
    const fed = await feedFindings(
      { ...study, day: archiveDay(YESTERDAY / 1000, study.utcOffsetMinutes), callers: [found] },
      loadDefaultPolicy(),
      {
        findings: createStudyFindingsTable(client, outputs.ListsTableName ?? '', 86_400),
        listings: createListingsTable(client, outputs.ProfilesTableName ?? ''),
      },
      Date.now(),
    ).finally(() => client.destroy());
    expect(fed).toEqual({ waiting: 1, listed: 0, refused: 0 });

    const listed = await runForewarn('finding', 'list', '--json');
    expect(listed).toMatchObject({ code: 0 });
    const { findings } = JSON.parse(listed.stdout) as { findings: FindingView[] };
    expect(findings).toMatchObject([{ number: '+86*******9941', status: 'waiting' }]);
    findingId = findings[0]?.id ?? '';
    expect(await foundFor(SLOW)).toEqual([]);
  });

  test('listed, makes the same calls exposures that are none of another number', async () => {
    const why = ['--reason', 'two victims say the same'];
    const decided = await runForewarn('finding', 'decide', findingId, '--decision', 'list', ...why);
    expect(decided).toMatchObject({ code: 0 });
    expect(decided.stdout).toContain('Listed: suspicious calls of +86*******9941 weigh more until');
    const shown = await runForewarn('finding', 'list', '--status', 'listed');
    expect(shown.stdout).toContain('slow campaign');

    await pushAndSettle(calls(HALF, 2 * HALF));

    const [found] = await foundFor(SLOW);
    expect(found?.terms).toContainEqual({ id: 'study', points: 2 });
    expect(found?.calls.length).toBeGreaterThan(0);
    expect(await foundFor(TWIN)).toEqual([]);
  });

  test('refused after all, is off the list, and the refusal is known', async () => {
    const why = ['--reason', 'a courier'];
    const args = ['finding', 'decide', findingId, '--decision', 'refuse', ...why];
    expect(await runForewarn(...args)).toMatchObject({ code: 0 });
    const { findings } = await officer('auditor')('listFindings', { query: { status: 'refused' } });
    expect(findings).toMatchObject([
      { id: findingId, decisions: [{ decision: 'list' }, { decision: 'refuse' }] },
    ]);
    const token = await tokenOf(SLOW);
    const profiles = await pipeline.scan('ProfilesTableName');
    const [item] = profiles.filter(({ number }) => number?.S === token);
    expect(item).toBeDefined();
    expect(item?.listing).toBeUndefined();
  });
});

test('no clear number stands in any log line or any item', async () => {
  const clear = /139[12][12][12]{3}99\d\d|1392222250\d\d/;
  const items = [
    ...(await pipeline.scan('ProfilesTableName')),
    ...(await pipeline.scan('SubjectsTableName')),
    ...(await pipeline.scan('ListsTableName')),
    ...(await pipeline.scan('CluesTableName')),
    ...(await pipeline.scan('RequestsTableName')),
  ];
  expect(items.length).toBeGreaterThan(10);
  expect(pipeline.logs.filter((line) => clear.test(line))).toEqual([]);
  expect(items.filter((item) => clear.test(JSON.stringify(item)))).toEqual([]);
});
