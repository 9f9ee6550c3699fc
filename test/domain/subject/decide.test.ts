import { describe, expect, it } from 'vitest';
import type { Exposure } from '../../../lib/domain/exposure.ts';
import type { Policy } from '../../../lib/domain/policy.ts';
import { fraudProbability } from '../../../lib/domain/scorecard.ts';
import {
  caseOfWarning,
  createDecider,
  type Decision,
  highestTier,
  type NameDecisions,
} from '../../../lib/domain/subject/decide.ts';
import {
  EXPOSURES_KEPT,
  NEW_SUBJECT,
  type SubjectState,
  withCaseByHand,
} from '../../../lib/domain/subject/subject-state.ts';
import { CALLER, exposureOf, findingOf, MORNING, SUBJECT, tokenOf } from '../factories.ts';
import { WEIGHING_POLICY as POLICY, policyWith } from './weighing-policy.ts';

const nameOf: NameDecisions = (_, what, ordinal) => `${what}-${ordinal}`;
const on = (
  exposures: readonly Exposure[],
  stored?: SubjectState,
  policy: Policy = POLICY,
): Decision => createDecider(policy)(stored, exposures, nameOf);

const HOUR = 3_600;
const DAY = 86_400;
const at = (seconds: number, changes: Partial<Exposure> = {}): Exposure =>
  exposureOf({
    call: 10 + seconds,
    start: MORNING + seconds,
    finding: findingOf({ at: MORNING + seconds - 600 }),
    ...changes,
  });
/** A call of 20 seconds from a caller of so many points. */
const weighing = (points: number, seconds = 0, changes: Partial<Exposure> = {}): Exposure =>
  at(seconds, {
    duration: 20,
    finding: findingOf({ at: MORNING + seconds - 600, points }),
    ...changes,
  });
/** A call whose circumstances speak against it, whoever its caller is. */
const circumstance = (points: number, seconds = 0, changes: Partial<Exposure> = {}): Exposure =>
  at(seconds, {
    side: 'subject',
    caller: tokenOf(9),
    finding: findingOf({
      at: MORNING + seconds,
      points,
      kind: 'impersonating-police',
      reasons: [{ id: 'first-call-from-abroad', points }],
    }),
    ...changes,
  });
const tierOf = (decision: Decision) => decision.state.episode?.tier;
const sumOf = (terms: readonly { readonly points: number }[]) =>
  terms.reduce((sum, { points }) => sum + points, 0);

describe('the tier of a subject', () => {
  it.each([
    ['one call', [at(0)], 'low'],
    ['one call that goes on', [at(0, { duration: undefined, answered: undefined })], 'low'],
    ['one call of 9 minutes', [at(0, { duration: 9 * 60 })], 'low'],
    ['one call of 10 minutes', [at(0, { duration: 10 * 60 })], 'medium'],
    ['one call of 30 minutes', [at(0, { duration: 30 * 60 })], 'high'],
    ['two calls at once', [at(0), at(60)], 'medium'],
    ['two calls within the time that a text needs', [at(0), at(120)], 'medium'],
    ['a call after the warning', [at(0), at(121)], 'high'],
    ['two missed calls', [at(0, { answered: false }), at(600, { answered: false })], undefined],
    ['a missed call after the warning', [at(0), at(600, { answered: false, duration: 0 })], 'low'],
  ] as const)('is for %s: %s', (_, exposures, tier) => {
    const decision = on(exposures);
    const expected = tier === undefined ? 0 : 1;
    expect(decision.warnings).toHaveLength(expected);
    if (tier !== undefined) expect(tierOf(decision)).toBe(tier);
    expect(decision.cases.length).toBe(tier === undefined || tier === 'low' ? 0 : 1);
  });

  it('never falls within an episode', () => {
    const high = on([at(0, { duration: 31 * 60 })]);
    expect(tierOf(on([at(60, { duration: 1 })], high.state))).toBe('high');
    expect(highestTier('low', 'urgent')).toBe('urgent');
    expect(highestTier('high', 'medium')).toBe('high');
  });

  it('counts calls to people whose caller was found out later from when he was', () => {
    const foundLater = { finding: findingOf({ at: MORNING + 5_000 }) };
    const decision = on([at(0, foundLater), at(3_000, foundLater)]);
    expect(tierOf(decision)).toBe('medium');
    expect(decision.warnings[0]?.decidedAt).toBe(MORNING + 5_000);
  });
});

