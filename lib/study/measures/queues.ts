import { percentile } from '../../backtest/measures.ts';
import type { Attempt, CaseHead } from '../../domain/ladder/case-head.ts';
import { STEPS, type Step } from '../../domain/ladder/ladder-policy.ts';
import { WORKFLOW } from '../../domain/ladder/timeline-event.ts';

/** The tasks of one step of the ladder. Null is what is not known. */
export interface StepWork {
  readonly step: Step;
  /** Tasks that were to be done within the span. */
  readonly opened: number | null;
  /** Of these, those that somebody reported on, then or later. */
  readonly done: number | null;
  /** Of these, those whose due time passed before anybody did. */
  readonly overdue: number | null;
  /** Minutes from the offer until somebody reported, of those that were reported on. */
  readonly medianMinutes: number | null;
  readonly ninetiethMinutes: number | null;
}

/** How much there was to do, and how late. */
export interface QueueMeasures {
  readonly steps: readonly StepWork[];
  /** Tasks past their due time and not reported on at the end. */
  readonly overdueNow: number;
  /** Cases open, and cases watched, at the end. */
  readonly openCases: number;
  readonly watching: number;
}

const MINUTE = 60_000;

/**
 * The workload of a span, from the attempts of all cases.
 *
 * @param span epoch ms: from, and up to but without
 */
export function measureQueues(
  cases: readonly Pick<CaseHead, 'climb' | 'state' | 'openedAt' | 'closedAt'>[],
  span: { readonly fromMs: number; readonly toMs: number },
): QueueMeasures {
  const attempts = cases
    .flatMap(({ climb }) => climb)
    .filter(({ ended }) => ended?.outcome !== 'cancelled' && ended?.outcome !== 'no-relatives');
  const within = attempts.filter(({ offerAt }) => offerAt >= span.fromMs && offerAt < span.toMs);
  const atEnd = cases.filter(
    ({ openedAt, closedAt }) =>
      openedAt < span.toMs && (closedAt ?? Number.POSITIVE_INFINITY) >= span.toMs,
  );
  const watching = atEnd.filter(({ state }) => state === 'watching').length;
  return {
    steps: STEPS.map((step) => workOf(step, within, span.toMs)).filter(
      ({ opened }) => opened !== 0,
    ),
    overdueNow: attempts.filter(
      ({ dueAt, ended }) =>
        dueAt < span.toMs && (ended?.at ?? Number.POSITIVE_INFINITY) >= span.toMs,
    ).length,
    openCases: atEnd.length - watching,
    watching,
  };
}

function workOf(step: Step, within: readonly Attempt[], toMs: number): StepWork {
  const own = within.filter((attempt) => attempt.step === step);
  const minutes = own.flatMap(({ ended, offerAt }) =>
    ended === undefined || ended.by === WORKFLOW ? [] : [(ended.at - offerAt) / MINUTE],
  );
  return {
    step,
    opened: own.length,
    done: minutes.length,
    overdue: own.filter(
      ({ dueAt, ended }) => (ended?.at ?? toMs) > dueAt || ended?.outcome === 'overdue',
    ).length,
    medianMinutes: percentile(minutes, 0.5),
    ninetiethMinutes: percentile(minutes, 0.9),
  };
}
