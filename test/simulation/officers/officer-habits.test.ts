import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type HandledTask,
  type Handling,
  handlingOf,
  minutesUnseen,
} from '../../../lib/simulation/officers/officer-habits.ts';

const task = (name: string, step: HandledTask['step']): HandledTask => ({ name, step, attempt: 1 });
const NAMES = Array.from({ length: 1_000 }, (_, i) => `person ${i}`);

describe('the habits of officers', () => {
  it('are the same for the same seed, officer and task', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.string(), (seed, officer, name) => {
        const one = task(name, 'visit');
        expect(handlingOf(seed, officer, one)).toBe(handlingOf(seed, officer, one));
        expect(minutesUnseen(seed, one)).toBe(minutesUnseen(seed, one));
      }),
    );
  });

  it('let most tasks be worked on, and some go wrong in every way', () => {
    const counts = new Map<Handling, number>();
    for (const name of NAMES) {
      const handling = handlingOf(7, 'desk-1', task(name, 'call'));
      counts.set(handling, (counts.get(handling) ?? 0) + 1);
    }
    expect(counts.get('works')).toBeGreaterThan(800);
    expect([...counts.keys()].sort()).toEqual([
      'reports-late',
      'reports-twice',
      'vanishes',
      'works',
    ]);
  });

  it('leave some visits to nobody, and no call', () => {
    const never = (step: HandledTask['step']) =>
      NAMES.filter((name) => minutesUnseen(7, task(name, step)) === Number.POSITIVE_INFINITY);
    expect(never('call')).toEqual([]);
    expect(never('visit').length).toBeGreaterThan(40);
    expect(never('visit').length).toBeLessThan(130);
  });
});
