import type { CaseHead } from '../../domain/ladder/case-head.ts';
import { type StepWork, tasksOf, workBySteps } from '../../domain/ladder/step-work.ts';

/** How much there was to do, and how late. */
export interface QueueMeasures {
  readonly steps: readonly StepWork[];
  /** Tasks past their due time and not reported on at the end. */
  readonly overdueNow: number;
  /** Cases open, and cases watched, at the end. */
  readonly openCases: number;
  readonly watching: number;
}

/**
 * The workload of a span, from all cases. How many are watched is as the cases stand: what they were at the end of a
 * span long ago is not kept.
 *
 * @param span epoch ms: from, and up to but without
 */
export function measureQueues(
  cases: readonly Pick<CaseHead, 'climb' | 'state' | 'openedAt' | 'closedAt'>[],
  span: { readonly fromMs: number; readonly toMs: number },
): QueueMeasures {
  const { toMs } = span;
  const notBefore = (at: number | undefined) => (at ?? Number.POSITIVE_INFINITY) >= toMs;
  const atEnd = cases.filter(({ openedAt, closedAt }) => openedAt < toMs && notBefore(closedAt));
  const watching = atEnd.filter(({ state }) => state === 'watching').length;
  return {
    steps: workBySteps(cases, span),
    overdueNow: tasksOf(cases).filter(({ dueAt, ended }) => dueAt < toMs && notBefore(ended?.at))
      .length,
    openCases: atEnd.length - watching,
    watching,
  };
}
