import { BAD_REASONS, type BadReason } from './bad-records.ts';
import type { Scenario } from './scenario-schema.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What goes wrong with a record on its way: a broken copy goes before it, or it is sent again later. */
export type Fault =
  | { readonly kind: 'broken'; readonly reason: BadReason }
  | { readonly kind: 'repeated'; readonly after: number };

/** A repetition comes at most so many records later. [assumption] */
const LATEST_REPETITION = 200;

/** The fate of the next record; drawn alike whether or not records are written. */
export function drawFault(faults: Scenario['faults'], random: SeededRandom): Fault | undefined {
  const drawn = random.next();
  if (drawn < faults.badShare) return { kind: 'broken', reason: random.pick(BAD_REASONS) };
  if (drawn >= faults.badShare + faults.repeatedShare) return undefined;
  return { kind: 'repeated', after: random.below(LATEST_REPETITION) };
}
