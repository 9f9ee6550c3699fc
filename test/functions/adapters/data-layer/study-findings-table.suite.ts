import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  createStudyFindingsTable,
  findingId,
  type StudyFindingStore,
} from '../../../../functions/adapters/study-findings-table.ts';
import { decideFinding } from '../../../../lib/domain/listing/study-finding.ts';
import { tokenOf } from '../../../domain/factories.ts';
import { aFinding } from '../../../domain/listing/a-finding.ts';
import { createTable } from './create-tables.ts';

const findingOf = (index: number, kind: 'farm' | 'slow-campaign' = 'farm') =>
  aFinding({ id: findingId(tokenOf(index), kind), number: tokenOf(index), kind });
const REFUSAL = { decision: 'refuse', reason: 'a school', by: 'lin', automatic: false } as const;

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeStudyFindingsTable(client: () => DynamoDBClient): void {
  describe('findings of the study', () => {
    let findings: StudyFindingStore;

    beforeEach(async () => {
      findings = createStudyFindingsTable(client(), await createTable(client(), 'lists'), 1_000);
    });

    const put = (finding = findingOf(1)) => findings.change(finding.id, () => finding);

    test('come back with all other findings of their number, and of no other', async () => {
      await Promise.all([put(), put(findingOf(1, 'slow-campaign')), put(findingOf(2))]);
      const ofNumber = await findings.ofNumber(tokenOf(1));
      expect(ofNumber.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([
        findingOf(1),
        findingOf(1, 'slow-campaign'),
      ]);
    });

    test('that are not there are not made by looking', async () => {
      expect(await findings.change('none', () => undefined)).toBeUndefined();
      expect(await findings.list({})).toEqual({ findings: [] });
    });

    test('changed by two at once are changed by both', async () => {
      const { id } = findingOf(1);
      await put();
      const raise = () => findings.change(id, (one) => one && { ...one, points: one.points + 1 });
      await Promise.all([raise(), raise(), raise()]);
      expect((await findings.ofNumber(tokenOf(1)))[0]?.points).toBeCloseTo(6.4);
    });

    test('are listed in pages, all or those of a state', async () => {
      for (let i = 0; i < 5; i++) await put(findingOf(i));
      const refused = decideFinding(findingOf(3), { ...REFUSAL, at: 5_000 });
      await findings.change(findingOf(3).id, () => refused);
      const seen: string[] = [];
      let next: string | undefined;
      do {
        const page = await findings.list({ limit: 2, ...(next !== undefined && { next }) });
        seen.push(...page.findings.map(({ id }) => id));
        next = page.next;
      } while (next !== undefined);
      expect(seen.toSorted()).toEqual([0, 1, 2, 3, 4].map((i) => findingOf(i).id).toSorted());
      expect((await findings.list({ status: 'refused' })).findings).toEqual([refused]);
    });
  });
}
