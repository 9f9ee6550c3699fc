import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findGroups, LINKED_AT, mayBeOfFarm } from '../../lib/study/farms.ts';
import { type HandsetUse, linkNumbers, type SharedContacts } from '../../lib/study/number-links.ts';
import type { Suspect } from '../../lib/study/suspect.ts';

const HOUR = 3_600;

function suspect(number: string, changes: Partial<Suspect> = {}): Suspect {
  return {
    ...{ number, made: 14, received: 1, talk: 2_000, contacts: 12, opened: 12, cameBack: 1 },
    ...{ reached: 8, keptLong: 1, held: 0, grown: 0, rung: 4, trapped: 0, heldTalk: 900 },
    ...{ longest: 900, trappedTalk: 0, firstCall: 0, lastCall: HOUR, active: true },
    ...{ international: false, days: 1, busiest: 14, today: 14, closed: 0 },
    ...changes,
  };
}

function use(number: string, handset: number, from = 0, until = from + HOUR): HandsetUse {
  return { number, handset, district: 510104, made: 5, firstCall: from, lastCall: until };
}

/** Numbers that have nothing to do with each other, of handsets of their own. */
function crowd(count: number): { suspects: Suspect[]; uses: HandsetUse[] } {
  const numbers = Array.from({ length: count }, (_, i) => `9stranger${i}`);
  return {
    suspects: numbers.map((number) => suspect(number)),
    uses: numbers.map((number, i) => ({ ...use(number, 1_000 + i), district: 510105 })),
  };
}

function groupsOf(
  suspects: readonly Suspect[],
  uses: readonly HandsetUse[],
  shared: readonly SharedContacts[] = [],
) {
  const links = linkNumbers(suspects, uses, shared, { people: 20_000, linkedAt: LINKED_AT });
  return findGroups(links, new Map(suspects.map((one) => [one.number, one])));
}

describe('numbers are linked', () => {
  test('by handsets that they take turns at, into one group however long the chain', () => {
    const others = crowd(300);
    const farm = Array.from({ length: 8 }, (_, i) =>
      suspect(`1farm${i}`, { firstCall: i * HOUR, lastCall: (i + 1) * HOUR - 60 }),
    );
    const uses = farm.flatMap(({ number }, i) => [
      use(number, 50 + i, i * HOUR, i * HOUR + 1_000),
      use(number, 51 + i, i * HOUR + 1_000, i * HOUR + 2_000),
    ]);
    const [group, ...rest] = groupsOf([...others.suspects, ...farm], [...others.uses, ...uses]);
    expect(group?.numbers).toEqual(farm.map(({ number }) => number));
    expect(group?.kind).toBe('farm');
    expect(rest).toEqual([]);
  });

  test('by people whom they dialled both, when chance would hardly have it', () => {
    const pair = [suspect('1a'), suspect('1b'), suspect('1c')];
    const shared = (count: number) => [
      { number: '1a', also: '1b', shared: count, sharedLong: 0 },
      { number: '1b', also: '1c', shared: count, sharedLong: 0 },
    ];
    const others = crowd(300);
    const find = (count: number) =>
      groupsOf([...others.suspects, ...pair], others.uses, shared(count));
    expect(find(1)).toEqual([]);
    expect(find(3)[0]?.numbers).toEqual(['1a', '1b', '1c']);
  });

  test('but not two relatives who call the same few people', () => {
    const others = crowd(300);
    const pair = ['1a', '1b'].map((number) => suspect(number, { contacts: 3, opened: 3 }));
    const shared = [{ number: '1a', also: '1b', shared: 3, sharedLong: 3 }];
    expect(groupsOf([...others.suspects, ...pair], others.uses, shared)).toEqual([]);
  });

  test('but two who happen to have handsets of one fingerprint are no group', () => {
    const others = crowd(300);
    const pair = [suspect('1a'), suspect('1b')];
    const uses = [use('1a', 7), use('1b', 7)];
    expect(groupsOf([...others.suspects, ...pair], [...others.uses, ...uses])).toEqual([]);
  });

  test('and among very many numbers one fingerprint in common binds nobody', () => {
    const others = crowd(30_000);
    const some = ['1a', '1b', '1c'].map((number) => suspect(number));
    const uses = some.map(({ number }) => ({ ...use(number, 1_500), district: 0 }));
    expect(groupsOf([...others.suspects, ...some], [...others.uses, ...uses])).toEqual([]);
  });

  test('in the same way in whatever order they come', () => {
    const farm = Array.from({ length: 6 }, (_, i) => suspect(`1farm${i}`));
    const uses = farm.flatMap(({ number }) => [use(number, 5), use(number, 6)]);
    const sorted = groupsOf(farm, uses);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(farm, { minLength: 6 }),
        fc.shuffledSubarray(uses, { minLength: 12 }),
        (numbers, shuffled) => {
          expect(groupsOf(numbers, shuffled)).toEqual(sorted);
        },
      ),
      { numRuns: 30 },
    );
  });
});

test('desks, couriers and people with a circle belong to no farm', () => {
  expect(mayBeOfFarm(suspect('1farm'))).toBe(true);
  expect(mayBeOfFarm(suspect('1courier', { contacts: 500, closed: undefined }))).toBe(false);
  expect(mayBeOfFarm(suspect('1desk', { cameBack: 8 }))).toBe(false);
  expect(mayBeOfFarm(suspect('1person', { closed: 8 }))).toBe(false);
});
