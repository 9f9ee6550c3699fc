import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import type { Exposure } from '../../lib/domain/exposure.ts';
import type { Leg, NumberToken } from '../../lib/domain/leg.ts';
import { endOfListing } from '../../lib/domain/listing/listing.ts';
import type { FoldLegs, FoldResult } from '../../lib/domain/profile/fold-legs.ts';
import { type Frame, packExposures, unpackLegs } from '../../lib/wire/frames.ts';
import { TableError } from '../adapters/errors.ts';
import type { KeptFinding } from '../adapters/findings-table.ts';
import type { ProfileStore, ProfileWrite, StoredProfile } from '../adapters/profiles-table.ts';
import { ALL_DONE, compareSequenceNumbers } from '../adapters/stream-batch.ts';

export interface ScoreNumbersPorts {
  readonly profiles: ProfileStore;
  readonly putExposures: (frames: readonly Frame[]) => Promise<void>;
  /** Keeps findings with all their terms; the same one again changes nothing. */
  readonly keepFindings: (findings: readonly KeptFinding[]) => Promise<void>;
  readonly count: (counts: LegCounts) => void;
}

export interface LegCounts {
  applied: number;
  duplicates: number;
  late: number;
  /** Records that another run of the same batch had applied already. */
  redelivered: number;
  findings: number;
  shadowFindings: number;
  exposures: number;
}

/** One number's legs of a batch, with the sequence number of the record that each came in. */
interface NumberLegs {
  readonly legs: Leg[];
  readonly sequenceNumbers: string[];
}

/** Rounds of read, fold and write before the batch is given back: each lost round means another writer won. */
const MOST_ROUNDS = 5;

function groupByNumber(event: KinesisStreamEvent): Map<NumberToken, NumberLegs> {
  const groups = new Map<NumberToken, NumberLegs>();
  for (const { kinesis } of event.Records) {
    for (const leg of unpackLegs(Buffer.from(kinesis.data, 'base64'))) {
      const group = groups.get(leg.number);
      if (group === undefined) {
        groups.set(leg.number, { legs: [leg], sequenceNumbers: [kinesis.sequenceNumber] });
      } else {
        group.legs.push(leg);
        group.sequenceNumbers.push(kinesis.sequenceNumber);
      }
    }
  }
  return groups;
}

/** The legs that the stored profile has not seen: those in records above its watermark. */
function legsAbove(group: NumberLegs, stored: StoredProfile | undefined): readonly Leg[] {
  if (stored === undefined) return group.legs;
  const { sequenceNumber } = stored;
  const isAbove = (own: string) => compareSequenceNumbers(own, sequenceNumber) > 0;
  if (group.sequenceNumbers.every(isAbove)) return group.legs;
  return group.legs.filter((_, i) => isAbove(group.sequenceNumbers[i] ?? ''));
}

/** When a profile that was last touched by these legs may be forgotten, epoch seconds. */
function expiryOf(legs: readonly Leg[], retentionSeconds: number): number {
  let arrived = 0;
  for (const leg of legs) arrived = Math.max(arrived, leg.arrivedAt);
  return Math.floor(arrived / 1000) + retentionSeconds;
}

function addCounts(counts: LegCounts, folded: FoldResult): void {
  counts.applied += folded.applied;
  counts.duplicates += folded.duplicates;
  counts.late += folded.late;
  const live = folded.findings.filter(({ track }) => track === 'live').length;
  counts.findings += live;
  counts.shadowFindings += folded.findings.length - live;
  counts.exposures += folded.exposures.length;
}

/** The groups of the numbers that have to be folded again: mostly none. */
function groupsAgain(
  groups: ReadonlyMap<NumberToken, NumberLegs>,
  moved: ReadonlySet<NumberToken>,
): Map<NumberToken, NumberLegs> {
  const again = new Map<NumberToken, NumberLegs>();
  if (moved.size === 0) return again;
  for (const [number, group] of groups) if (moved.has(number)) again.set(number, group);
  return again;
}

/**
 * One batch of the legs stream. Effects go out before state goes in (design, section 5): exposures first,
 * then the profiles, each on the watermark that was read. A crash in between repeats exposures, which the
 * subject's state drops. A number whose watermark or listing moved is read and folded again.
 */
export async function processLegs(
  event: KinesisStreamEvent,
  fold: FoldLegs,
  retentionSeconds: number,
  ports: ScoreNumbersPorts,
): Promise<KinesisStreamBatchResponse> {
  const counts: LegCounts = {
    applied: 0,
    duplicates: 0,
    late: 0,
    redelivered: 0,
    findings: 0,
    shadowFindings: 0,
    exposures: 0,
  };
  let waiting = groupByNumber(event);
  for (let round = 0; waiting.size > 0; round++) {
    if (round === MOST_ROUNDS)
      throw new TableError(`${waiting.size} profiles kept changing under us`);
    const stored = await ports.profiles.read([...waiting.keys()]);
    const writes: ProfileWrite[] = [];
    const exposures: Exposure[] = [];
    const folds: FoldResult[] = [];
    const findings: KeptFinding[] = [];
    for (const [number, group] of waiting) {
      const before = stored.get(number);
      const legs = legsAbove(group, before);
      counts.redelivered += group.legs.length - legs.length;
      if (legs.length === 0) continue;
      const listed = before?.listing;
      const folded = fold(before?.profile, number, legs, listed?.listing);
      for (const exposure of folded.exposures) exposures.push(exposure);
      folds.push(folded);
      const forgotten = expiryOf(legs, retentionSeconds);
      const expiresAt =
        listed === undefined ? forgotten : Math.max(forgotten, endOfListing(listed.listing));
      for (const judgement of folded.findings) findings.push({ judgement, expiresAt });
      writes.push({
        number,
        readAt: before?.sequenceNumber,
        ...(listed !== undefined && { listingRead: listed.text }),
        sequenceNumber: group.sequenceNumbers.at(-1) ?? '',
        profile: folded.profile,
        expiresAt,
      });
    }
    await ports.putExposures(packExposures(exposures));
    if (findings.length > 0) await ports.keepFindings(findings);
    const moved = new Set(await ports.profiles.write(writes));
    folds.forEach((folded, i) => {
      if (!moved.has(writes[i]?.number ?? '')) addCounts(counts, folded);
    });
    waiting = groupsAgain(waiting, moved);
  }
  ports.count(counts);
  return ALL_DONE;
}
