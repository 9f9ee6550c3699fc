import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { officersOfLocalCloud } from '../../bin/replay/officers-of-local-cloud.ts';
import { sealNumber } from '../../functions/adapters/sealing.ts';
import type { OfficersClient } from '../../lib/api/officers-client.ts';
import type { CallRecordInput } from '../../lib/domain/call-record.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';
import type { SubjectState } from '../../lib/domain/subject/subject-state.ts';
import { type LocalPipeline, startLocalPipeline } from './local-pipeline.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.now();
const SWINDLER = '13911118801';
const OTHER_SWINDLER = '13911118802';
const ORDINARY = '13911118803';
const THIRD = '13911118804';
const DEADLINE_MS = 60_000;

let pipeline: LocalPipeline;
let officer: (name: string) => OfficersClient;
let workflows: SFNClient;

beforeAll(async () => {
  pipeline = await startLocalPipeline();
  officer = await officersOfLocalCloud(pipeline.cloud);
  const { credentials, endpoint, region } = pipeline.cloud;
  workflows = new SFNClient({ credentials, endpoint, region });
});

afterAll(async () => {
  workflows?.destroy();
  await pipeline?.close();
});

const numbers = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => String(first + i));

const callOf = (
  caller: string,
  callee: string,
  start: number,
  changes: Partial<CallRecordInput> = {},
): CallRecordInput => ({
  callId: `${caller}-${callee}-${start}`,
  caller,
  callee,
  start,
  duration: 45,
  answered: true,
  ...changes,
});

/** One call each, from so long ago on, some hours apart. */
const eachCalled = (caller: string, people: readonly string[], ago: number, apart: number) =>
  people.map((person, i) => callOf(caller, person, NOW - ago + i * apart));

const ARCHIVED: readonly CallRecordInput[] = [
  ...eachCalled(SWINDLER, numbers(13922227001, 3), 34 * DAY, HOUR),
  ...eachCalled(SWINDLER, numbers(13922227101, 40), 29 * DAY, 12 * HOUR),
  // Two of them again, and one who only ever heard it ring.
  ...eachCalled(SWINDLER, numbers(13922227101, 2), 8 * DAY, HOUR),
  callOf(SWINDLER, '13922227201', NOW - 12 * DAY, { duration: 0, answered: false }),
  ...numbers(13922227301, 4).map((person, i) => callOf(person, SWINDLER, NOW - (20 - i) * DAY)),
  callOf(OTHER_SWINDLER, '13922227105', NOW - 2 * DAY),
  ...eachCalled(ORDINARY, numbers(13922227401, 14), 20 * DAY, 30 * HOUR),
  ...eachCalled(THIRD, numbers(13922227601, 14), 25 * DAY, 20 * HOUR),
];
/** Not compacted yet when the number is added. */
const RECENT: readonly CallRecordInput[] = [
  ...eachCalled(SWINDLER, numbers(13922227501, 15), 7 * HOUR, HOUR / 4),
];

/** Everybody in touch with the swindler in the last days, by plain loops over what was pushed. */
function contactsOf(calls: readonly CallRecordInput[]): Set<string> {
  const since = NOW - loadDefaultPolicy().lists.contactDays * DAY;
  return new Set(
    calls.flatMap(({ answered, callee, caller, start }) => {
      if (answered === false || Number(start) < since) return [];
      if (caller === SWINDLER) return [callee];
      return callee === SWINDLER ? [caller] : [];
    }),
  );
}

async function pushAndArchive(calls: readonly CallRecordInput[]): Promise<void> {
  await pipeline.push(calls.toSorted((a, b) => Number(a.start) - Number(b.start)));
  // An operator's repeat, as after a broken connection.
  await pipeline.push(calls.slice(0, 5));
  await pipeline.cloud.settled();
  await pipeline.cloud.deliverBuffered();
}

async function compact(): Promise<void> {
  const { executionArn } = await workflows.send(
    new StartExecutionCommand({
      stateMachineArn: pipeline.cloud.outputs.ArchiveCompactionStateMachineArn,
      input: '{}',
    }),
  );
  await vi.waitFor(async () => {
    const { status } = await workflows.send(new DescribeExecutionCommand({ executionArn }));
    expect(status).toBe('SUCCEEDED');
  }, DEADLINE_MS);
}

