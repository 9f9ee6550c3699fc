import { describe, expect, test } from 'vitest';
import { TableError } from '../../../functions/adapters/errors.ts';
import type { SubjectStore } from '../../../functions/adapters/subjects-table.ts';
import {
  nameOfDecision,
  processExposures,
} from '../../../functions/score-subjects/process-exposures.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import type { Exposure } from '../../../lib/domain/exposure.ts';
import type { Decision } from '../../../lib/domain/subject/decide.ts';
import { packExposures } from '../../../lib/wire/frames.ts';
import { exposureOf, MORNING, SUBJECT, tokenOf } from '../../domain/factories.ts';
import { InMemorySubjects, kinesisRecord } from '../../support/in-memory-pipeline.ts';

const POLICY = loadDefaultPolicy();

const recordsOf = (exposures: readonly Exposure[], first = 95) =>
  exposures.map((exposure, i) =>
    kinesisRecord(packExposures([exposure])[0]?.data ?? Buffer.alloc(0), String(first + i)),
  );

const callsTo = (subject: string, count: number): Exposure[] =>
  Array.from({ length: count }, (_, i) =>
    exposureOf({ subject, call: 100 + i, start: MORNING + i * 30 }),
  );

function take(subjects: SubjectStore, exposures: ReturnType<typeof recordsOf>) {
  const decisions: Decision[] = [];
  const response = processExposures({ Records: exposures }, POLICY, 1_000, {
    subjects,
    count: (some) => decisions.push(...some),
  });
  return { response, decisions };
}

describe('a batch of exposures', () => {
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
      read: (subject) => subjects.read(subject),
      async write(...write) {
        if (!raced) {
          raced = true;
          await take(subjects, recordsOf([first], 90)).response;
        }
        return subjects.write(write[0], write[1], write[2], write[3]);
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

describe('the name of a decision', () => {
  test('is the same for the same subject, sort and episode, and for no other', () => {
    const names = [SUBJECT, tokenOf(700)].flatMap((subject) =>
      (['warning', 'case'] as const).flatMap((what) =>
        [1, 2, 12].map((ordinal) => nameOfDecision(subject, what, ordinal)),
      ),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(nameOfDecision(SUBJECT, 'case', 1)).toBe(nameOfDecision(SUBJECT, 'case', 1));
  });

  test('may name a Step Functions execution, and does not show the subject', () => {
    const name = nameOfDecision(SUBJECT, 'case', 1);
    expect(name).toMatch(/^[\w-]{1,80}$/);
    expect(name).not.toContain(SUBJECT.slice(1, 8));
  });
});
