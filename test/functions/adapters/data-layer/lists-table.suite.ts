import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { createListsTable, type ListStore } from '../../../../functions/adapters/lists-table.ts';
import type { ListEntry } from '../../../../lib/domain/listing/list-entry.ts';
import { tokenOf } from '../../../domain/factories.ts';
import { createTable } from './create-tables.ts';

const AT = 1_795_000_000_000;
const LIST = 'case-numbers';

const entryOf = (index: number, changes: Partial<ListEntry> = {}): Omit<ListEntry, 'version'> => ({
  id: `entry-${index}`,
  number: tokenOf(index),
  kind: 'loan',
  reason: 'confirmed',
  reference: 'file 7',
  by: 'lin',
  at: AT,
  until: AT / 1000 + 86_400,
  ...changes,
});
const REMOVAL = { at: AT + 5, by: 'sun', reason: 'a mistake' };

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeListsTable(client: () => DynamoDBClient): void {
  describe('lists', () => {
    let lists: ListStore;

    beforeEach(async () => {
      lists = createListsTable(client(), await createTable(client(), 'lists'), 1_000);
    });

    test('an entry comes back with the version that it made, and is on its own list only', async () => {
      const added = await lists.add(LIST, entryOf(1));
      expect(added).toEqual({ ...entryOf(1), version: 1 });
      expect(await lists.read(LIST, 'entry-1')).toEqual(added);
      expect(await lists.entries(LIST, {})).toEqual({ items: [added], version: 1 });
      expect(await lists.entries('allowed-numbers', {})).toEqual({ items: [], version: 0 });
    });

    test('the same number is on a list once, until its entry has ended', async () => {
      await lists.add(LIST, entryOf(1));
      expect(await lists.add(LIST, entryOf(1, { at: AT + 1 }))).toBeUndefined();

      const later = entryOf(1, { at: AT + 90_000_000, until: AT / 1000 + 900_000 });
      expect(await lists.add(LIST, later)).toEqual({ ...later, version: 2 });
    });

    test('an entry bears the mark of its search, and not of one for an entry before it', async () => {
      const entry = await lists.add(LIST, entryOf(1));
      await lists.followedUp(LIST, [{ id: 'entry-1', version: 2 }]);
      expect(await lists.read(LIST, 'entry-1')).toEqual(entry);
      await lists.followedUp(LIST, [{ id: 'entry-1', version: 1 }]);
      expect(await lists.read(LIST, 'entry-1')).toEqual({ ...entry, followedUp: true });

      const later = entryOf(1, { at: AT + 90_000_000, until: AT / 1000 + 900_000 });
      const again = await lists.add(LIST, later);
      expect(await lists.read(LIST, 'entry-1')).toEqual(again);
    });

    test('what was taken off is gone, and both changes stand in the versions', async () => {
      const entry = await lists.add(LIST, entryOf(1));
      expect(await lists.remove(LIST, 'entry-1', REMOVAL)).toEqual({ entry, version: 2 });
      expect(await lists.read(LIST, 'entry-1')).toBeUndefined();
      expect(await lists.remove(LIST, 'entry-1', REMOVAL)).toBeUndefined();

      const { items, version } = await lists.versions(LIST, {});
      expect(version).toBe(2);
      expect(items).toMatchObject([
        { act: 'added', version: 1, by: 'lin', reason: 'confirmed', until: AT / 1000 + 86_400 },
        { act: 'removed', version: 2, by: 'sun', reason: 'a mistake', reference: 'file 7' },
      ]);
    });

    test('of many changes at once, each is a version', async () => {
      const all = [1, 2, 3, 4, 5];
      await Promise.all(all.map((i) => lists.add(LIST, entryOf(i))));
      const { items } = await lists.versions(LIST, {});
      expect(items.map(({ version }) => version)).toEqual(all);
      expect(items.map(({ id }) => id).sort()).toEqual(all.map((i) => `entry-${i}`));
    });

    test('is read page by page', async () => {
      for (const i of [1, 2, 3]) await lists.add(LIST, entryOf(i));
      const first = await lists.entries(LIST, { limit: 2 });
      const rest = await lists.entries(LIST, { limit: 2, next: first.next ?? '' });
      expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual([
        'entry-1',
        'entry-2',
        'entry-3',
      ]);
      expect((await lists.versions(LIST, { limit: 2 })).items).toHaveLength(2);
    });
  });
}
