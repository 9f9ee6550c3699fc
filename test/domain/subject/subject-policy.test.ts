import { describe, expect, it } from 'vitest';
import {
  pointsOfBin,
  type SubjectsPolicy,
  subjectsProblems,
} from '../../../lib/domain/subject/subject-policy.ts';
import { SUBJECTS } from './weighing-policy.ts';

describe('points by bins', () => {
  it('are those of the first bin whose bound the value is under', () => {
    const bins = [{ below: 1, points: -1 }, { below: 5, points: 0.5 }, { points: 2 }];
    expect([0, 0.99, 1, 4.9, 5, 1e9].map((value) => pointsOfBin(bins, value))).toEqual([
      -1, -1, 0.5, 0.5, 2, 2,
    ]);
  });
});

describe("the policy's points of the subject's side", () => {
  const problems = (changes: Partial<SubjectsPolicy>) =>
    subjectsProblems({ ...SUBJECTS, ...changes });

  it('are taken as they are when more of a thing never gives fewer points', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ longestMinutes: [{ points: 0 }] })).toEqual([]);
  });

  it('may rise and fall with the hour', () => {
    expect(problems({ hours: [{ below: 8, points: 1 }, { points: 0 }] })).toEqual([]);
  });

  it.each<[string, Partial<SubjectsPolicy>]>([
    ['/subjects/longestMinutes', { longestMinutes: [{ below: 5, points: 1 }, { points: 0 }] }],
    ['/subjects/calls', { calls: [{ below: 5, points: 1 }, { points: 0 }] }],
    [
      '/subjects/concert/bins',
      { concert: { minutes: 1, bins: [{ below: 5, points: 1 }, { points: 0 }] } },
    ],
  ])('are refused at %s where an exposure more would lower them', (place, changes) => {
    expect(problems(changes)).toEqual([`${place}: more of it must not give fewer points`]);
  });

  it.each<[string, Partial<SubjectsPolicy>]>([
    ['/subjects/longestMinutes', { longestMinutes: [{ below: 5, points: 0 }] }],
    ['/subjects/hours', { hours: [{ points: 0 }, { points: 0 }] }],
    [
      '/subjects/calls',
      { calls: [{ below: 5, points: 0 }, { below: 5, points: 1 }, { points: 2 }] },
    ],
  ])('are refused at %s where a value has no bin, or two', (place, changes) => {
    expect(problems(changes)).toEqual([
      `${place}: bounds must rise, and only the last bin has none`,
    ]);
  });
});
