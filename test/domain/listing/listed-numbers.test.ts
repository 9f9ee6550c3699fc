import { describe, expect, it } from 'vitest';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import type { Exposure } from '../../../lib/domain/exposure.ts';
import type { Listing } from '../../../lib/domain/listing/listing.ts';
import { createLegFolder } from '../../../lib/domain/profile/fold-legs.ts';
import { createDecider } from '../../../lib/domain/subject/decide.ts';
import type { SubjectState } from '../../../lib/domain/subject/subject-state.ts';
import { CALLER, exposureOf, legOf, legsInRow, MORNING, SUBJECT, tokenOf } from '../factories.ts';
import { NERVOUS_POLICY } from '../risky-policy.ts';

const POLICY = loadDefaultPolicy();
const DAY = 86_400;
const CASE_NUMBER: Listing = {
  caseNumber: { kind: 'loan', at: MORNING, until: MORNING + 90 * DAY, reference: 'A-17' },
};
const fold = createLegFolder(POLICY);
const decide = createDecider(POLICY);
const nameOf = (subject: string, what: string, ordinal: number) => `${what} ${subject} ${ordinal}`;
const listed = (changes: Partial<Exposure> = {}): Exposure => {
  const [exposure] = fold(undefined, CALLER, [legOf()], CASE_NUMBER).exposures;
  if (exposure === undefined) throw new Error('no exposure');
  return { ...exposure, subject: SUBJECT, ...changes };
};

describe('a call with a case number', () => {
  it('is an exposure from the first one on, whichever of the two called', () => {
    const calls = [legOf({ call: 1 }), legOf({ call: 2, originating: false })];

    const { exposures, findings } = fold(undefined, CALLER, calls, CASE_NUMBER);

    expect(exposures).toMatchObject([
      { call: 1, subject: tokenOf(1), caller: CALLER, side: 'list' },
      { call: 2, subject: tokenOf(1), caller: CALLER, side: 'list' },
    ]);
    expect(exposures[0]?.finding).toMatchObject({
      at: MORNING,
      kind: 'loan',
      points: POLICY.lists.caseNumber.points,
      reasons: [{ id: 'case-number', points: POLICY.lists.caseNumber.points }],
      policyVersion: POLICY.version,
    });
    expect(findings).toEqual([]);
  });

  it.each([
    ['made before the days that count', legOf({ start: MORNING - 31 * DAY })],
    ['made after the entry has ended', legOf({ start: MORNING + 90 * DAY })],
    ['with a service number', legOf({ counterpartIsService: true })],
  ])('is none when it was %s', (_, leg) => {
    expect(fold(undefined, CALLER, [leg], CASE_NUMBER).exposures).toEqual([]);
  });

  it('leaves the profile as it would be without the list', () => {
    const legs = legsInRow(30);
    expect(fold(undefined, CALLER, legs, CASE_NUMBER).profile).toEqual(
      fold(undefined, CALLER, legs).profile,
    );
  });

  it('warns after the shortest of calls, at the tier of the policy', () => {
    const decision = decide(undefined, [listed({ duration: 8 })], nameOf);

    expect(decision.warnings).toMatchObject([
      { kind: 'loan', tier: 'high', decidedAt: MORNING, finding: { side: 'list', caller: CALLER } },
    ]);
    expect(decision.cases).toHaveLength(1);
    const [warning] = decision.warnings;
    expect(warning?.terms[0]).toEqual({ id: 'case-number', points: 14 });
    expect(warning?.terms.reduce((sum, { points }) => sum + points, 0)).toBe(warning?.points);
  });

  it('warns nobody who did not pick up', () => {
    expect(decide(undefined, [listed({ answered: false })], nameOf).warnings).toEqual([]);
  });

  it('that is weeks old counts as of the day on which the number came to be known for one', () => {
    const recent = exposureOf({ call: 7, caller: tokenOf(9), start: MORNING - 3_600 });
    const before = decide(undefined, [recent], nameOf);
    expect(before.warnings).toEqual([]);

    const old = listed({ call: 8, start: MORNING - 20 * DAY });
    const after = decide(before.state, [old], nameOf);

    expect(after.warnings).toMatchObject([{ caller: CALLER, decidedAt: MORNING }]);
    expect(decide(undefined, [recent, old], nameOf).state).toEqual(after.state);
    expect(decide(undefined, [old, recent], nameOf).state).toEqual(after.state);
  });

  it('told of twice, brings one text', () => {
    const first = decide(undefined, [listed()], nameOf);
    const again = decide(first.state, [listed()], nameOf);
    expect(again).toMatchObject({ warnings: [], cases: [], duplicates: 1, state: first.state });
  });

  it('ends in the same state when the calls of an ordinary swindler come in between, in any order', () => {
    const all = [
      listed({ call: 1 }),
      exposureOf({ call: 1, start: MORNING, duration: 60 }),
      listed({ call: 2, start: MORNING + 600 }),
      exposureOf({ call: 3, caller: tokenOf(9), start: MORNING + 900 }),
    ];
    const stateOf = (order: readonly number[]) =>
      JSON.stringify(
        order.reduce<SubjectState | undefined>(
          (state, i) => decide(state, [all[i] as Exposure], nameOf).state,
          undefined,
        ),
      );
    const expected = stateOf([0, 1, 2, 3]);
    for (const order of [
      [3, 2, 1, 0],
      [1, 0, 3, 2],
      [2, 3, 0, 1],
    ]) {
      expect(stateOf(order)).toBe(expected);
    }
  });
});

