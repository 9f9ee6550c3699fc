import { dayAfter, startOfDay } from '../../lib/archive/archived-call.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import {
  decideByPolicy,
  type FindingState,
  foundAgain,
} from '../../lib/domain/listing/study-finding.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import type { FoundCaller, StudyResult } from '../../lib/study/study-result.ts';
import type { ListingStore } from '../adapters/listings-table.ts';
import { settleListing } from '../adapters/settle-listing.ts';
import { findingId, type StudyFindingStore } from '../adapters/study-findings-table.ts';

export interface FeedPorts {
  readonly findings: StudyFindingStore;
  readonly listings: Pick<ListingStore, 'change'>;
}

/** How the found callers stand after a study. */
export type FedFindings = Readonly<Record<FindingState, number>>;

const DAY_SECONDS = 86_400;
/** Numbers at once: some ten requests each, of tables that serve the calls of the moment, too. */
const AT_ONCE = 8;

/**
 * Hands the callers that a study found to whoever reviews them, and lists by itself those that the policy says. The
 * same study again, or the rest of one that was cut short, changes nothing that was done or decided. Evidence that is
 * too old by now, of a study of a day long past, is not handed on.
 *
 * @param now epoch ms
 */
export async function feedFindings(
  { callers, day, utcOffsetMinutes }: StudyResult,
  policy: Policy,
  { findings, listings }: FeedPorts,
  now: number,
): Promise<FedFindings> {
  const { study } = policy.lists;
  const nowSeconds = Math.floor(now / 1000);
  const until = startOfDay(dayAfter(day, 1), utcOffsetMinutes) + study.days * DAY_SECONDS;
  const fed = { waiting: 0, listed: 0, refused: 0 };
  if (until <= nowSeconds) return fed;

  /** One number at a time: its listing is made of all its findings. */
  async function feed(number: NumberToken, found: readonly FoundCaller[]): Promise<void> {
    for (const { evidence, fraudKind, kind, points } of found) {
      const id = findingId(number, kind);
      const seen = { id, number, kind, fraudKind, points, evidence, day, until };
      const finding = await findings.change(id, (known) =>
        decideByPolicy(foundAgain(known, seen, nowSeconds), study, policy.version, now),
      );
      if (finding !== undefined) fed[finding.status]++;
    }
    await settleListing({ findings, listings }, number, nowSeconds);
  }

  const rest = Map.groupBy(callers, ({ number }) => number).entries();
  const worker = async () => {
    for (const [number, found] of rest) await feed(number, found);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return fed;
}
