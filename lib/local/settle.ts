import { LocalCloudError } from './errors.ts';
import type { EventSource } from './event-sources/event-source.ts';

/** What must come to rest. */
export interface SettleTarget {
  sources: readonly { name: string; source: EventSource }[];
  /** Invocations running now. */
  running(): number;
  /** Invocations started so far. */
  started(): number;
  /** True while a workflow does something else than wait. */
  workflowsBusy(): boolean;
}

const pollMs = 30;

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pollMs));
}

/**
 * Resolves when everything is at rest: each event source has made two passes that began after the
 * last invocation and found nothing. Delayed messages and workflows that wait for somebody do not
 * count. Twice, because a pass that was under way may have looked before the last write.
 *
 * @param deadlineMs how long to wait.
 * @throws LocalCloudError `not-settled`, naming who is still busy.
 */
export async function settle(target: SettleTarget, deadlineMs: number): Promise<void> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    const started = target.started();
    const passes = target.sources.map(({ source }) => source.activity().emptyPasses);
    const busy = (): string[] => [
      ...(target.running() > 0 ? ['functions'] : []),
      ...(target.workflowsBusy() ? ['workflows'] : []),
      ...target.sources
        .filter(({ source }, index) => {
          const { inFlight, emptyPasses } = source.activity();
          return inFlight > 0 || emptyPasses < (passes[index] ?? 0) + 2;
        })
        .map(({ name }) => name),
    ];
    let waitingFor = busy();
    while (waitingFor.length > 0 && target.started() === started) {
      if (Date.now() > until) {
        throw new LocalCloudError(
          'not-settled',
          `Still busy after ${deadlineMs} ms: ${waitingFor.join(', ')}`,
        );
      }
      for (const { source } of target.sources) source.wake();
      await pause();
      waitingFor = busy();
    }
    if (target.started() === started && waitingFor.length === 0) return;
    if (Date.now() > until) {
      throw new LocalCloudError('not-settled', `Still invoking functions after ${deadlineMs} ms`);
    }
  }
}
