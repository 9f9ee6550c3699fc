import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { createOpenByHand } from '../../../../functions/adapters/open-by-hand.ts';
import { closeCase, createSubjectsTable } from '../../../../functions/adapters/subjects-table.ts';
import { loadDefaultPolicy } from '../../../../lib/domain/default-policy.ts';
import { caseByHand } from '../../../../lib/domain/subject/decide.ts';
import { SUBJECT } from '../../../domain/factories.ts';
import { createTable } from './create-tables.ts';

const NOW = 1_795_000_000_000;
const caseOf = (id: string) =>
  caseByHand({
    id,
    subject: SUBJECT,
    tier: 'high',
    kind: 'loan',
    openedAt: NOW / 1000,
    openedBy: 'ada',
    policyVersion: 5,
    ladder: loadDefaultPolicy().ladder,
    utcOffsetMinutes: 480,
  });

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeOpenByHand(client: () => DynamoDBClient): void {
  describe('a case opened by hand', () => {
    let table: string;
    const openByHand = () => createOpenByHand(client(), table, 86_400, async () => 'elderly');
    const state = async () =>
      (await createSubjectsTable(client(), table).read(SUBJECT, 'live'))?.state;

    beforeEach(async () => {
      table = await createTable(client(), 'subjects');
    });

    test('belongs to a person not heard of before, with what the register says', async () => {
      const opened = await openByHand()(caseOf('one'), NOW);

      expect(opened).toBe('one');
      expect(await state()).toMatchObject({ careGroup: 'elderly', formerCase: { id: 'one' } });
    });

    test('is one, however many open it at once', async () => {
      const opened = await Promise.all(
        ['one', 'two', 'three'].map((id) => openByHand()(caseOf(id), NOW)),
      );

      expect(new Set(opened).size).toBe(1);
    });

    test('is another once the former is closed', async () => {
      await openByHand()(caseOf('one'), NOW);
      expect(await openByHand()(caseOf('two'), NOW)).toBe('one');
      await closeCase(client(), table, SUBJECT, 'one', 'dissuaded', NOW);

      expect(await openByHand()(caseOf('two'), NOW)).toBe('two');
      expect(await state()).toMatchObject({ formerCase: { id: 'two' } });
    });

    test('that is asked for once more after it was closed stays as it is', async () => {
      await openByHand()(caseOf('one'), NOW);
      await closeCase(client(), table, SUBJECT, 'one', 'dissuaded', NOW);

      expect(await openByHand()(caseOf('one'), NOW)).toBe('one');

      expect(await openByHand()(caseOf('two'), NOW)).toBe('two');
    });

    test('is not written over by an exposure that was being decided on meanwhile', async () => {
      const subjects = createSubjectsTable(client(), table);
      const none = { exposures: [], floor: 0, warnings: [] };
      const nothing = { warnings: [], cases: [], raised: [], exposed: [], suppressed: [] };
      const decision = { ...nothing, state: none, applied: 1, duplicates: 0 };
      const write = (readAt: string | undefined, sequenceNumber: string) =>
        subjects.write(SUBJECT, 'live', readAt, sequenceNumber, decision, NOW / 1000 + 86_400);
      await write(undefined, '10');
      const read = await subjects.read(SUBJECT, 'live');

      await openByHand()(caseOf('one'), NOW);

      expect(await write(read?.version, '11')).toBe(false);
      expect(await state()).toMatchObject({ formerCase: { id: 'one' } });
    });

    test('keeps the watermark of what the person was exposed to', async () => {
      const subjects = createSubjectsTable(client(), table);
      const before = { exposures: [], floor: 7, warnings: [] };
      const nothing = { warnings: [], cases: [], raised: [], exposed: [], suppressed: [] };
      const decision = { ...nothing, state: before, applied: 0, duplicates: 0 };
      await subjects.write(SUBJECT, 'live', undefined, '4711', decision, NOW / 1000 + 86_400);

      await openByHand()(caseOf('one'), NOW);

      expect(await subjects.read(SUBJECT, 'live')).toMatchObject({
        sequenceNumber: '4711',
        state: { floor: 7, formerCase: { id: 'one' } },
      });
    });
  });
}