describe('a warning', () => {
  it('goes out for the first exposure that weighs enough, with every term of its sum', () => {
    const { warnings } = on([at(0)]);
    expect(warnings).toEqual([
      {
        id: 'warning-1',
        subject: SUBJECT,
        caller: at(0).caller,
        caseId: 'case-1',
        kind: 'loan',
        tier: 'low',
        decidedAt: MORNING,
        points: 3.5,
        probability: fraudProbability(3.5, 0.5, 0.002),
        terms: [{ id: 'caller', points: 3.5 }],
        facts: { calls: 1, minutes: 1, longestMinutes: 1, callers: 1, callsAfterTheWarning: 0 },
        finding: { caller: CALLER, foundAt: MORNING - 600, track: 'live', side: 'caller' },
        reasons: [{ id: 'calls-strangers', points: 2 }],
        policyVersion: POLICY.version,
        arrivedAt: at(0).arrivedAt,
      },
    ]);
  });

  it('takes no more from what is known of a caller than the policy lets it', () => {
    const { warnings } = on([at(0, { finding: findingOf({ at: MORNING, points: 9.25 }) })]);
    expect(warnings[0]).toMatchObject({ points: 6, terms: [{ id: 'caller', points: 6 }] });
  });

  it('goes out once in an episode, however many calls follow', () => {
    const first = on([at(0)]);
    const second = on([at(60), at(700), at(9_000)], first.state);
    expect(second.warnings).toEqual([]);
  });

  it('waits for a call that is picked up', () => {
    const missed = on([at(0, { answered: false, duration: 0 })]);
    expect(missed.warnings).toEqual([]);
    expect(on([at(60)], missed.state).warnings).toHaveLength(1);
  });

  it('goes out again in the next episode, after a quiet day', () => {
    const first = on([at(0)]);
    const next = on([at(DAY + 1)], first.state);
    expect(next.warnings.map((warning) => warning.id)).toEqual(['warning-2']);
    expect(next.state.episode).toMatchObject({ ordinal: 2, tier: 'low' });
  });

  it('is held back by the cooldown, and says so', () => {
    const foundLater = at(0, { finding: findingOf({ at: MORNING + 2 * HOUR }) });
    const first = on([foundLater]);
    const soon = on([at(DAY + 1)], first.state);
    expect(soon.warnings).toEqual([]);
    expect(soon.suppressed).toEqual(['cooldown']);
    expect(soon.state.warnings).toHaveLength(1);
  });

  it('is held back by the cap of texts in 30 days, and comes again after them', () => {
    const days = [0, 2, 4, 6, 33].map((day) => at(day * DAY));
    const found: (readonly string[])[] = [];
    let state: SubjectState | undefined;
    for (const exposure of days) {
      const decision = on([exposure], state);
      state = decision.state;
      found.push([...decision.warnings.map((warning) => warning.id), ...decision.suppressed]);
    }
    expect(found).toEqual([['warning-1'], ['warning-2'], ['warning-3'], ['cap'], ['warning-5']]);
  });
});

