import { type CaseStore, changeCase } from '../adapters/cases-table.ts';
import { NEWS, type TaskResult } from '../adapters/report-outcome.ts';

export interface AwaitNewsPorts {
  readonly cases: CaseStore;
  /** Answers the workflow that waits on a token. */
  readonly answer: (taskToken: string, result: TaskResult) => Promise<unknown>;
}

/**
 * Keeps the token that news of a watched case is told with. A case that was reopened or closed meanwhile is told at
 * once, as is one whose watch period has passed: a workflow that was redriven would wait for it a second time.
 *
 * @param now epoch ms
 */
export async function awaitNews(
  { caseId, taskToken }: { readonly caseId: string; readonly taskToken: string },
  { answer, cases }: AwaitNewsPorts,
  now: number,
): Promise<void> {
  const head = await changeCase(cases, caseId, (before) =>
    before.state === 'watching'
      ? { changed: { ...before, newsToken: taskToken }, events: [] }
      : undefined,
  );
  const waits = head?.state === 'watching' && now < (head.watchUntil ?? 0);
  if (!waits) await answer(taskToken, NEWS);
}
