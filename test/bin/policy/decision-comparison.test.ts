import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareDecisions } from '../../../bin/policy/decision-comparison.ts';
import type { RecordedDecision } from '../../../bin/policy/recorded-decisions.ts';

function decision(subject: string, more: Partial<RecordedDecision> = {}): RecordedDecision {
  return {
    what: 'warning',
    subject,
    caller: '1caller',
    kind: 'other',
    tier: 'low',
    decidedAt: 100,
    reasons: [],
    policyVersion: 1,
    ...more,
  };
}

it('tells who would have been warned by one policy only, by their first text', () => {
  const live = [
    decision('a', { decidedAt: 300 }),
    decision('b'),
    decision('a', { decidedAt: 200 }),
  ];
  const shadow = [decision('b'), decision('c')];
  const compared = compareDecisions(live, shadow);
  expect(compared.onlyLive).toEqual([decision('a', { decidedAt: 200 })]);
  expect(compared.onlyShadow).toEqual([decision('c')]);
  expect(compared.warned).toEqual({
    live: 3,
    shadow: 2,
    people: { both: 1, onlyLive: 1, onlyShadow: 1 },
  });
});

it('counts cases apart from texts', () => {
  const { cases, onlyLive, warned } = compareDecisions([decision('a', { what: 'case' })], []);
  expect(cases).toEqual({ live: 1, shadow: 0, people: { both: 0, onlyLive: 1, onlyShadow: 0 } });
  expect(warned.live).toBe(0);
  expect(onlyLive).toEqual([]);
});

it('puts everybody whom any policy warned into one of three groups', () => {
  const people = fc.array(
    fc.record({ subject: fc.constantFrom('a', 'b', 'c', 'd'), decidedAt: fc.nat() }),
  );
  fc.assert(
    fc.property(people, people, (ofLive, ofShadow) => {
      const of = (list: typeof ofLive) => list.map((one) => decision(one.subject, one));
      const { warned } = compareDecisions(of(ofLive), of(ofShadow));
      const { both, onlyLive, onlyShadow } = warned.people;
      const all = new Set([...ofLive, ...ofShadow].map(({ subject }) => subject));
      expect(both + onlyLive + onlyShadow).toBe(all.size);
      expect(both + onlyLive).toBe(new Set(ofLive.map(({ subject }) => subject)).size);
    }),
  );
});
