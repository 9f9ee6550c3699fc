import type { Readable } from 'node:stream';
import { FEATURES } from '../../domain/features.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Mapping } from '../../feeds/mapping-schema.ts';
import { takeSnapshots } from '../../fitting/stream-snapshots.ts';
import type { FeatureCounts } from './drift.ts';

export interface CountCallersOptions {
  readonly policy: Policy;
  readonly country: string;
  /** Epoch ms of the day: from, and up to but without. Calls outside are left out, so that every day starts alike. */
  readonly day: { readonly fromMs: number; readonly toMs: number };
  readonly mapping?: Mapping | undefined;
  readonly onProgress?: (bytesRead: number, calls: number) => void;
  readonly signal?: AbortSignal | undefined;
}

const CALLS_MADE = FEATURES.indexOf('calls-made-month');

/**
 * Counts the features of a day's callers as they are at its end, of all who made enough calls to be judged.
 *
 * @throws {FeedError} when the input cannot be read on
 */
export async function countCallers(
  input: Readable,
  counts: FeatureCounts,
  { policy, country, day, ...watch }: CountCallersOptions,
): Promise<void> {
  const { minimumCallsMade, settleSeconds } = policy.scoring;
  const options = {
    count: 'made',
    steps: [],
    country,
    settleSeconds,
    span: day,
    ...watch,
  } as const;
  await takeSnapshots(input, policy, options, ({ features, last }) => {
    if (last && (features[CALLS_MADE] ?? 0) >= minimumCallsMade) counts.add(features);
  });
}
