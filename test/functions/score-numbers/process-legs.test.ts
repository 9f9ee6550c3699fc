import { describe, expect, test } from 'vitest';
import { TableError } from '../../../functions/adapters/errors.ts';
import type { ProfileStore } from '../../../functions/adapters/profiles-table.ts';
import { type LegCounts, processLegs } from '../../../functions/score-numbers/process-legs.ts';
import type { Exposure } from '../../../lib/domain/exposure.ts';
import type { Leg } from '../../../lib/domain/leg.ts';
import { type Listing, listingText } from '../../../lib/domain/listing/listing.ts';
import { createLegFolder } from '../../../lib/domain/profile/fold-legs.ts';
import { FrameError, packLegs, unpackExposures } from '../../../lib/wire/frames.ts';
import { CALLER, legOf, legsInRow, MORNING, tokenOf } from '../../domain/factories.ts';
import { NERVOUS_POLICY } from '../../domain/risky-policy.ts';
import { InMemoryProfiles, kinesisRecord } from '../../support/in-memory-pipeline.ts';

const fold = createLegFolder(NERVOUS_POLICY);
const RETENTION_SECONDS = 1_000;

/** One record per leg, numbered from `first`: sequence numbers grow a digit on the way. */
const recordsOf = (legs: readonly Leg[], first = 95) =>
  legs.map((leg, i) =>
    kinesisRecord(packLegs([leg])[0]?.data ?? Buffer.alloc(0), String(first + i)),
  );

function surroundings(profiles: ProfileStore = new InMemoryProfiles()) {
  const effects: string[] = [];
  const exposures: Exposure[] = [];
  const counts: LegCounts[] = [];
  const watched: ProfileStore = {
    read: (numbers) => profiles.read(numbers),
    write: (writes) => {
      if (writes.length > 0) effects.push('profiles');
      return profiles.write(writes);
    },
  };
  const take = (records: ReturnType<typeof recordsOf>) =>
    processLegs({ Records: records }, fold, RETENTION_SECONDS, {
      profiles: watched,
      putExposures: async (frames) => {
        if (frames.length > 0) effects.push('exposures');
        exposures.push(...frames.flatMap((frame) => unpackExposures(frame.data)));
      },
      keepFindings: async () => {},
      count: (one) => counts.push({ ...one }),
    });
  return { take, effects, exposures, counts };
}