describe('a number that is allowed', () => {
  const ALLOWED: Listing = { allowed: { until: MORNING + DAY } };
  const nervous = createLegFolder(NERVOUS_POLICY);

  it('is not found and exposes nobody while that holds', () => {
    expect(nervous(undefined, CALLER, legsInRow(6)).exposures.length).toBeGreaterThan(0);

    const { exposures, findings } = nervous(undefined, CALLER, legsInRow(6), ALLOWED);
    expect({ exposures, findings }).toEqual({ exposures: [], findings: [] });
  });

  it('exposes nobody by a finding of before', () => {
    const found = nervous(undefined, CALLER, legsInRow(6)).profile;
    const next = legOf({ call: 99, start: MORNING + 800, counterpart: tokenOf(80) });
    expect(nervous(found, CALLER, [next]).exposures).toHaveLength(1);
    expect(nervous(found, CALLER, [next], ALLOWED).exposures).toEqual([]);
  });

  it('is judged again afterwards', () => {
    const later = legsInRow(6).map((leg) => ({ ...leg, start: leg.start + DAY }));
    expect(nervous(undefined, CALLER, later, ALLOWED).findings.length).toBeGreaterThan(0);
  });

  it('is held for one even where it is a case number', () => {
    const both = { ...CASE_NUMBER, ...ALLOWED };
    expect(fold(undefined, CALLER, [legOf()], both).exposures).toEqual([]);
  });
});

describe('clues and the study', () => {
  const lists = {
    ...POLICY.lists,
    clues: { ...POLICY.lists.clues, behaviourAtLeast: 0.5, pointsAtMost: 1 },
    study: { ...POLICY.lists.study, behaviourAtLeast: 0.5, pointsAtMost: 1 },
  };
  const policy = { ...NERVOUS_POLICY, lists };
  const raised = { ...policy, scoring: { ...policy.scoring, riskyAt: 2.5 } };
  const nervous = createLegFolder(raised);
  const until = MORNING + 30 * DAY;
  const CLUES: Listing = { clues: { weight: 40, at: MORNING, until } };
  const STUDY: Listing = {
    study: { points: 9, kind: 'romance-investment', until, reference: 'day 3' },
  };

  it.each([
    ['clues', CLUES],
    ['study', STUDY],
  ])('find a caller whose own calls nearly do, and say so: %s', (id, listing) => {
    expect(nervous(undefined, CALLER, legsInRow(6)).findings).toEqual([]);

    const [found] = nervous(undefined, CALLER, legsInRow(6), listing).findings;

    expect(found?.terms).toContainEqual({ id, points: 1 });
    expect(found?.points).toBe(found?.terms.reduce((sum, { points }) => sum + points, 0));
    expect(found?.finding.reasons).toContainEqual({ id, points: 1 });
  });

  it('of the study expose people; clues do not, whatever their weight', () => {
    expect(nervous(undefined, CALLER, legsInRow(6), STUDY).exposures.length).toBeGreaterThan(2);
    expect(nervous(undefined, CALLER, legsInRow(6), CLUES).exposures).toEqual([]);
  });

  it('kept for people to look into, is found once, and by its own calls as if clues were not there', () => {
    const quick = createLegFolder(policy);
    const risky = legsInRow(30);
    const slow = risky.slice(0, 6);
    const { findings, profile } = nervous(undefined, CALLER, risky, CLUES);
    expect(findings).toHaveLength(1);
    const alone = nervous(undefined, CALLER, slow).profile;
    const suspected = nervous(undefined, CALLER, slow, CLUES).profile;
    const next = legOf({ call: 99, start: MORNING + 800, counterpart: tokenOf(80) });
    expect(quick(suspected, CALLER, [next], CLUES).exposures).toEqual(
      quick(alone, CALLER, [next]).exposures,
    );
    expect(profile).not.toEqual(nervous(undefined, CALLER, risky).profile);
  });

  it('find nobody who makes too few calls, or whose calls do not speak against him', () => {
    const both = { ...CLUES, ...STUDY };
    expect(nervous(undefined, CALLER, legsInRow(2), both).findings).toEqual([]);
    const talks = legsInRow(6, 120, { counterpart: tokenOf(3) });
    expect(nervous(undefined, CALLER, talks, both).findings).toEqual([]);
  });

  it('fade: months later the same clues find nobody', () => {
    const later = legsInRow(6).map((leg) => ({ ...leg, start: leg.start + 120 * DAY }));
    const clues: Listing = { clues: { weight: 40, at: MORNING, until: MORNING + 365 * DAY } };
    expect(nervous(undefined, CALLER, later, clues).findings).toEqual([]);
  });
});