describe('the risk of an episode', () => {
  it.each<[string, readonly Exposure[], Record<string, number>]>([
    ['one call', [weighing(3)], { caller: 3 }],
    ['several calls', [0, 60, 120, 180].map((s) => weighing(3, s)), { caller: 3, calls: 0.75 }],
    [
      'calls of other weights: the weightiest counts',
      [weighing(3), weighing(5, 60), weighing(4, 120)],
      { caller: 5, calls: 0.25 },
    ],
    ['a long call', [weighing(3, 0, { duration: 300 })], { caller: 3, 'longest-call': 0.5 }],
    [
      'the longest of several calls',
      [weighing(3, 0, { duration: 300 }), weighing(3, 600, { duration: 300 })],
      { caller: 3, 'longest-call': 0.5, calls: 0.25 },
    ],
    [
      'two callers within two hours, as when one transfers to the other',
      [weighing(3), weighing(4, 2 * HOUR, { caller: tokenOf(5) })],
      { caller: 4, calls: 0.25, 'callers-in-concert': 1.5 },
    ],
    [
      'two callers further apart',
      [weighing(3), weighing(4, 2 * HOUR + 1, { caller: tokenOf(5) })],
      { caller: 4, calls: 0.25 },
    ],
    [
      'three callers, of whom never more than two within two hours',
      [
        weighing(3),
        weighing(3, 1.5 * HOUR, { caller: tokenOf(5) }),
        weighing(3, 3 * HOUR, { caller: tokenOf(6) }),
      ],
      { caller: 3, calls: 0.25, 'callers-in-concert': 1.5 },
    ],
    ['a call at night', [weighing(3, -4 * HOUR)], { caller: 3, hour: 0.125 }],
    ['a call late in the evening', [weighing(3, 12 * HOUR)], { caller: 3, hour: 0.25 }],
    [
      'a circumstance of a call from nobody known: its points on top of even odds',
      [circumstance(3.25)],
      { 'caller-unknown': 0, 'first-call-from-abroad': 3.25 },
    ],
    [
      'a circumstance of a risky call',
      [weighing(2), circumstance(1.25, 0, { call: weighing(2).call, caller: CALLER })],
      { caller: 2, 'first-call-from-abroad': 1.25 },
    ],
  ])('is for %s a sum of terms', (_, exposures, expected) => {
    const all = on(exposures, undefined, policyWith({ warnAt: sumOf(toTerms(expected)) }));
    expect(all.warnings).toHaveLength(1);
    const { terms = [], points } = all.warnings[0] ?? {};
    expect(terms).toEqual(toTerms(expected));
    expect(points).toBe(sumOf(terms));
    const above = policyWith({ warnAt: sumOf(toTerms(expected)) + 1e-9 });
    expect(on(exposures, undefined, above).warnings).toEqual([]);
  });

  it('weighs the care group that the register names, and guesses none', () => {
    const cared: SubjectState = { ...NEW_SUBJECT, careGroup: 'elderly' };
    expect(on([weighing(2.5)]).warnings).toEqual([]);
    const decision = on([weighing(2.5)], cared);
    expect(decision.warnings[0]?.terms).toEqual([
      { id: 'caller', points: 2.5 },
      { id: 'care-group', points: 0.5 },
    ]);
    expect(decision.state.careGroup).toBe('elderly');
    expect(on([weighing(2.5)], { ...NEW_SUBJECT, careGroup: 'unheard-of' }).warnings).toEqual([]);
  });

  it('is more pressing while the call goes on, which decides nothing', () => {
    const going = { duration: undefined, answered: undefined };
    expect(on([weighing(2.9, 0, going)]).warnings).toEqual([]);
    const policy = policyWith({ tierAt: { medium: 3.25 } });
    expect(on([weighing(3, 0, going)], undefined, policy)).toMatchObject({
      warnings: [
        {
          tier: 'low',
          points: 3.5,
          terms: [
            { id: 'caller', points: 3 },
            { id: 'on-the-line', points: 0.5 },
          ],
        },
      ],
      cases: [],
    });
    expect(on([weighing(3), weighing(3, 0, going)]).warnings[0]?.points).toBe(3);
  });

  it('is acted on once it weighs enough: neither a text nor a case before', () => {
    const light = on([weighing(2), weighing(2, 700, { duration: 1_800 })], undefined, {
      ...POLICY,
      subjects: { ...POLICY.subjects, warnAt: 3.5 },
    });
    expect(light).toMatchObject({ warnings: [], cases: [], suppressed: [] });
    expect(light.state.episode).toEqual({ ordinal: 1, tier: 'low' });

    const heavier = on([weighing(2.5, 5_000)], light.state);
    expect(heavier.warnings).toMatchObject([{ id: 'warning-1', tier: 'high', points: 3.75 }]);
    expect(heavier.cases).toMatchObject([{ id: 'case-1', tier: 'high', points: 3.75 }]);
  });

  it('counts from when it weighed enough, which is known afterwards as well', () => {
    const { warnings, state } = on([weighing(2.75), weighing(2.75, 600), weighing(2.75, 9_000)]);
    expect(warnings[0]?.decidedAt).toBe(MORNING + 600);
    expect(state.episode).toMatchObject({ warnedAt: MORNING + 600, tier: 'high' });
    const byMinutes = on([weighing(2.5, 0, { duration: 240 })]);
    expect(byMinutes.warnings[0]?.decidedAt).toBe(MORNING + 240);
  });

  it('names the weightiest call to the person, the newest of equals', () => {
    const other = tokenOf(5);
    const { warnings, cases } = on([
      weighing(2, 0, { caller: other }),
      weighing(2.9, 60),
      weighing(2, 120, { caller: other }),
    ]);
    expect(warnings[0]).toMatchObject({ caller: CALLER, finding: { caller: CALLER } });
    expect(cases[0]?.finding).toEqual({
      caller: CALLER,
      foundAt: MORNING + 60 - 600,
      track: 'live',
      side: 'caller',
    });
    const equal = on([weighing(2.75), weighing(2.75, 60, { caller: other })]);
    expect(equal.warnings[0]?.caller).toBe(other);
  });

  it("shows a call's own kind and number when its circumstances speak against it", () => {
    expect(on([circumstance(3.5)]).warnings).toMatchObject([
      {
        caller: tokenOf(9),
        kind: 'impersonating-police',
        finding: { caller: tokenOf(9), foundAt: MORNING, track: 'live', side: 'subject' },
      },
    ]);
  });

  it('raises the tier by points where the policy says so', () => {
    const policy = policyWith({ tierAt: { medium: 4, urgent: 6 } });
    expect(tierOf(on([weighing(3.9)], undefined, policy))).toBe('low');
    expect(on([weighing(4)], undefined, policy).cases).toMatchObject([{ tier: 'medium' }]);
    expect(tierOf(on([weighing(6)], undefined, policy))).toBe('urgent');
  });
});

