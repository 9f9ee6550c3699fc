import { drawHistory } from './draw-history.ts';
import type { Actor, CallFault, CallFaultKind, History } from './history.ts';
import { type Violation, violationsOf } from './invariants.ts';
import { runHistory } from './run-history.ts';

/** One history in which one more request goes wrong than its seed says. */
export interface Swept {
  readonly fault: CallFault;
  readonly history: History;
  readonly violations: readonly Violation[];
}

/** What may become of a write: of reads, a lot drawn now and then tells enough. */
export const SWEPT_KINDS = [
  'crash-before',
  'crash-after',
  'answer-lost',
  'late',
  'refused',
  'repeated',
] as const satisfies readonly CallFaultKind[];

const READS: ReadonlySet<string> = new Set([
  'BatchGetItem',
  'CheckIfPhoneNumberIsOptedOut',
  'GetItem',
  'Query',
]);

/** Whether a request changes nothing. */
export function isRead(operation: string): boolean {
  return READS.has(operation);
}

/** Every write that a history's functions make, as the request that it is. */
export async function writesOf(
  history: History,
): Promise<Pick<CallFault, 'actor' | 'nth' | 'operation'>[]> {
  const { made } = await runHistory(history);
  return [...made].flatMap(([name, times]) => {
    const [actor, operation = ''] = name.split(' ') as [Actor, string];
    if (isRead(operation)) return [];
    return Array.from({ length: times }, (_, i) => ({ actor, operation, nth: i + 1 }));
  });
}

/**
 * Breaks every write of a seed's history, one after the other, in each way: where faults are drawn by lot, a request that
 * is made once in a thousand histories is hardly ever hit.
 */
export async function* sweepWrites(
  seed: number,
  kinds: readonly CallFaultKind[] = SWEPT_KINDS,
): AsyncGenerator<Swept> {
  const whole = drawHistory(seed);
  for (const write of await writesOf(whole)) {
    for (const kind of kinds) {
      const fault: CallFault = { on: 'call', ...write, kind };
      const history = { ...whole, faults: [...whole.faults, fault] };
      yield { fault, history, violations: await violationsOf(await runHistory(history)) };
    }
  }
}
