import { setTimeout as delay } from 'node:timers/promises';
import type { CaseHead } from '../../lib/domain/ladder/case-head.ts';
import { WORKFLOW } from '../../lib/domain/ladder/timeline-event.ts';
import type { LadderView } from './observe-ladder.ts';
import type { TaskNews } from './officers-at-work.ts';
import type { ReplayScreen } from './replay-screen.ts';

/** Shows tasks as they are settled and cases as they end, and knows how many are under way. */
export interface LadderWatch {
  /** Looks once, and shows what is new. */
  look(): Promise<void>;
  /** Cases that are neither closed nor watched, by the last look. */
  underWay(): number;
}

/** @param screen gets a line for each news */
export function createLadderWatch(
  view: Pick<LadderView, 'cases'>,
  screen: Pick<ReplayScreen, 'task' | 'caseEnded'>,
): LadderWatch {
  const shown = new Set<string>();
  const isNew = (name: string) => !shown.has(name) && shown.add(name).size > 0;
  let underWay = 0;

  const showEnd = ({ caseId, outcome, reopened, state }: CaseHead) => {
    if (state === 'open' || !isNew(`${caseId} ${state} ${reopened}`)) return;
    screen.caseEnded(
      caseId,
      state === 'watching' ? 'dissuaded, watched' : `closed: ${outcome ?? 'not-dissuaded'}`,
    );
  };

  return {
    async look() {
      const cases = await view.cases();
      underWay = cases.filter(({ state }) => state === 'open').length;
      for (const head of cases) {
        for (const { ended, step, taskId } of head.climb) {
          if (ended === undefined || !isNew(taskId)) continue;
          const { by, outcome } = ended;
          screen.task({
            caseId: head.caseId,
            step,
            what: outcome,
            ...(by !== WORKFLOW && { by }),
          });
        }
        showEnd(head);
      }
    },
    underWay: () => underWay,
  };
}

/** Shows on the screen what officers do that no case says. */
export function showOfficers(screen: Pick<ReplayScreen, 'task'>): (news: TaskNews) => void {
  return ({ officer, task: { caseId, step }, what }) => {
    const line = (text: string) => screen.task({ caseId, step, by: officer, what: text });
    if (what.kind === 'claimed') line('taken');
    else if (what.kind === 'vanished') line('taken, and left lying');
    else if (what.kind === 'reported' && what.result === 'late') line(`${what.outcome}, too late`);
  };
}

const LOOK_MS = 500;

/** Looks again and again. @returns when the signal is aborted */
export async function watchOn(ladder: LadderWatch, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await ladder.look();
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * Waits until no case is under way any more, or the time is over.
 *
 * @returns how many cases are still under way
 */
export async function untilCasesEnd(
  ladder: LadderWatch,
  longestMs: number,
  signal: AbortSignal,
): Promise<number> {
  const until = performance.now() + longestMs;
  await ladder.look();
  while (ladder.underWay() > 0 && performance.now() < until && !signal.aborted) {
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    await ladder.look();
  }
  return ladder.underWay();
}