function toTerms(points: Readonly<Record<string, number>>) {
  return Object.entries(points).map(([id, value]) => ({ id, points: value }));
}

describe('a case', () => {
  it('opens with its tier and the ladder of the policy', () => {
    const { cases } = on([at(0), at(60)]);
    expect(cases).toMatchObject([
      {
        id: 'case-1',
        tier: 'medium',
        ladder: POLICY.ladder,
        kind: 'loan',
        terms: [
          { id: 'caller', points: 3.5 },
          { id: 'calls', points: 0.25 },
        ],
        points: 3.75,
        facts: { calls: 2, minutes: 2, longestMinutes: 1, callers: 1, callsAfterTheWarning: 0 },
      },
    ]);
    expect(on([at(0, { duration: 31 * 60 })]).cases[0]?.tier).toBe('high');
  });

  it('is opened once and raised when the tier rises', () => {
    const opened = on([at(0), at(60)]);
    const raised = on([at(700)], opened.state);
    expect(raised.cases).toEqual([]);
    expect(raised.raised).toEqual([{ caseId: 'case-1', tier: 'high' }]);
    expect(on([at(800)], raised.state).raised).toEqual([]);
  });

  it('is another one in another episode', () => {
    const first = on([at(0), at(60)]);
    const second = on([at(3 * DAY), at(3 * DAY + 60)], first.state);
    expect(second.cases.map((one) => one.id)).toEqual(['case-2']);
  });

  it('that was opened by hand hears of an episode whose own one is closed', () => {
    const first = on([at(0), at(60)]);
    const until = MORNING + 9 * DAY;
    const state = withCaseByHand(first.state, { id: 'by-hand', until });
    expect(on([at(700)], state)).toMatchObject({
      cases: [],
      exposed: [{ caseId: 'by-hand', calls: 1 }],
      raised: [{ caseId: 'by-hand', tier: 'high' }],
    });
    const later = on([at(3 * DAY), at(3 * DAY + 60)], state);
    expect(later.cases).toMatchObject([{ id: 'case-2', follows: 'by-hand' }]);
    const stays = on([at(9 * DAY - 60), at(9 * DAY - 30)], state);
    expect(stays.cases).toMatchObject([{ follows: 'by-hand' }]);
  });

  it('that was opened by hand leaves an episode without one to itself', () => {
    const first = on([at(0)]);
    const state = withCaseByHand(first.state, { id: 'by-hand', until: MORNING + DAY });
    expect(on([at(60)], state)).toMatchObject({
      cases: [{ id: 'case-1', follows: 'by-hand' }],
      exposed: [{ caseId: 'by-hand', calls: 1 }],
    });
  });

  it('names the one before, whether calls open it or a text that reaches nobody', () => {
    const first = on([at(0), at(60)]);
    const { cases, warnings } = on([at(3 * DAY), at(3 * DAY + 60)], first.state);
    const [warning] = warnings;
    expect(cases[0]?.follows).toBe('case-1');
    expect(warning && caseOfWarning(warning, POLICY)).toMatchObject({
      id: 'case-2',
      follows: 'case-1',
    });
    expect(on([at(0)]).warnings[0]).not.toHaveProperty('follows');
  });
});

