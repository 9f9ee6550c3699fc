import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  createSubjectsTable,
  createWarningsTable,
} from '../../../../functions/adapters/subjects-table.ts';
import { createTakeBack, type TakeBack } from '../../../../functions/adapters/take-back.ts';
import { loadDefaultPolicy } from '../../../../lib/domain/default-policy.ts';
import type { Exposure } from '../../../../lib/domain/exposure.ts';
import { createDecider, type NameDecisions } from '../../../../lib/domain/subject/decide.ts';
import { CALLER, exposureOf, findingOf, MORNING, tokenOf } from '../../../domain/factories.ts';
import { createTable } from './create-tables.ts';

const NOW = MORNING * 1000 + 60_000;
const RETENTION = 90 * 86_400;
const decide = createDecider(loadDefaultPolicy());
const nameOf: NameDecisions = (subject, what, ordinal) => `${what}-${subject}-${ordinal}`;

const listed = (subject: string, changes: Partial<Exposure> = {}) =>
  exposureOf({
    subject,
    side: 'list',
    finding: findingOf({ at: MORNING, points: 14 }),
    ...changes,
  });

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeTakeBack(client: () => DynamoDBClient): void {
  describe('taking back what a number led to', () => {
    let table: string;
    let takeBack: TakeBack;

    beforeEach(async () => {
      table = await createTable(client(), 'subjects');
      takeBack = createTakeBack(client(), table, RETENTION);
    });

    const warnings = () => createWarningsTable(client(), table);
    const stateOf = async (subject: string) =>
      (await createSubjectsTable(client(), table).read(subject, 'live'))?.state;
    const statusOf = async (subject: string) =>
      (await warnings().read(subject, nameOf(subject, 'warning', 1))).item?.status?.S;

    /** Decides on exposures as the pipeline does, one after the other. */
    async function expose(...exposures: Exposure[]): Promise<void> {
      const subjects = createSubjectsTable(client(), table);
      for (const [i, exposure] of exposures.entries()) {
        const { subject } = exposure;
        const stored = await subjects.read(subject, 'live');
        const decision = decide(stored?.state, [exposure], nameOf);
        const sequence = String(100 + i);
        const expiresAt = MORNING + RETENTION;
        await subjects.write(subject, 'live', stored?.version, sequence, decision, expiresAt);
      }
    }

    test('withdraws the texts that are not sent yet, and counts those that are', async () => {
      const [pending, sent, other] = [tokenOf(1), tokenOf(2), tokenOf(3)];
      await expose(listed(pending), listed(sent), listed(other, { caller: tokenOf(50) }));
      const id = nameOf(sent, 'warning', 1);
      await warnings().claim(sent, id, NOW, NOW + 1_000);
      await warnings().settle(sent, id, 'sent', { messageId: 'm-1', at: NOW });

      const taken = await takeBack(CALLER, 'list', [], MORNING * 1000, NOW);

      expect(taken).toMatchObject({ withdrawn: 1, sent: 1, complete: true });
      expect([...taken.cases].sort()).toEqual(
        [nameOf(pending, 'case', 1), nameOf(sent, 'case', 1)].sort(),
      );
      expect(await Promise.all([pending, sent, other].map(statusOf))).toEqual([
        'withdrawn',
        'sent',
        'pending',
      ]);
      expect(await warnings().claim(pending, nameOf(pending, 'warning', 1), NOW, NOW + 1_000)).toBe(
        'taken',
      );
    });

    test('forgets what the list said of the number, so that the person can be warned of another', async () => {
      const subject = tokenOf(1);
      await expose(listed(subject));
      await takeBack(CALLER, 'list', [], MORNING * 1000, NOW);

      expect(await stateOf(subject)).toMatchObject({
        exposures: [],
        warnings: [],
        episode: { ordinal: 2, tier: 'low' },
      });
      const next = listed(subject, { call: 2, caller: tokenOf(50), start: MORNING + 600 });
      const { warnings: decided } = decide(await stateOf(subject), [next], nameOf);
      expect(decided).toMatchObject([{ caller: tokenOf(50) }]);
      // Under a name that no warning had before: a new item is what goes on to be sent.
      expect(decided[0]?.id).not.toBe(nameOf(subject, 'warning', 1));
    });

    test('keeps what speaks against the number beside the list', async () => {
      const subject = tokenOf(1);
      await expose(exposureOf({ subject }), listed(subject));
      await takeBack(CALLER, 'list', [], MORNING * 1000, NOW);
      const state = await stateOf(subject);
      expect(state?.exposures).toHaveLength(1);
      expect(state?.exposures[0]).toMatchObject({ finding: { points: 3.5 } });
      expect(state?.exposures[0]).not.toHaveProperty('listed');
    });

    test('reaches people about whom nothing was decided', async () => {
      const subject = tokenOf(1);
      await expose(listed(subject, { answered: false }));
      expect((await stateOf(subject))?.exposures).toHaveLength(1);
      await takeBack(CALLER, 'list', [subject, tokenOf(77)], MORNING * 1000, NOW);
      expect((await stateOf(subject))?.exposures).toEqual([]);
    });

    test('of a number that is allowed, also what its own calls led to', async () => {
      const subject = tokenOf(1);
      const finding = findingOf({ points: 9.5 });
      await expose(exposureOf({ subject, duration: 1_200, finding }));
      expect(await statusOf(subject)).toBe('pending');
      expect(await takeBack(CALLER, 'list', [], MORNING * 1000, NOW)).toMatchObject({
        withdrawn: 0,
      });
      expect(await takeBack(CALLER, 'all', [], MORNING * 1000, NOW)).toMatchObject({
        withdrawn: 1,
      });
      expect(await statusOf(subject)).toBe('withdrawn');
    });
  });
}
