import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  createListingsTable,
  type ListingStore,
} from '../../../../functions/adapters/listings-table.ts';
import {
  createProfilesTable,
  type ProfileStore,
  type ProfileWrite,
} from '../../../../functions/adapters/profiles-table.ts';
import type { Listing, ListingChange } from '../../../../lib/domain/listing/listing.ts';
import { tokenOf } from '../../../domain/factories.ts';
import { createTable } from './create-tables.ts';

/** Every byte there is, and as long as a full profile. */
const profileOf = (seed: number): Uint8Array =>
  Uint8Array.from({ length: 1_000 }, (_, i) => (i + seed) % 256);

const sequenceNumberOf = (ordinal: number): string => `4966${String(ordinal).padStart(52, '0')}`;

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

function writeOf(index: number, changes: Partial<ProfileWrite> = {}): ProfileWrite {
  return {
    number: tokenOf(index),
    readAt: undefined,
    sequenceNumber: sequenceNumberOf(1),
    profile: profileOf(index),
    expiresAt: 1_900_000_000,
    ...changes,
  };
}

const tokensOf = (indexes: readonly number[]): string[] => indexes.map(tokenOf).sort();

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeProfilesTable(client: () => DynamoDBClient): void {
  describe('profiles', () => {
    let table: string;
    let profiles: ProfileStore;

    beforeEach(async () => {
      table = await createTable(client(), 'profiles');
      profiles = createProfilesTable(client(), table);
    });

    test('nothing is found of numbers that were never written', async () => {
      expect(await profiles.read([tokenOf(1), tokenOf(2)])).toEqual(new Map());
    });

    test('a profile comes back byte for byte, with its watermark', async () => {
      expect(await profiles.write([writeOf(1)])).toEqual([]);

      const found = (await profiles.read([tokenOf(1)])).get(tokenOf(1));
      expect(found?.sequenceNumber).toBe(sequenceNumberOf(1));
      expect(Buffer.from(found?.profile ?? []).equals(profileOf(1))).toBe(true);
    });

    test('when a profile expires stands beside it as a number of seconds, as time to live needs', async () => {
      await profiles.write([writeOf(1, { expiresAt: 1_234_567_890 })]);

      const { Item } = await client().send(
        new GetItemCommand({ TableName: table, Key: { number: { S: tokenOf(1) } } }),
      );
      expect(Item?.expiresAt).toEqual({ N: '1234567890' });
    });

    test('one batch of 25 inserts and updates, and leaves those alone whose watermark has moved', async () => {
      const [updated, overtaken, known, fresh] = [
        range(0, 8),
        range(8, 12),
        range(12, 15),
        range(15, 25),
      ];
      await profiles.write([...updated, ...overtaken, ...known].map((i) => writeOf(i)));
      const next = { sequenceNumber: sequenceNumberOf(2), profile: profileOf(99) };

      const moved = await profiles.write([
        ...fresh.map((i) => writeOf(i, next)),
        ...overtaken.map((i) => writeOf(i, { ...next, readAt: sequenceNumberOf(0) })),
        ...updated.map((i) => writeOf(i, { ...next, readAt: sequenceNumberOf(1) })),
        ...known.map((i) => writeOf(i, next)),
      ]);

      expect(moved.sort()).toEqual(tokensOf([...overtaken, ...known]));
      const stored = await profiles.read(range(0, 25).map(tokenOf));
      for (const i of range(0, 25)) {
        const left = overtaken.includes(i) || known.includes(i);
        const { sequenceNumber, profile } = stored.get(tokenOf(i)) ?? {};
        expect(sequenceNumber).toBe(sequenceNumberOf(left ? 1 : 2));
        expect(Buffer.from(profile ?? []).equals(profileOf(left ? i : 99))).toBe(true);
      }
    });

    test('an update of a profile that has expired since counts as moved and brings nothing back', async () => {
      const moved = await profiles.write([writeOf(1, { readAt: sequenceNumberOf(1) })]);

      expect(moved).toEqual([tokenOf(1)]);
      expect(await profiles.read([tokenOf(1)])).toEqual(new Map());
    });

    test('more than fit one request are written and read, and the moved among them named', async () => {
      const all = range(0, 230);
      expect(await profiles.write(all.map((i) => writeOf(i)))).toEqual([]);
      const readAt = (i: number) => sequenceNumberOf(i % 10 === 0 ? 0 : 1);

      const moved = await profiles.write(
        all.map((i) => writeOf(i, { readAt: readAt(i), sequenceNumber: sequenceNumberOf(2) })),
      );

      expect(moved.sort()).toEqual(tokensOf(all.filter((i) => i % 10 === 0)));
      const found = await profiles.read([...all, ...range(500, 530)].map(tokenOf));
      expect([...found.keys()].sort()).toEqual(tokensOf(all));
      expect(found.get(tokenOf(10))?.sequenceNumber).toBe(sequenceNumberOf(1));
      expect(found.get(tokenOf(11))?.sequenceNumber).toBe(sequenceNumberOf(2));
    });

    describe('of a number on a list', () => {
      const NOW = 1_800_000_000;
      const CASE = { kind: 'loan', at: NOW, until: 1_950_000_000, reference: 'A-1' } as const;
      const put = { list: 'caseNumber', put: CASE } as const;
      let listings: ListingStore;

      beforeEach(() => {
        listings = createListingsTable(client(), table);
      });

      const stored = async () => (await profiles.read([tokenOf(1)])).get(tokenOf(1));

      test('the listing comes with the profile, and is left alone by whoever writes that', async () => {
        await profiles.write([writeOf(1)]);
        expect(await listings.change(tokenOf(1), () => put, NOW)).toMatchObject({
          listing: { caseNumber: CASE },
          profile: profileOf(1),
        });

        const { listing, sequenceNumber } = (await stored()) ?? {};
        expect(listing?.listing).toEqual({ caseNumber: CASE });
        const next = { readAt: sequenceNumber, sequenceNumber: sequenceNumberOf(2) };
        const listingRead = listing?.text ?? '';
        expect(await profiles.write([writeOf(1, { ...next, listingRead })])).toEqual([]);
        expect(await stored()).toMatchObject({ sequenceNumber: sequenceNumberOf(2), listing });
      });

      test('who read the number before it was put there is told so, and writes nothing', async () => {
        await profiles.write([writeOf(1)]);
        const { sequenceNumber } = (await stored()) ?? {};
        await listings.change(tokenOf(1), () => put, NOW);

        const late = { readAt: sequenceNumber, sequenceNumber: sequenceNumberOf(2) };
        expect(await profiles.write([writeOf(1, late)])).toEqual([tokenOf(1)]);
        expect((await stored())?.sequenceNumber).toBe(sequenceNumberOf(1));
      });

      test('its first call finds the item that has a listing and no profile yet', async () => {
        await listings.change(tokenOf(1), () => put, NOW);
        expect(await profiles.write([writeOf(1)])).toEqual([tokenOf(1)]);

        const found = await stored();
        expect(found).toMatchObject({ sequenceNumber: '0', profile: undefined });
        const listingRead = found?.listing?.text ?? '';
        expect(await profiles.write([writeOf(1, { readAt: '0', listingRead })])).toEqual([]);
        expect(Buffer.from((await stored())?.profile ?? []).equals(profileOf(1))).toBe(true);
      });

      test('the item is kept until the listing ends, though the profile would go before', async () => {
        await profiles.write([writeOf(1)]);
        await listings.change(tokenOf(1), () => put, NOW);

        const { Item } = await client().send(
          new GetItemCommand({ TableName: table, Key: { number: { S: tokenOf(1) } } }),
        );
        expect(Item?.expiresAt).toEqual({ N: String(CASE.until) });
      });

      test('taken off the list, it is as it was', async () => {
        await profiles.write([writeOf(1)]);
        await listings.change(tokenOf(1), () => put, NOW);
        await listings.change(tokenOf(1), () => ({ list: 'caseNumber' }), NOW);

        expect(await stored()).toEqual({
          sequenceNumber: sequenceNumberOf(1),
          profile: profileOf(1),
        });
        expect(await listings.read(tokenOf(2))).toEqual({
          listing: undefined,
          profile: undefined,
        });
      });

      test('many are changed together as each by itself would be', async () => {
        const indexes = range(0, 28);
        const entryOf = (i: number) => ({ weight: i + 2, at: NOW, until: 1_940_000_000 + i });
        await profiles.write(indexes.slice(0, 14).map((i) => writeOf(i)));
        await listings.change(tokenOf(1), () => put, NOW);

        const changes = indexes.map(
          (i) => [tokenOf(i), { list: 'clues', put: entryOf(i) }] as const,
        );
        await listings.changeEach(new Map(changes), NOW);

        const found = await profiles.read(indexes.map(tokenOf));
        for (const i of indexes) {
          const known = found.get(tokenOf(i));
          expect(known?.sequenceNumber).toBe(i < 14 ? sequenceNumberOf(1) : '0');
          expect(known?.profile === undefined).toBe(i >= 14);
          expect(known?.listing?.listing).toEqual({
            ...(i === 1 && { caseNumber: CASE }),
            clues: entryOf(i),
          });
        }
        const gone = indexes.map((i) => [tokenOf(i), { list: 'clues' }] as const);
        await listings.changeEach(new Map(gone), NOW);
        const after = await profiles.read(indexes.map(tokenOf));
        expect(after.get(tokenOf(0))?.listing).toBeUndefined();
        expect(after.get(tokenOf(1))?.listing?.listing).toEqual({ caseNumber: CASE });
      });

      test('of many who change several at once, none is lost', async () => {
        await Promise.all([
          listings.changeEach(new Map([[tokenOf(1), put]]), NOW),
          ...range(0, 4).map((i) =>
            listings.changeEach(
              new Map([
                [tokenOf(1), { list: 'allowed', put: { until: 1_900_000_000 + i } }],
                [tokenOf(2), { list: 'allowed', put: { until: 1_900_000_000 } }],
              ]),
              NOW,
            ),
          ),
        ]);

        const { listing } = await listings.read(tokenOf(1));
        expect(listing).toMatchObject({ caseNumber: CASE, allowed: {} });
      });

      test('of many who change it at once, none is lost', async () => {
        const counted = (listing: Listing | undefined): ListingChange => {
          const weight = (listing?.clues?.weight ?? 0) + 1;
          return { list: 'clues', put: { weight, at: NOW, until: 1_900_000_000 } };
        };
        await Promise.all(range(0, 5).map(() => listings.change(tokenOf(1), counted, NOW)));

        expect((await listings.read(tokenOf(1))).listing?.clues?.weight).toBe(5);
      });
    });

    test('of two writers that read the same watermark, one wins each number', async () => {
      const contested = range(0, 50);
      await profiles.write(contested.map((i) => writeOf(i)));
      const by = (ordinal: number) =>
        contested.map((i) =>
          writeOf(i, {
            readAt: sequenceNumberOf(1),
            sequenceNumber: sequenceNumberOf(ordinal),
          }),
        );

      const [lostByFirst, lostBySecond] = await Promise.all([
        profiles.write(by(2)),
        profiles.write(by(3)),
      ]);

      expect([...lostByFirst, ...lostBySecond].sort()).toEqual(tokensOf(contested));
      const stored = await profiles.read(contested.map(tokenOf));
      const expected = (number: string) => sequenceNumberOf(lostByFirst.includes(number) ? 3 : 2);
      for (const [number, { sequenceNumber }] of stored) {
        expect(sequenceNumber).toBe(expected(number));
      }
    });
  });
}
