import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAUD_KINDS } from '../../../lib/domain/fraud-kind.ts';
import { STEPS } from '../../../lib/domain/ladder/ladder-policy.ts';
import {
  type Contact,
  meet,
  moneyEnd,
  type ScriptedCase,
  STAKE_MEDIANS,
  scriptOf,
} from '../../../lib/simulation/officers/person-script.ts';

const seeds = fc.integer({ min: 0, max: 2 ** 40 });
const cases: fc.Arbitrary<ScriptedCase> = fc.record({
  name: fc.string(),
  kind: fc.constantFrom(...FRAUD_KINDS),
  standing: fc.constantFrom('deceived', 'doubtful', 'not-concerned'),
});
const deceived = cases.map((one) => ({ ...one, standing: 'deceived' as const }));
const contacts: fc.Arbitrary<Contact> = fc.record({
  step: fc.constantFrom(...STEPS),
  attempt: fc.integer({ min: 1, max: 6 }),
  elapsedMinutes: fc.double({ min: 0, max: 500, noNaN: true }),
});
const MET_NOBODY = ['busy', 'no-answer'];

describe('the script of a person', () => {
  it('tells the same story for the same seed, whoever asks in what order', () => {
    fc.assert(
      fc.property(seeds, cases, fc.array(contacts), (seed, one, asked) => {
        const forwards = asked.map((contact) => meet(seed, one, contact));
        const backwards = asked.toReversed().map((contact) => meet(seed, one, contact));
        expect(backwards.toReversed()).toEqual(forwards);
      }),
    );
  });

  it('never takes an officer no time, nor hours', () => {
    fc.assert(
      fc.property(seeds, cases, contacts, (seed, one, contact) => {
        const { minutes } = meet(seed, one, contact);
        expect(minutes).toBeGreaterThan(0);
        expect(minutes).toBeLessThan(60);
      }),
    );
  });

  it('makes a person who listens to a step listen to every later attempt and higher step', () => {
    fc.assert(
      fc.property(seeds, deceived, contacts, contacts, (seed, one, a, b) => {
        const [lower, higher] = STEPS.indexOf(a.step) <= STEPS.indexOf(b.step) ? [a, b] : [b, a];
        fc.pre(lower.step !== higher.step || lower.attempt <= higher.attempt);
        fc.pre(lower.attempt === 1 || lower.step === higher.step);
        if (meet(seed, one, lower).outcome !== 'dissuaded') return;
        expect(meet(seed, one, higher).outcome).not.toBe('refused');
      }),
    );
  });

  it('is free on the telephone and at home some time, so that every case can end by a visit', () => {
    fc.assert(
      fc.property(seeds, cases, (seed, one) => {
        const late = { attempt: 4, elapsedMinutes: 200 };
        expect(MET_NOBODY).not.toContain(meet(seed, one, { ...late, step: 'call' }).outcome);
        expect(MET_NOBODY).not.toContain(meet(seed, one, { ...late, step: 'visit' }).outcome);
      }),
    );
  });

  it('says that money was sent from then on, unless somebody convinced the person before', () => {
    fc.assert(
      fc.property(seeds, deceived, (seed, one) => {
        const { isSomebodyElse, sendsAt } = scriptOf(seed, one);
        fc.pre(!isSomebodyElse && Number.isFinite(sendsAt));
        const after = { step: 'visit', attempt: 1, elapsedMinutes: sendsAt + 200 } as const;
        expect(meet(seed, one, after).outcome).toBe('money-lost');
        expect(meet(seed, one, { ...after, wasDissuaded: true }).outcome).toBe('dissuaded');
      }),
    );
  });

  it('has no money to lose for who was not deceived', () => {
    fc.assert(
      fc.property(seeds, cases, fc.boolean(), (seed, one, wasDissuaded) => {
        fc.pre(one.standing !== 'deceived');
        expect(moneyEnd(scriptOf(seed, one), wasDissuaded)).toEqual({ saved: 0, lost: 0 });
      }),
    );
  });

  it('either saves or loses the money that the swindler is after', () => {
    fc.assert(
      fc.property(seeds, deceived, fc.boolean(), (seed, one, wasDissuaded) => {
        const script = scriptOf(seed, one);
        const { lost, saved } = moneyEnd(script, wasDissuaded);
        expect(lost + saved).toBe(Number.isFinite(script.sendsAt) ? script.stake : 0);
        expect(wasDissuaded ? lost : saved).toBe(0);
      }),
    );
  });

  it.each(FRAUD_KINDS)('puts about the assumed median at stake: %s', (kind) => {
    const stakes = Array.from({ length: 801 }, (_, seed) =>
      scriptOf(seed, { name: 'a', kind, standing: 'deceived' }),
    ).map(({ stake }) => stake);
    const median = stakes.toSorted((a, b) => a - b)[400] ?? 0;
    expect(median / STAKE_MEDIANS[kind]).toBeGreaterThan(0.85);
    expect(median / STAKE_MEDIANS[kind]).toBeLessThan(1.15);
  });
});
