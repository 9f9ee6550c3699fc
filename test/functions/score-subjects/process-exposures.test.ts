import { describe, expect, test } from 'vitest';
import { TableError } from '../../../functions/adapters/errors.ts';
import type { SubjectStore } from '../../../functions/adapters/subjects-table.ts';
import {
  type Decided,
  type Deciders,
  nameOfDecision,
  processExposures,
} from '../../../functions/score-subjects/process-exposures.ts';
import type { Exposure } from '../../../lib/domain/exposure.ts';
import { createDecider, type Decision } from '../../../lib/domain/subject/decide.ts';
import { packExposures } from '../../../lib/wire/frames.ts';
import { exposureOf, MORNING, SUBJECT, tokenOf } from '../../domain/factories.ts';
import { policyWith, WEIGHING_POLICY } from '../../domain/subject/weighing-policy.ts';
import { Crash, InMemorySubjects, kinesisRecord } from '../../support/in-memory-pipeline.ts';

const LIVE: Deciders = { live: createDecider(WEIGHING_POLICY), shadow: undefined };
/** Beside the live policy one that asks for more points than a single call has. */
const BOTH: Deciders = {
  ...LIVE,
  shadow: createDecider({ ...policyWith({ warnAt: 3.75 }), version: 9 }),
};
const nameOfLive = nameOfDecision('live');

const recordsOf = (exposures: readonly Exposure[], first = 95) =>
  exposures.map((exposure, i) =>
    kinesisRecord(packExposures([exposure])[0]?.data ?? Buffer.alloc(0), String(first + i)),
  );

const callsTo = (subject: string, count: number): Exposure[] =>
  Array.from({ length: count }, (_, i) =>
    exposureOf({ subject, call: 100 + i, start: MORNING + i * 30 }),
  );

const IN_CARE = tokenOf(701);

function take(
  subjects: SubjectStore,
  exposures: ReturnType<typeof recordsOf>,
  deciders: Deciders = LIVE,
) {
  const decisions: Decision[] = [];
  const counted: Decided[] = [];
  const response = processExposures({ Records: exposures }, deciders, 1_000, {
    subjects,
    careGroupOf: async (subject) => (subject === IN_CARE ? 'elderly' : undefined),
    count: (decided) => {
      counted.push(decided);
      decisions.push(...decided.live);
    },
  });
  return { response, decisions, counted };
}

describe('a batch of exposures', () => {
  test('asks the register of people in care when somebody is first exposed', async () => {
    const subjects = new InMemorySubjects();
    await take(subjects, recordsOf([...callsTo(IN_CARE, 1), ...callsTo(SUBJECT, 1)])).response;

    expect((await subjects.read(IN_CARE, 'live'))?.state.careGroup).toBe('elderly');
    expect((await subjects.read(SUBJECT, 'live'))?.state.careGroup).toBeUndefined();
  });

  test('is decided on per subject, and each decision is one write', async () => {
    const subjects = new InMemorySubjects();
    const other = tokenOf(700);

    const { response, decisions } = take(
      subjects,
      recordsOf([...callsTo(SUBJECT, 2), ...callsTo(other, 1)]),
    );

    expect(await response).toEqual({ batchItemFailures: [] });
    expect(decisions).toHaveLength(2);
    expect([...subjects.warnings.values()].map((warning) => warning.subject).toSorted()).toEqual(
      [SUBJECT, other].toSorted(),
    );
    expect([...subjects.cases.values()]).toMatchObject([{ subject: SUBJECT, tier: 'medium' }]);
    expect(subjects.items.get(SUBJECT)?.sequenceNumber).toBe('96');
  });

  test('is passed over when it comes again', async () => {
    const subjects = new InMemorySubjects();
    const records = recordsOf(callsTo(SUBJECT, 8));
    await take(subjects, records).response;
    const before = new Map(subjects.items);

    const { response, decisions } = take(subjects, records);

    await response;
    expect(decisions).toEqual([]);
    expect(subjects.items).toEqual(before);
    expect(subjects.repeated).toEqual([]);
  });

  test('decides on what was emitted twice once, though it has another sequence number', async () => {
    const subjects = new InMemorySubjects();
    await take(subjects, recordsOf(callsTo(SUBJECT, 3))).response;
    const { response, decisions } = take(subjects, recordsOf(callsTo(SUBJECT, 3), 200));
    await response;
    expect(decisions).toMatchObject([{ applied: 0, duplicates: 3, warnings: [], cases: [] }]);
    expect(subjects.repeated).toEqual([]);
  });

  test('is decided again when the subject changed under it', async () => {
    const subjects = new InMemorySubjects();
    const [first, second] = callsTo(SUBJECT, 2);
    if (first === undefined || second === undefined) throw new Error('no calls');
    let raced = false;
    const racing: SubjectStore = {
      read: (subject, track) => subjects.read(subject, track),
      async write(...write) {
        if (!raced) {
          raced = true;
          await take(subjects, recordsOf([first], 90)).response;
        }
        return subjects.write(write[0], write[1], write[2], write[3], write[4]);
      },
    };

    await take(racing, recordsOf([second])).response;

    expect(subjects.warnings.size).toBe(1);
    expect(subjects.cases.size).toBe(1);
    expect(subjects.items.get(SUBJECT)?.state.exposures).toHaveLength(2);
  });

  test('is given back when a subject keeps changing', async () => {
    const never: SubjectStore = { read: async () => undefined, write: async () => false };
    await expect(take(never, recordsOf(callsTo(SUBJECT, 1))).response).rejects.toThrow(TableError);
  });
});