describe('a batch of legs', () => {
  test('is folded into the profiles of its numbers', async () => {
    const profiles = new InMemoryProfiles();
    const other = tokenOf(500);
    const legs = [...legsInRow(4), ...legsInRow(3, 120, { number: other })];

    const { take, counts } = surroundings(profiles);
    expect(await take(recordsOf(legs))).toEqual({ batchItemFailures: [] });

    expect(profiles.items.get(CALLER)).toEqual({
      sequenceNumber: '98',
      profile: fold(undefined, CALLER, legsInRow(4)).profile,
    });
    expect(profiles.items.get(other)?.sequenceNumber).toBe('101');
    expect(counts).toMatchObject([{ applied: 7, duplicates: 0, redelivered: 0 }]);
  });

  test('sends its exposures before it writes its profiles', async () => {
    const { take, effects, exposures } = surroundings();
    await take(recordsOf(legsInRow(6)));
    expect(effects).toEqual(['exposures', 'profiles']);
    expect(new Set(exposures.map((exposure) => exposure.caller))).toEqual(new Set([CALLER]));
    expect(exposures.length).toBeGreaterThan(2);
  });

  test('changes nothing when it is delivered again', async () => {
    const profiles = new InMemoryProfiles();
    const { take, counts, effects } = surroundings(profiles);
    const records = recordsOf(legsInRow(20));
    await take(records);
    const before = new Map(profiles.items);
    effects.length = 0;

    await take(records);

    expect(profiles.items).toEqual(before);
    expect(effects).toEqual([]);
    expect(counts[1]).toMatchObject({ applied: 0, redelivered: 20, exposures: 0 });
  });

  test('applies only what stands above the watermark, over the change from 99 to 100', async () => {
    const profiles = new InMemoryProfiles();
    const { take, counts } = surroundings(profiles);
    const records = recordsOf(legsInRow(10));
    await take(records.slice(0, 4));
    await take(records);
    expect(counts.map(({ applied, redelivered }) => [applied, redelivered])).toEqual([
      [4, 0],
      [6, 4],
    ]);
    expect(Buffer.from(profiles.items.get(CALLER)?.profile ?? [])).toEqual(
      fold(undefined, CALLER, legsInRow(10)).profile,
    );
  });

  test('is folded again for the numbers whose watermark moved meanwhile, and for those only', async () => {
    const profiles = new InMemoryProfiles();
    const legs = legsInRow(6);
    const mine = recordsOf(legs.slice(3), 98);
    let raced = false;
    const racing: ProfileStore = {
      read: (numbers) => profiles.read(numbers),
      async write(writes) {
        if (!raced) {
          raced = true;
          await surroundings(profiles).take(recordsOf(legs.slice(0, 3)));
        }
        return profiles.write(writes);
      },
    };
    const { take, counts } = surroundings(racing);

    await take([...mine, ...recordsOf([legOf({ number: tokenOf(900), call: 9 })], 110)]);

    expect(Buffer.from(profiles.items.get(CALLER)?.profile ?? [])).toEqual(
      fold(undefined, CALLER, legs).profile,
    );
    expect(counts).toMatchObject([{ applied: 4, duplicates: 0 }]);
  });

  test('is given back when its numbers keep changing', async () => {
    const never: ProfileStore = {
      read: async () => new Map(),
      write: async (writes) => writes.map((write) => write.number),
    };
    const { take, counts } = surroundings(never);
    await expect(take(recordsOf(legsInRow(2)))).rejects.toThrow(TableError);
    expect(counts).toEqual([]);
  });

  test('writes nothing when its exposures are not taken', async () => {
    const profiles = new InMemoryProfiles();
    const failed = processLegs({ Records: recordsOf(legsInRow(6)) }, fold, RETENTION_SECONDS, {
      profiles,
      putExposures: async () => {
        throw new Error('throttled');
      },
      keepFindings: async () => {},
      count: () => {},
    });
    await expect(failed).rejects.toThrow('throttled');
    expect(profiles.items.size).toBe(0);
  });

  test('expires each profile after the last of its legs arrived', async () => {
    const expiries: number[] = [];
    const { take } = surroundings({
      read: async () => new Map(),
      write: async (writes) => {
        expiries.push(...writes.map((write) => write.expiresAt));
        return [];
      },
    });
    const [first, second] = legsInRow(2);
    if (first === undefined || second === undefined) throw new Error('no legs');
    await take(
      recordsOf([
        { ...first, arrivedAt: 9_000_500 },
        { ...second, arrivedAt: 8_000_500 },
      ]),
    );
    expect(expiries).toEqual([9_000 + RETENTION_SECONDS]);
  });

  describe('of a number on a list', () => {
    const until = MORNING + 400 * 86_400;
    const listing: Listing = {
      caseNumber: { kind: 'loan', at: MORNING, until, reference: 'A-1' },
    };
    const stored = { listing, text: listingText(listing) };

    test('is an exposure by the list, and leaves the listing as it is', async () => {
      const profiles = new InMemoryProfiles();
      profiles.items.set(CALLER, { sequenceNumber: '0', profile: undefined, listing: stored });

      const { exposures, take } = surroundings(profiles);
      await take(recordsOf([legOf()]));

      expect(exposures).toMatchObject([{ side: 'list', caller: CALLER, subject: tokenOf(1) }]);
      expect(profiles.items.get(CALLER)).toMatchObject({ sequenceNumber: '95', listing: stored });
    });

    test('that was put there while the batch was folded, is folded again by it', async () => {
      const profiles = new InMemoryProfiles();
      profiles.items.set(CALLER, { sequenceNumber: '0', profile: undefined });
      let raced = false;
      const { exposures, take, counts } = surroundings({
        read: (numbers) => profiles.read(numbers),
        async write(writes) {
          const item = profiles.items.get(CALLER);
          if (!raced && item !== undefined)
            profiles.items.set(CALLER, { ...item, listing: stored });
          raced = true;
          return profiles.write(writes);
        },
      });

      await take(recordsOf([legOf()]));

      expect(exposures).toMatchObject([{ side: 'list' }]);
      expect(counts).toMatchObject([{ applied: 1, exposures: 1 }]);
    });

    test('is kept as long as the list says, though the profile would go before', async () => {
      const profiles = new InMemoryProfiles();
      profiles.items.set(CALLER, { sequenceNumber: '0', profile: undefined, listing: stored });
      const expiries: number[] = [];
      const { take } = surroundings({
        read: (numbers) => profiles.read(numbers),
        write: async (writes) => {
          expiries.push(...writes.map((write) => write.expiresAt));
          return [];
        },
      });
      await take(recordsOf([legOf({ arrivedAt: MORNING * 1000 })]));
      expect(expiries).toEqual([until]);
    });
  });

  test('fails as a whole with a record that is no frame', async () => {
    const { take } = surroundings();
    await expect(take([kinesisRecord('{}', '1')])).rejects.toThrow(FrameError);
  });
});