describe('what is already known', () => {
  it('changes nothing when it comes again', () => {
    const once = on([at(0), at(60)]);
    const again = on([at(0), at(60)], once.state);
    expect(again).toMatchObject({ applied: 0, duplicates: 2, warnings: [], cases: [], raised: [] });
    expect(again.state).toEqual(once.state);
  });

  it('is completed by the end of the call, in either order', () => {
    const started = at(0, { duration: undefined, answered: true });
    const ended = at(0, { duration: 660 });
    const inOrder = on([ended], on([started]).state);
    expect(inOrder.state).toEqual(on([started], on([ended]).state).state);
    expect(inOrder.cases).toHaveLength(1);
    expect(inOrder.state.exposures).toHaveLength(1);
  });

  it('keeps the weightiest finding on a call that was exposed twice, and when it was first', () => {
    const twice = [
      weighing(3, 0, { finding: findingOf({ at: MORNING + 50, points: 3.25 }) }),
      weighing(3, 0, { finding: findingOf({ at: MORNING + 900, points: 4, kind: 'other' }) }),
    ];
    const finding = { foundAt: MORNING + 50, at: MORNING + 900, points: 4, kind: 'other' };
    expect(on(twice).state.exposures).toMatchObject([{ finding }]);
    expect(on(twice.toReversed()).state).toEqual(on(twice).state);
  });

  it('is forgotten beyond the newest, and older news is refused from then on', () => {
    const many = Array.from({ length: EXPOSURES_KEPT + 5 }, (_, i) => at(i * 60));
    const { state } = on(many);
    expect(state.exposures).toHaveLength(EXPOSURES_KEPT);
    expect(state.floor).toBe(MORNING + 4 * 60);
    expect(on(many.slice(0, 5), state)).toMatchObject({ applied: 0, duplicates: 5 });
  });

  it('fits into an item with everything that is kept', () => {
    const many = Array.from({ length: 200 }, (_, i) => at(i * 60, { caller: tokenOf(i) }));
    expect(JSON.stringify(on(many).state).length).toBeLessThan(16 * 1024);
  });
});
