import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import type { Policy } from '../../../lib/domain/policy.ts';
import type { SubjectsPolicy } from '../../../lib/domain/subject/subject-policy.ts';

const DEFAULT = loadDefaultPolicy();

/** Round points, so that a test can add them up. */
export const SUBJECTS: SubjectsPolicy = {
  utcOffsetMinutes: 480,
  warnAt: 3,
  callerAtMost: 6,
  longestMinutes: [{ below: 3, points: 0 }, { below: 10, points: 0.5 }, { points: 1 }],
  calls: [{ below: 2, points: 0 }, { below: 4, points: 0.25 }, { points: 0.75 }],
  concert: {
    minutes: 120,
    bins: [{ below: 2, points: 0 }, { below: 3, points: 1.5 }, { points: 2 }],
  },
  hours: [{ below: 7, points: 0.125 }, { below: 21, points: 0 }, { points: 0.25 }],
  onTheLine: 0.5,
  care: { elderly: 0.5 },
  tierAt: {},
};

/** The default policy with fixed tiers and points: what these tests say does not move with tuning. */
export const WEIGHING_POLICY: Policy = {
  ...DEFAULT,
  scoring: {
    ...DEFAULT.scoring,
    baseRate: 0.002,
    scorecard: { ...DEFAULT.scoring.scorecard, fraudShare: 0.5 },
  },
  subjects: SUBJECTS,
  tiers: {
    episodeHours: 24,
    medium: { calls: 2, minutes: 10 },
    high: { minutes: 30, secondsAfterWarning: 120 },
  },
  warnings: { ...DEFAULT.warnings, cooldownHours: 24, cap: { texts: 3, days: 30 } },
  ladder: { ...DEFAULT.ladder, fromTier: 'medium' },
};

/** The same with other points of the subject's side. */
export function policyWith(subjects: Partial<SubjectsPolicy>): Policy {
  return { ...WEIGHING_POLICY, subjects: { ...SUBJECTS, ...subjects } };
}
