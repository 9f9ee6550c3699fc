import {
  type CaseChange,
  type CaseHead,
  calledOffAttempts,
} from '../../lib/domain/ladder/case-head.ts';
import { type CaseProgress, hearNews, hearOfOther } from '../../lib/domain/ladder/case-news.ts';
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
  return hear(caseId, (before) => hearNews(before, progress, now), ports);
}

/**
 * Tells a case what a later episode of its person has come to, whose case is one with it.
 *
 * @param other the later case
 * @param now epoch ms
 */
export async function tellCaseOfOther(
  caseId: string,
  other: string,
  progress: CaseProgress,
  ports: TellCasePorts,
  now: number,
): Promise<void> {
  await hear(caseId, (before) => hearOfOther(before, other, progress, now), ports);
}

async function hear(
  caseId: string,
  change: (before: CaseHead) => CaseChange | undefined,
  ports: TellCasePorts,
): Promise<CaseHead | undefined> {
  const head = await changeCase(ports.cases, caseId, change);
  if (head !== undefined) await tellWorkflowOf(head, ports);
  return head;
}
