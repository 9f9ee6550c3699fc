import type { Statistics } from '../../lib/api/schemas.ts';

/** What a small centre counts in a month. */
export const SAMPLE_STATISTICS: Statistics = {
  at: 1_795_536_000_000,
  open: { medium: 3, high: 1, urgent: 0 },
  watching: 8,
  dueSoon: 1,
  overdue: 2,
  closedDays: 30,
  closed: 41,
  outcomes: { dissuaded: 30, 'not-a-fraud': 9, duplicate: 2 },
  medianMinutes: { call: 12.5 },
  precisionByTier: { medium: { right: 30, wrong: 9, precision: 30 / 39 } },
  precisionByReason: { 'longest-call': { right: 12, wrong: 1, precision: 12 / 13 } },
  precisionByText: { loan: { right: 8, wrong: 2, precision: 0.8 } },
  work: [
    { step: 'call', opened: 17, done: 15, overdue: 3, medianMinutes: 9, ninetiethMinutes: 28.5 },
  ],
  complete: true,
};
