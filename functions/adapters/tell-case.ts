import { type CaseHead, calledOffAttempts } from '../../lib/domain/ladder/case-head.ts';
import { type CaseProgress, hearNews } from '../../lib/domain/ladder/case-news.ts';
import { type CaseStore, changeCase } from './cases-table.ts';

export interface TellCasePorts {
  readonly cases: CaseStore;
  readonly callOff: (taskId: string) => Promise<void>;
  readonly tellNews: (newsToken: string) => Promise<unknown>;
}

/**
 * Tells the workflow what was written of its case, by the tokens that it waits on. Read off what is written, so that
 * it can be told again: who is told twice hears it once.
 */
export async function tellWorkflowOf(
  head: CaseHead,
  ports: Omit<TellCasePorts, 'cases'>,
): Promise<void> {
  for (const { taskId } of calledOffAttempts(head)) await ports.callOff(taskId);
  if (head.newsToken !== undefined && head.state !== 'watching') {
    await ports.tellNews(head.newsToken);
  }
}

/**
 * Tells a case what its person's episode has come to.
 *
 * @param now epoch ms
 * @returns the case as it stands after it; undefined where there is none
 */
export async function tellCase(
  caseId: string,
  progress: CaseProgress,
  ports: TellCasePorts,
  now: number,
): Promise<CaseHead | undefined> {
  const head = await changeCase(ports.cases, caseId, (before) => hearNews(before, progress, now));
  if (head !== undefined) await tellWorkflowOf(head, ports);
  return head;
}
