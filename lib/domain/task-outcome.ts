/** What came of an officer's task. One that nobody completes in time becomes `overdue` instead. */
export const TASK_OUTCOMES = [
  'dissuaded',
  'refused',
  'no-answer',
  'busy',
  'wrong-person',
  'not-a-fraud',
  'money-lost',
  'duplicate',
] as const;

export type TaskOutcome = (typeof TASK_OUTCOMES)[number];
