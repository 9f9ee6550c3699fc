import { describe, expect, it } from 'vitest';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import type { Exposure } from '../../../lib/domain/exposure.ts';
import {
  type Decision,
  decide,
  highestTier,
  type NameDecisions,
} from '../../../lib/domain/subject/decide.ts';
import { EXPOSURES_KEPT, type SubjectState } from '../../../lib/domain/subject/subject-state.ts';
import { exposureOf, findingOf, MORNING, SUBJECT, tokenOf } from '../factories.ts';

const POLICY = loadDefaultPolicy();
const nameOf: NameDecisions = (_, what, ordinal) => `${what}-${ordinal}`;
const on = (exposures: readonly Exposure[], stored?: SubjectState): Decision =>
  decide(stored, exposures, POLICY, nameOf);

const HOUR = 3_600;
const DAY = 86_400;
const at = (seconds: number, changes: Partial<Exposure> = {}): Exposure =>
  exposureOf({
    call: 10 + seconds,
    start: MORNING + seconds,
    finding: findingOf({ at: MORNING + seconds - 600 }),
    ...changes,
  });
const tierOf = (decision: Decision) => decision.state.episode?.tier;

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
  it('goes out for the first exposure, with its reasons', () => {
    const { warnings } = on([at(0)]);
    expect(warnings).toEqual([
      {
        id: 'warning-1',
        subject: SUBJECT,
        caller: at(0).caller,
        kind: 'loan',
        tier: 'low',
        decidedAt: MORNING,
        reasons: [
          { id: 'risky-calls', points: 1 },
          { id: 'calls-strangers', points: 2 },
        ],
        policyVersion: POLICY.version,
        arrivedAt: at(0).arrivedAt,
      },
    ]);
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

describe('a case', () => {
  it('opens with the tier, the queue and the due time of the policy', () => {
    const { cases } = on([at(0), at(60)]);
    expect(cases).toMatchObject([
      { id: 'case-1', tier: 'medium', queue: 'call-desk', dueSeconds: 1_800, kind: 'loan' },
    ]);
    expect(on([at(0, { duration: 31 * 60 })]).cases[0]?.dueSeconds).toBe(600);
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
