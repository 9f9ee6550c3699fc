import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { FRAUD_KINDS } from '../../../lib/domain/fraud-kind.ts';
import {
  addedByClues,
  addedByStudy,
  pointsOfWeight,
} from '../../../lib/domain/listing/added-points.ts';
import {
  changeListing,
  endOfListing,
  LISTS,
  type Listing,
  type ListingChange,
  ListingError,
  listingText,
  readListing,
} from '../../../lib/domain/listing/listing.ts';

const { lists } = loadDefaultPolicy();

const hundredths = (min: number, max: number) =>
  fc.integer({ min: min * 100, max: max * 100 }).map((one) => one / 100);
const time = fc.integer({ min: 1, max: 1_000 });
const kind = fc.constantFrom(...FRAUD_KINDS);
const reference = fc.string({ maxLength: 5 });
const put: fc.Arbitrary<ListingChange> = fc.oneof(
  fc.record({ kind, at: time, until: time, reference }).map((one) => ({
    list: 'caseNumber' as const,
    put: one,
  })),
  fc
    .record({ weight: hundredths(0, 40), at: time, until: time })
    .map((one) => ({ list: 'clues' as const, put: one })),
  fc
    .record({ points: hundredths(-5, 40), kind, until: time, reference })
    .map((one) => ({ list: 'study' as const, put: one })),
  fc.record({ until: time }).map((one) => ({ list: 'allowed' as const, put: one })),
);
const removal: fc.Arbitrary<ListingChange> = fc
  .constantFrom(...LISTS)
  .map((list) => ({ list }) as ListingChange);
const changes = fc.array(fc.tuple(fc.oneof(put, removal), time), { maxLength: 12 });

const foldAll = (list: readonly (readonly [ListingChange, number])[]) =>
  list.reduce<Listing | undefined>(
    (listing, [change, now]) => changeListing(listing, change, now),
    undefined,
  );

describe('a listing', () => {
  it('says of each list what was said last, unless that has ended or was taken off', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(put, removal), { maxLength: 12 }), time, (list, now) => {
        const listing = foldAll(list.map((change) => [change, now] as const));
        for (const name of LISTS) {
          const last = list.findLast((change) => change.list === name)?.put;
          expect(listing?.[name]).toEqual(
            last !== undefined && last.until > now ? last : undefined,
          );
        }
      }),
    );
  });

  it('is nothing at all where it has nothing to say, and else ends after now', () => {
    fc.assert(
      fc.property(changes, (list) => {
        const listing = foldAll(list);
        const now = list.at(-1)?.[1] ?? 0;
        if (listing === undefined) return;
        expect(Object.keys(listing).length).toBeGreaterThan(0);
        expect(endOfListing(listing)).toBeGreaterThan(now);
      }),
    );
  });

  it('is one text, whatever the order of its lists, and comes back from it', () => {
    fc.assert(
      fc.property(changes, (list) => {
        const listing = foldAll(list);
        if (listing === undefined) return;
        const turned = Object.fromEntries(Object.entries(listing).reverse()) as Listing;
        expect(listingText(turned)).toBe(listingText(listing));
        expect(readListing(listingText(listing))).toEqual(listing);
      }),
    );
  });

  it.each(['', '{}', '[["caseNumber",{}]]', '[["another",{"until":1}]]', '[["clues",null]]'])(
    'that reads %s was not written here',
    (text) => {
      expect(() => readListing(text)).toThrow(ListingError);
    },
  );
});

describe('what lists add to a score', () => {
  const points = hundredths(0, 9);
  const anyListing = fc.record({
    clues: fc.record({
      weight: hundredths(0, 40),
      at: time,
      until: time,
    }),
    study: fc.record({ points, kind, until: time, reference }),
  });
  const behaviour = hundredths(-10, 10);

  it('is nothing where the calls do not speak against the caller, and never more than the most', () => {
    let added = 0;
    fc.assert(
      fc.property(anyListing, behaviour, time, (listing, byCalls, at) => {
        const reasons = [
          addedByClues(listing, byCalls, at, lists),
          addedByStudy(listing, byCalls, at, lists),
        ].filter((reason) => reason !== undefined);
        added += reasons.length;
        for (const reason of reasons) {
          const { behaviourAtLeast, pointsAtMost } = lists[reason.id as 'clues' | 'study'];
          expect(byCalls).toBeGreaterThanOrEqual(behaviourAtLeast);
          expect(reason.points).toBeGreaterThan(0);
          expect(reason.points).toBeLessThanOrEqual(pointsAtMost);
        }
      }),
      { numRuns: 500 },
    );
    expect(added).toBeGreaterThan(20);
  });

  it('grows with the weight of clues, ever more slowly', () => {
    const weights = Array.from({ length: 60 }, (_, i) => i);
    const given = weights.map((weight) => pointsOfWeight(weight, lists.clues));
    const steps = given.slice(1).map((one, i) => one - (given[i] ?? 0));

    expect(given[1]).toBe(0);
    expect(given[2]).toBeGreaterThan(0);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...steps.slice(10))).toBeLessThan(Math.max(...steps.slice(0, 4)));
    expect(given.at(-1)).toBe(lists.clues.pointsAtMost);
  });
});
