import { startOfDay } from '../../lib/archive/archived-call.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import type { Mapping } from '../../lib/feeds/mapping-schema.ts';
import type { TruthFile } from '../../lib/simulation/truth-file.ts';
import { countCallers } from '../../lib/study/measures/count-callers.ts';
import {
  boundsOfReference,
  FeatureCounts,
  type FeatureReference,
  measureDrift,
} from '../../lib/study/measures/drift.ts';
import { candidateChanges, tryPolicyChanges } from '../../lib/study/measures/policy-trials.ts';
import type { StudyMeasures } from '../../lib/study/measures/study-measures.ts';
import type { StudyResult } from '../../lib/study/study-result.ts';
import { openInput } from '../input-file.ts';

/** The calls of a studied day, and what they are measured by. */
export interface CallsOfDay {
  /** A file: it is read more than once. */
  readonly calls: string;
  readonly policy: Policy;
  readonly reference: FeatureReference;
  readonly truth?: TruthFile | undefined;
  readonly country: string;
  readonly mapping?: Mapping | undefined;
  /** After each reading. */
  readonly onReading?: (done: number, of: number) => void;
  readonly signal?: AbortSignal | undefined;
}

const DAY_MS = 86_400_000;

/**
 * What the day's calls themselves can tell: drift of the callers, and changes of the policy tried on them. Calls of the
 * days before fill the memory of the policy.
 *
 * @throws {FeedError} when the file cannot be read on
 */
export async function measureCalls(
  { day, utcOffsetMinutes }: Pick<StudyResult, 'day' | 'utcOffsetMinutes'>,
  { calls, policy, reference, truth, country, mapping, onReading, signal }: CallsOfDay,
): Promise<Pick<StudyMeasures, 'drift' | 'trials'>> {
  const fromMs = startOfDay(day, utcOffsetMinutes) * 1000;
  const counts = new FeatureCounts(boundsOfReference(reference));
  const readings = candidateChanges(policy).length + 1;
  await countCallers(openInput(calls), counts, {
    policy,
    country,
    day: { fromMs, toMs: fromMs + DAY_MS },
    mapping,
    signal,
  });
  if (signal?.aborted) return {};
  onReading?.(1, readings);
  const trials = await tryPolicyChanges(() => openInput(calls), {
    policy,
    truth,
    country,
    mapping,
    countFromMs: fromMs,
    onTrial: (done) => onReading?.(done + 1, readings),
    signal,
  });
  return { ...(counts.callers > 0 && { drift: measureDrift(reference, counts) }), trials };
}
