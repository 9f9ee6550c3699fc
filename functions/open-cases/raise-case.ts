import { endAttempt, openAttempts, WORKFLOW } from '../../lib/domain/ladder/dissuasion-case.ts';
import type { CaseTier } from '../../lib/domain/ladder/ladder-policy.ts';
import { raiseTier, reopen } from '../../lib/domain/ladder/next-move.ts';
import type { CaseStore, CaseUpdate, StoredCase } from '../adapters/cases-table.ts';

export interface RaiseCasePorts {
  readonly cases: CaseStore;
  readonly callOff: (taskId: string) => Promise<void>;
  readonly tellNews: (taskToken: string) => Promise<unknown>;
}

/** A higher tier calls off what waits in the lower one; in the watch period it is news that reopens the case. */
function raised(before: StoredCase, tier: CaseTier, now: number): CaseUpdate | undefined {
  const { current } = before;
  if (current.state === 'watching') {
    const reopened = reopen(current, now);
    if (reopened === undefined) return undefined;
    const higher = raiseTier(reopened.changed, tier, WORKFLOW, now);
    return {
      changed: higher?.changed ?? reopened.changed,
      events: [...reopened.events, ...(higher?.events ?? [])],
      newsToken: null,
    };
  }
  const higher = raiseTier(current, tier, WORKFLOW, now);
  if (higher === undefined) return undefined;
  const events = [...higher.events];
  let { changed } = higher;
  for (const { taskId } of openAttempts(changed)) {
    const off = endAttempt(changed, taskId, 'cancelled', WORKFLOW, now);
    if (off === undefined) continue;
    changed = off.changed;
    events.push(...off.events);
  }
  return { changed, events };
}

/**
 * Takes a case to a tier that its episode has risen to, and tells the workflow by the tokens that it waits on. A case
 * that the workflow has not opened yet starts with it.
 *
 * @param now epoch ms
 * @returns whether there was such a case
 */
export async function raiseCase(
  caseId: string,
  tier: CaseTier,
  ports: RaiseCasePorts,
  now: number,
): Promise<boolean> {
  let told: string | undefined;
  const stored = await ports.cases.change(caseId, (before) => {
    told = before?.newsToken;
    return before && raised(before, tier, now);
  });
  if (stored === undefined) return false;
  // Read off what is written, so that a repeat tells them again: who is told twice hears it once.
  const calledOff = stored.current.attempts.filter(({ ended }) => ended?.outcome === 'cancelled');
  for (const { taskId } of calledOff) await ports.callOff(taskId);
  if (told !== undefined && stored.current.state !== 'watching') await ports.tellNews(told);
  return true;
}
