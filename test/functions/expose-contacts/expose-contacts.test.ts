import { beforeEach, describe, expect, test } from 'vitest';
import {
  type ExposeContactsPorts,
  exposeContacts,
} from '../../../functions/expose-contacts/expose-contacts.ts';
import type { AnswerRow } from '../../../lib/archive/duckdb-archive.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import type { Exposure } from '../../../lib/domain/exposure.ts';
import { unpackExposures } from '../../../lib/wire/frames.ts';
import { tokenOf } from '../../domain/factories.ts';
import { InMemoryListings } from '../../support/in-memory-lists.ts';

const NOW = Date.UTC(2026, 10, 27, 4);
const AT = NOW / 1000;
const DAY = 86_400;
const NUMBER = tokenOf(99);
const POLICY = loadDefaultPolicy();

const rowOf = (call: number, contact: string, start: number): AnswerRow => ({
  call,
  number: NUMBER,
  contact,
  start,
  duration: 40,
  answered: true,
  international: false,
  found: 5,
});

const ROWS = [
  rowOf(1, tokenOf(1), AT - DAY),
  rowOf(2, tokenOf(2), AT - 20 * DAY),
  { ...rowOf(3, tokenOf(2), AT - 29 * DAY), duration: null, answered: null },
];

let listings: InMemoryListings;
let exposures: Exposure[];
let ports: ExposeContactsPorts;

beforeEach(() => {
  listings = new InMemoryListings();
  exposures = [];
  listings.listings.set(NUMBER, {
    caseNumber: { kind: 'loan', at: AT - 60, until: AT + DAY, reference: 'file 7' },
  });
  ports = {
    listings,
    policy: async () => POLICY,
    readAnswer: async (id) => (id === 'answer-1' ? ROWS : []),
    putExposures: async (frames) => {
      exposures.push(...frames.flatMap(({ data }) => unpackExposures(data)));
    },
    now: () => NOW,
  };
});

const expose = () => exposeContacts({ numbers: [NUMBER], asked: { id: 'answer-1' } }, ports);

describe('the contacts of a case number that the archive found', () => {
  test('are exposed by the calls themselves, with the finding of the list', async () => {
    expect(await expose()).toEqual({ onList: 1, calls: 3, people: 2, leftOut: 2 });
    expect(exposures).toHaveLength(3);
    for (const exposure of exposures) {
      expect(exposure).toMatchObject({
        caller: NUMBER,
        side: 'list',
        track: 'live',
        arrivedAt: NOW,
        finding: { at: AT - 60, kind: 'loan', points: POLICY.lists.caseNumber.points },
      });
    }
    expect(exposures.find(({ call }) => call === 3)).toMatchObject({
      subject: tokenOf(2),
      start: AT - 29 * DAY,
      duration: undefined,
      answered: undefined,
    });
  });

  test('are left alone when the number was taken off the list, or its entry has ended', async () => {
    listings.listings.delete(NUMBER);
    expect(await expose()).toMatchObject({ onList: 0, people: 0 });
    listings.listings.set(NUMBER, {
      caseNumber: { kind: 'loan', at: AT - DAY, until: AT, reference: 'file 7' },
    });
    expect(await expose()).toMatchObject({ onList: 0, people: 0 });
    expect(exposures).toEqual([]);
  });

  test('are none where the archive has no call of the number', async () => {
    const none = { numbers: [NUMBER], asked: { id: 'answer-2' } };
    expect(await exposeContacts(none, ports)).toEqual({
      onList: 1,
      calls: 0,
      people: 0,
      leftOut: 0,
    });
  });

  test('of several numbers are exposed to those that are on the list, each by its own entry', async () => {
    const [second, gone] = [tokenOf(98), tokenOf(97)];
    listings.listings.set(second, {
      caseNumber: { kind: 'romance-investment', at: AT - 5, until: AT + DAY, reference: 'file 8' },
    });
    const rows = [
      ...ROWS,
      { ...rowOf(4, tokenOf(2), AT - DAY), number: second },
      { ...rowOf(5, tokenOf(3), AT - DAY), number: gone },
    ].map((row) => ({ ...row, found: 5 }));
    const asked = { numbers: [NUMBER, second, gone], asked: { id: 'answer-1' } };

    const told = await exposeContacts(asked, { ...ports, readAnswer: async () => rows });

    expect(told).toEqual({ onList: 2, calls: 4, people: 2, leftOut: 0 });
    expect(exposures.map(({ call, caller }) => [call, caller])).toEqual(
      expect.arrayContaining([
        [1, NUMBER],
        [2, NUMBER],
        [3, NUMBER],
        [4, second],
      ]),
    );
    expect(exposures.find(({ call }) => call === 4)?.finding.kind).toBe('romance-investment');
  });
});
