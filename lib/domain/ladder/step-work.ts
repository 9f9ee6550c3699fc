import type { Attempt, CaseHead } from './case-head.ts';
import { STEPS, type Step } from './ladder-policy.ts';
import { WORKFLOW } from './timeline-event.ts';

/** The tasks of one step of the ladder that were offered within a span. */
export interface StepWork {
  readonly step: Step;
  readonly opened: number;
  /** Of these, those that somebody reported on, then or later. */
  readonly done: number;
  /** Of these, those whose due time passed before anybody did. */
  readonly overdue: number;
  /** Minutes from the offer until somebody reported; null of nothing. */
  readonly medianMinutes: number | null;
  /** Nine of ten were reported on within so many minutes. */
  readonly ninetiethMinutes: number | null;
}

const MINUTE = 60_000;

/**
 * Counts the tasks that were offered within a span, step by step; steps without any are left out. Tasks that were called
 * off, and those for relatives whom nobody knows, were no work.
 *
 * @param span epoch ms: from, and up to but without; what is not done by its end is overdue if it was due
 */
export function workBySteps(
  cases: readonly Pick<CaseHead, 'climb'>[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): StepWork[] {
  const within = tasksOf(cases).filter(({ offerAt }) => offerAt >= fromMs && offerAt < toMs);
  return STEPS.map((step) =>
    workOf(
      step,
      within.filter((attempt) => attempt.step === step),
      toMs,
    ),
  ).filter(({ opened }) => opened > 0);
}

/** The attempts that were, or are, work for somebody. */
export function tasksOf(cases: readonly Pick<CaseHead, 'climb'>[]): Attempt[] {
  return cases
    .flatMap(({ climb }) => climb)
    .filter(({ calledOff }) => calledOff !== true)
    .filter(({ ended }) => ended?.outcome !== 'cancelled' && ended?.outcome !== 'no-relatives');
}

function workOf(step: Step, tasks: readonly Attempt[], toMs: number): StepWork {
  const minutes = tasks
    .flatMap(({ ended, offerAt }) =>
      ended === undefined || ended.by === WORKFLOW ? [] : [(ended.at - offerAt) / MINUTE],
    )
    .toSorted((a, b) => a - b);
  return {
    step,
    opened: tasks.length,
    done: minutes.length,
    overdue: tasks.filter(
      ({ dueAt, ended }) => (ended?.at ?? toMs) > dueAt || ended?.outcome === 'overdue',
    ).length,
    medianMinutes: nearestRank(minutes, 0.5),
    ninetiethMinutes: nearestRank(minutes, 0.9),
  };
}

function nearestRank(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? null : Math.round(value * 10) / 10;
}
