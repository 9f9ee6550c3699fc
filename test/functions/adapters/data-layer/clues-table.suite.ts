import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { createAppealsTable } from '../../../../functions/adapters/appeals-table.ts';
import {
  type Clue,
  type ClueStore,
  createCluesTable,
} from '../../../../functions/adapters/clues-table.ts';
import { addReports, type ClueState } from '../../../../lib/domain/clues/clue-weight.ts';
import { loadDefaultPolicy } from '../../../../lib/domain/default-policy.ts';
import { tokenOf } from '../../../domain/factories.ts';
import { createTable } from './create-tables.ts';

const NOW = 1_795_000_000_000;
const END = 1_900_000_000;
const CLUE: Clue = {
  number: tokenOf(1),
  kind: 'loan',
  when: NOW,
  text: 'a deposit first',
  reporter: 'somebody',
  at: NOW,
};

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeCluesTable(client: () => DynamoDBClient): void {
  describe('clues', () => {
    let clues: ClueStore;

    beforeEach(async () => {
      clues = createCluesTable(client(), await createTable(client(), 'clues'));
    });

    test('a clue is kept once, and its receipt tells how far it has come', async () => {
      expect(await clues.receipt('r')).toBeUndefined();
      const keep = (clue: Clue) => clues.keep([{ reference: 'r', clue }], END);
      expect(await keep(CLUE)).toEqual(['new']);
      expect(await keep({ ...CLUE, text: 'another' })).toEqual(['received']);
      await clues.considered(['r']);
      expect(await keep(CLUE)).toEqual(['considered']);
      expect(await clues.receipt('r')).toEqual({ progress: 'considered', at: NOW });
    });

    test('are read by their reference, and those of a number page by page, the newest first', async () => {
      const kept = [1, 2, 3, 4, 5].map((i) => ({
        reference: `r-${i}`,
        clue: { ...CLUE, number: tokenOf(i === 4 ? 2 : 1), at: NOW + Math.min(i, 3) },
      }));
      await clues.keep(kept, END);
      await clues.considered(['r-1', 'r-5']);
      expect(await clues.read('r-4')).toEqual(kept[3]?.clue);
      expect(await clues.read('r-9')).toBeUndefined();

      const seen: string[] = [];
      let next: string | undefined;
      do {
        const page = await clues.ofNumber(tokenOf(1), { limit: 1, ...(next && { next }) });
        seen.push(...page.clues.map(({ reference }) => reference));
        next = page.next;
      } while (next !== undefined);
      expect(seen.toSorted()).toEqual(['r-1', 'r-2', 'r-3', 'r-5']);
      expect(seen.slice(2)).toEqual(['r-2', 'r-1']);
      expect((await clues.ofNumber(tokenOf(2), {})).clues).toEqual([kept[3]]);
      expect(await clues.ofNumber(tokenOf(3), {})).toEqual({ clues: [] });
    });

    test('a reporter is counted by the day, up to the limit, and is known since the first', async () => {
      const visit = (day: string, at: number) => clues.visit('somebody', day, at, 2, END);
      expect(await visit('2026-11-20', 1)).toBe(1);
      expect(await visit('2026-11-20', 2)).toBe(1);
      expect(await visit('2026-11-20', 3)).toBeUndefined();
      expect(await visit('2026-11-21', 4)).toBe(1);
      const both = await Promise.all([visit('2026-11-22', 5), visit('2026-11-22', 6)]);
      expect(both).toEqual([1, 1]);
      expect(await visit('2026-11-22', 7)).toBeUndefined();
    });

    test('of reports at once about a number, none is lost', async () => {
      const { clues: limits } = loadDefaultPolicy().lists;
      const report = async (reporter: string) => {
        const one = { reporter, at: 1_000, known: true };
        const changeOf = (_: unknown, state: ClueState) => addReports(state, [one], limits);
        const changed = await clues.change([tokenOf(1), tokenOf(2)], changeOf, END);
        return changed.get(tokenOf(1))?.state;
      };
      await Promise.all(['a', 'b', 'c', 'd'].map(report));
      const state = await report('a');
      expect(state?.counted.map(({ reporter }) => reporter).sort()).toEqual(['a', 'b', 'c', 'd']);
      expect(state?.window.reports).toBe(5);
    });

    test('more than one request holds are kept, counted and considered together', async () => {
      const many = Array.from({ length: 110 }, (_, i) => ({
        reference: `r-${i}`,
        clue: { ...CLUE, number: tokenOf(i) },
      }));
      await clues.keep(many.slice(0, 40), END);
      await clues.considered(many.slice(0, 20).map(({ reference }) => reference));

      const standings = await clues.keep(many, END);
      const numbers = many.map(({ clue }) => clue.number);
      const { clues: limits } = loadDefaultPolicy().lists;
      const changed = await clues.change(
        numbers,
        (number, state) =>
          addReports(state, [{ reporter: number, at: 1_000, known: true }], limits),
        END,
      );

      expect(Map.groupBy(standings, (one) => one).get('considered')).toHaveLength(20);
      expect(Map.groupBy(standings, (one) => one).get('received')).toHaveLength(20);
      expect(Map.groupBy(standings, (one) => one).get('new')).toHaveLength(70);
      expect([...changed.keys()].sort()).toEqual(numbers.toSorted());
    });
  });

  describe('appeals', () => {
    test('are lodged once, listed page by page, and decided once', async () => {
      const appeals = createAppealsTable(client(), await createTable(client(), 'lists'), 1_000);
      const appeal = { reference: 'r-1', number: tokenOf(1), text: 'a hospital', at: NOW };
      await appeals.lodge(appeal);
      await appeals.lodge({ ...appeal, text: 'another' });
      await appeals.lodge({ ...appeal, reference: 'r-2' });
      expect(await appeals.read('r-1')).toEqual(appeal);

      const first = await appeals.list({ limit: 1 });
      const rest = await appeals.list({ limit: 1, next: first.next ?? '' });
      expect([...first.appeals, ...rest.appeals].map(({ reference }) => reference)).toEqual([
        'r-1',
        'r-2',
      ]);

      const decided = { decision: 'granted', reason: 'it is', by: 'sun', at: NOW } as const;
      expect(await appeals.decide('r-1', decided)).toBe(true);
      expect(await appeals.decide('r-1', { ...decided, decision: 'refused' })).toBe(false);
      expect(await appeals.decide('none', decided)).toBe(false);
      expect(await appeals.read('r-1')).toEqual({ ...appeal, decided });
    });
  });
}
