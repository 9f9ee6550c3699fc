import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REPORTS_KEPT } from '../../../lib/domain/clues/clue-weight.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { ANALYST, OfficersDesk } from '../../support/officers-desk.ts';

const { burstReports } = loadDefaultPolicy().lists.clues;

/** Rows of a file: few references, numbers and reporters, so that all of them meet; some that cannot be taken. */
const row = fc.record({
  reference: fc.integer({ min: 0, max: 59 }).map((i) => `call ${i}`),
  number: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 3 }).map((i) => `1380013800${i}`) },
    { weight: 1, arbitrary: fc.constant('95588') },
  ),
  kind: fc.constantFrom('loan', 'fake-orders'),
  when: fc.constantFrom('2026-11-23T09:00:00+08:00', '2027-11-23T09:00:00+08:00'),
  text: fc.constantFrom('a deposit first', 'ring 13912345678', '拨打１３９１２３４５６７８'),
  reporter: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 6 }).map((i) => `1371234000${i}`) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  ),
});
type Row = Record<'reference' | 'number' | 'kind' | 'when' | 'text', string> & {
  readonly reporter?: string | undefined;
};
const rows = fc.array(row, { minLength: 1, maxLength: 80 });

/** Everything that taking them leaves behind, and what was counted. */
async function importIn(batches: readonly (readonly Row[])[], desk = new OfficersDesk()) {
  const answers = { taken: 0, known: 0, rejected: 0 };
  for (const clues of batches) {
    const { body, status } = await desk.call('importClues', ANALYST, { body: { clues } });
    expect(status).toBe(200);
    const { known, rejected, taken } = body as unknown as {
      taken: number;
      known: number;
      rejected: unknown[];
    };
    answers.taken += taken;
    answers.known += known;
    answers.rejected += rejected.length;
  }
  const sum = (name: 'taken' | 'counted' | 'bursts') =>
    desk.counted.reduce((total, counts) => total + (counts[name] ?? 0), 0);
  return {
    clues: Object.fromEntries(desk.clues.clues),
    states: Object.fromEntries(desk.clues.states),
    listings: Object.fromEntries(desk.listings.listings),
    answers,
    counts: { taken: sum('taken'), counted: sum('counted'), bursts: sum('bursts') },
  };
}

const oneByOne = (list: readonly Row[]) => list.map((one) => [one]);

function cut(list: readonly Row[], sizes: readonly number[]): Row[][] {
  const batches: Row[][] = [];
  for (let at = 0, i = 0; at < list.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    batches.push(list.slice(at, at + size));
    at += size;
  }
  return batches;
}
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 });

describe('clues of a file', () => {
  test('leave the same tables, answers and counts behind in batches as one by one', async () => {
    await fc.assert(
      fc.asyncProperty(rows, sizes, async (list, some) => {
        expect(await importIn(cut(list, some))).toEqual(await importIn(oneByOne(list)));
      }),
      { numRuns: 60 },
    );
  });

  test('leave the same behind in batches that are sent again, whole or in part', async () => {
    await fc.assert(
      fc.asyncProperty(rows, sizes, fc.nat(), async (list, some, first) => {
        const batches = cut(list, some);
        const again = batches.slice(first % batches.length);
        const once = await importIn(batches);
        const twice = await importIn([...batches, ...again]);
        expect({ ...twice, answers: {} }).toEqual({ ...once, answers: {} });
      }),
      { numRuns: 40 },
    );
  });

  test('weigh the same in any order', async () => {
    const distinct = fc.uniqueArray(row, {
      minLength: 1,
      maxLength: 60,
      selector: (r) => r.reference,
    });
    await fc.assert(
      fc.asyncProperty(distinct, sizes, fc.infiniteStream(fc.nat()), async (list, some, lots) => {
        const shuffled = list
          .map((one) => ({ one, lot: lots.next().value as number }))
          .sort((a, b) => a.lot - b.lot)
          .map(({ one }) => one);
        const given = await importIn(oneByOne(list));
        const other = await importIn(cut(shuffled, some));
        expect(other.clues).toEqual(given.clues);
        expect(other.listings).toEqual(given.listings);
        expect(other.counts).toEqual(given.counts);
      }),
      { numRuns: 40 },
    );
  });

  test('are a burst, and keep the last of those that count, in one batch as one by one', async () => {
    const list = Array.from({ length: REPORTS_KEPT + 2 * burstReports }, (_, i) => ({
      reference: `call ${i}`,
      number: '13800138001',
      kind: 'loan',
      when: '2026-11-23T09:00:00+08:00',
      text: 'a deposit first',
      reporter: `137123${10_000 + i}`,
    }));
    const together = await importIn([list]);
    expect(together).toEqual(await importIn(oneByOne(list)));
    expect(together.counts.bursts).toBe(1);
    expect(Object.values(together.states)[0]?.counted).toHaveLength(REPORTS_KEPT);
  });

  test('that a crash left counted and unlisted are listed when they are sent again', async () => {
    const list = [1, 2, 3].map((i) => ({
      reference: `call ${i}`,
      number: '13800138001',
      kind: 'loan',
      when: '2026-11-23T09:00:00+08:00',
      text: 'a deposit first',
      reporter: `1371234000${i}`,
    }));
    const desk = new OfficersDesk();
    const { changeEach } = desk.listings;
    desk.listings.changeEach = async () => {
      throw new Error('the table is gone');
    };
    const broken = await desk.call('importClues', ANALYST, { body: { clues: list } });
    desk.listings.changeEach = changeEach;

    const { listings } = await importIn([list], desk);

    expect(broken.status).toBe(500);
    const { listings: undisturbed } = await importIn([list]);
    expect(listings).toEqual(undisturbed);
  });
});