describe('exposures that a shadow policy found', () => {
  const asShadow = (exposures: readonly Exposure[]) =>
    exposures.map((exposure): Exposure => ({ ...exposure, track: 'shadow' }));

  test('are decided on by it alone, beside the live ones', async () => {
    const subjects = new InMemorySubjects();
    const calls = callsTo(SUBJECT, 2);

    const { response, counted } = take(subjects, recordsOf([...calls, ...asShadow(calls)]), BOTH);
    await response;

    expect(counted).toMatchObject([
      {
        live: [{ applied: 2, warnings: [{ policyVersion: WEIGHING_POLICY.version, points: 3.5 }] }],
        shadow: [{ applied: 2, warnings: [{ policyVersion: 9, points: 3.75 }] }],
        shadowExposuresIgnored: 0,
      },
    ]);
    const tried = subjects.shadow;
    expect(subjects.warnings.size).toBe(1);
    expect(tried?.warnings.size).toBe(1);
    const [ids, triedIds] = [[...subjects.warnings.keys()], [...(tried?.warnings.keys() ?? [])]];
    expect(triedIds).not.toEqual(ids);
    expect([...(tried?.warnings.values() ?? [])][0]?.finding.track).toBe('shadow');
    expect(subjects.items.get(SUBJECT)?.sequenceNumber).toBe('96');
    expect(tried?.items.get(SUBJECT)?.sequenceNumber).toBe('98');
  });

  test('change nothing of what the live policy decides', async () => {
    const alone = new InMemorySubjects();
    await take(alone, recordsOf(callsTo(SUBJECT, 3))).response;
    const beside = new InMemorySubjects();
    const calls = callsTo(SUBJECT, 3);
    await take(beside, recordsOf(calls), BOTH).response;
    await take(beside, recordsOf(asShadow(calls), 500), BOTH).response;

    expect(beside.items).toEqual(alone.items);
    expect(beside.warnings).toEqual(alone.warnings);
    expect(beside.cases).toEqual(alone.cases);
  });

  test('are counted and dropped when there is no shadow policy any more', async () => {
    const subjects = new InMemorySubjects();
    const { response, counted } = take(subjects, recordsOf(asShadow(callsTo(SUBJECT, 3))));
    await response;
    expect(counted).toEqual([{ live: [], shadow: [], shadowExposuresIgnored: 3 }]);
    expect(subjects.items.size).toBe(0);
    expect(subjects.shadow).toBeUndefined();
  });

  test('come to the same when the function dies between the two tracks', async () => {
    const calls = callsTo(SUBJECT, 2);
    const records = recordsOf([...calls, ...asShadow(calls)]);
    const undisturbed = new InMemorySubjects();
    await take(undisturbed, records, BOTH).response;
    for (const fatal of [0, 1, 2, 3]) {
      let effects = 0;
      const subjects = new InMemorySubjects(() => {
        if (effects++ === fatal) throw new Crash();
      });
      await expect(take(subjects, records, BOTH).response).rejects.toThrow(Crash);
      await take(subjects, records, BOTH).response;

      expect(subjects.items).toEqual(undisturbed.items);
      expect(subjects.shadow?.items).toEqual(undisturbed.shadow?.items);
      expect([...subjects.repeated, ...(subjects.shadow?.repeated ?? [])]).toEqual([]);
    }
  });
});

describe('the name of a decision', () => {
  test('is the same for the same subject, sort and episode, and for no other', () => {
    const names = [SUBJECT, tokenOf(700)].flatMap((subject) =>
      (['warning', 'case'] as const).flatMap((what) =>
        [1, 2, 12].map((ordinal) => nameOfLive(subject, what, ordinal)),
      ),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(nameOfLive(SUBJECT, 'case', 1)).toBe(nameOfLive(SUBJECT, 'case', 1));
  });

  test('may name a Step Functions execution, and does not show the subject', () => {
    const name = nameOfLive(SUBJECT, 'case', 1);
    expect(name).toMatch(/^[\w-]{1,80}$/);
    expect(name).not.toContain(SUBJECT.slice(1, 8));
  });
});
