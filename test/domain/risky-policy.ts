import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { Policy } from '../../lib/domain/policy.ts';

const POLICY = loadDefaultPolicy();
const { burst: _burst, ...SCORING } = POLICY.scoring;

/** A policy under which findings come, are withdrawn and come again within a few calls. */
export const NERVOUS_POLICY: Policy = {
  ...POLICY,
  scoring: {
    ...SCORING,
    rules: [],
    callRules: [],
    minimumCallsMade: 3,
    scorecard: {
      fraudShare: 0.5,
      base: 0,
      terms: [
        {
          id: 'strangers',
          feature: 'new-contact-share',
          bins: [{ below: 0.6, points: -2 }, { points: 1 }],
        },
        {
          id: 'talks',
          feature: 'mean-talk-seconds',
          bins: [{ below: 40, points: -1 }, { points: 0.5 }],
        },
        { id: 'abroad', feature: 'international', bins: [{ below: 1, points: 0 }, { points: 2 }] },
        {
          id: 'called',
          feature: 'made-share-day',
          bins: [{ below: 0.7, points: -2 }, { points: 0.25 }],
        },
        { id: 'handsets', feature: 'handsets', bins: [{ below: 2, points: 0 }, { points: 0.5 }] },
      ],
    },
    riskyAt: 1,
    withdrawBelow: 0.5,
    renewAfter: 0.4,
    riskyHours: 1,
    lookbackHours: 2,
  },
  // Whoever is called by somebody risky is warned: the points of callers reach from 1 to 4.
  subjects: { ...POLICY.subjects, warnAt: 0, longestMinutes: [{ points: 0 }] },
};
