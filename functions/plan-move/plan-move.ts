import { type Attempt, openCase } from '../../lib/domain/ladder/dissuasion-case.ts';
import { nextMove } from '../../lib/domain/ladder/next-move.ts';
import type { CaseStore, StoredCase } from '../adapters/cases-table.ts';

/** What the workflow knows of its case from the start. */
export type CaseOpening = Parameters<typeof openCase>[0];

/** An attempt as the workflow takes it. */
export interface StepToTake {
  readonly caseId: string;
  readonly taskId: string;
  /** From now until the case goes on without it, as Step Functions counts: whole seconds. */
  readonly dueSeconds: number;
}

/** What the workflow does next. */
export type PlannedStep =
  | { readonly kind: 'climb'; readonly steps: readonly StepToTake[] }
  | { readonly kind: 'watch'; readonly seconds: number }
  | { readonly kind: 'close' };

/**
 * A call that is to be dialled later stands on its queue from now on, and says from when: a wait before it could not
 * be called off.
 *
 * @param now epoch ms
 */
export function stepOf(caseId: string, { dueAt, taskId }: Attempt, now: number): StepToTake {
  return { caseId, taskId, dueSeconds: Math.max(1, Math.ceil((dueAt - now) / 1000)) };
}

/** Decides what the case does next and writes it down; the same answer when it is asked again. */
export async function planMove(
  opening: CaseOpening,
  cases: CaseStore,
  now: number,
): Promise<PlannedStep> {
  const { caseId, kind, ladder, policyVersion, subject, tier } = opening;
  const opened = () => openCase({ caseId, kind, ladder, policyVersion, subject, tier }, now);
  const change = (stored: StoredCase | undefined) => {
    const before = stored?.current ?? opened();
    const { changed, events } = nextMove(before, now);
    if (stored !== undefined && changed === before) return undefined;
    const first =
      stored === undefined
        ? [
            {
              id: `${caseId}-opened`,
              at: now,
              kind: 'opened' as const,
              by: 'policy',
              details: { tier, policyVersion },
            },
          ]
        : [];
    return { changed, events: [...first, ...events] };
  };
  const stored = await cases.change(caseId, change);
  // Asked of what is written: whatever came between, the workflow does what the case says.
  const { move } = nextMove(stored?.current ?? opened(), now);
  switch (move.kind) {
    case 'climb':
      return { kind: 'climb', steps: move.attempts.map((attempt) => stepOf(caseId, attempt, now)) };
    case 'watch':
      return { kind: 'watch', seconds: Math.max(1, Math.ceil((move.until - now) / 1000)) };
    case 'close':
      return { kind: 'close' };
  }
}