const texted = () =>
  pipeline.cloud.inbox.texts.map(({ phoneNumber }) => phoneNumber.replace('+86', ''));

/** What is known of the people, by their tokens. */
async function subjects(): Promise<ReadonlyMap<string, SubjectState>> {
  const items = await pipeline.scan('SubjectsTableName');
  return new Map(
    items.flatMap(({ state, subject }) =>
      state?.S === undefined ? [] : [[subject?.S ?? '', JSON.parse(state.S) as SubjectState]],
    ),
  );
}

describe('a case number whose calls are older than what its profile remembers', () => {
  test('brings a text, or the reason for none, to everybody of the last days, and to nobody else', async () => {
    await pushAndArchive(ARCHIVED);
    await compact();
    await pushAndArchive(RECENT);
    expect(texted()).toEqual([]);
    // Somebody who was warned of another number a moment ago is not warned again.
    await officer('analyst')('addCaseNumber', {
      body: { number: OTHER_SWINDLER, kind: 'loan', reference: 'file 1', reason: 'confirmed' },
    });
    await expect.poll(texted, { timeout: DEADLINE_MS }).toEqual(['13922227105']);

    const added = await officer('analyst')('addCaseNumber', {
      body: { number: SWINDLER, kind: 'fake-orders', reference: 'file 2', reason: 'confirmed' },
    });

    const contacts = contactsOf([...ARCHIVED, ...RECENT]);
    expect(contacts.size).toBe(59);
    expect(added).toMatchObject({ archiveSearch: 'under-way' });
    expect(added.people).toBeLessThan(20);
    await expect
      .poll(() => new Set(texted()), { timeout: DEADLINE_MS, interval: 50 })
      .toEqual(contacts);
    await pipeline.cloud.settled();
    expect(texted().toSorted()).toEqual([...contacts].toSorted());
    await expectExposed(contacts, '13922227105');
    // And the one of the other number.
    expect(pipeline.cloud.metrics.sum('ContactsExposed')).toBe(contacts.size + 1);
  }, 180_000);

  test('beside another of the same file brings each its own people, all by one search', async () => {
    const before = texted().length;
    const row = { kind: 'loan', reference: 'file 3', reason: 'confirmed' } as const;
    const imported = await officer('analyst')('importCaseNumbers', {
      body: { numbers: [ORDINARY, THIRD].map((number) => ({ ...row, number })) },
    });

    expect(imported).toMatchObject({ taken: 2, known: 0, archiveSearch: 'under-way' });
    expect(imported.people).toBeLessThan(28);
    const people = [...numbers(13922227401, 14), ...numbers(13922227601, 14)];
    await expect
      .poll(() => texted().slice(before).toSorted(), { timeout: DEADLINE_MS, interval: 50 })
      .toEqual(people.toSorted());
  }, 120_000);

  test('leaves no clear number in a log, and nothing that failed', () => {
    expect(pipeline.logs.filter((line) => /139[12][12][12]{3}[78]\d{3}/.test(line))).toEqual([]);
    const trouble = /not authorized|cannot judge|-failed:|is not searched/;
    expect(pipeline.logs.filter((line) => trouble.test(line))).toEqual([]);
  });
});

/** Each contact's state has the call; that of whoever was warned before tells of that warning alone. */
async function expectExposed(contacts: ReadonlySet<string>, warnedBefore: string): Promise<void> {
  const sealer = await pipeline.sealer();
  const normalise = createNumberNormaliser('CN');
  const tokenOf = (number: string) => {
    const party = normalise(number);
    if (party === undefined) throw new Error('no number of a person');
    return sealNumber(party, sealer);
  };
  const known = await subjects();
  const swindler = tokenOf(SWINDLER);
  const exposed = [...known].filter(([, { exposures }]) =>
    exposures.some(({ caller, listed }) => caller === swindler && listed !== undefined),
  );
  expect(exposed.map(([token]) => token).toSorted()).toEqual([...contacts].map(tokenOf).toSorted());
  const before = known.get(tokenOf(warnedBefore));
  expect(before?.warnings).toHaveLength(1);
  expect(before?.exposures.map(({ caller }) => caller).toSorted()).toEqual(
    [swindler, tokenOf(OTHER_SWINDLER)].toSorted(),
  );
}
