import type { Attempt } from '../../lib/domain/ladder/case-head.ts';
import { nextMove } from '../../lib/domain/ladder/next-move.ts';
import { type CaseStore, changeCase } from '../adapters/cases-table.ts';
import { MissingCaseError } from '../adapters/errors.ts';
import { stopPayments, type TellBanks } from '../adapters/payment-stop.ts';

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

export interface PlanMovePorts {
  readonly cases: CaseStore;
  readonly tellBanks: TellBanks;
}

function secondsUntil(time: number, now: number): number {
  return Math.max(1, Math.ceil((time - now) / 1000));
}

/**
 * A call that is to be dialled later stands on its queue from now on, and says from when: a wait before it could not
 * be called off.
 *
 * @param now epoch ms
 */
export function stepOf(caseId: string, { dueAt, taskId }: Attempt, now: number): StepToTake {
  return { caseId, taskId, dueSeconds: secondsUntil(dueAt, now) };
}

/**
 * Decides what the case does next and writes it down; the same answer when it is asked again.
 *
 * @param now epoch ms
 * @throws {MissingCaseError}
 */
export async function planMove(
  caseId: string,
  ports: PlanMovePorts,
  now: number,
): Promise<PlannedStep> {
  const head = await changeCase(ports.cases, caseId, (before) => {
    const { changed, events } = nextMove(before, now);
    return changed === before ? undefined : { changed, events };
  });
  if (head === undefined) throw new MissingCaseError(caseId);
  await stopPayments(head, ports, now);
  // Asked of what is written: whatever came between, the workflow does what the case says.
  const { move } = nextMove(head, now);
  switch (move.kind) {
    case 'climb':
      return { kind: 'climb', steps: move.attempts.map((attempt) => stepOf(caseId, attempt, now)) };
    case 'watch':
      return { kind: 'watch', seconds: secondsUntil(move.until, now) };
    case 'close':
      return { kind: 'close' };
  }
}
