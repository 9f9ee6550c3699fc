import type { Readable } from 'node:stream';
import type { HistoryCall } from '../backtest/history-call.ts';
import { legOfHistory } from '../backtest/leg-of-history.ts';
import { NumberRegistry } from '../backtest/number-registry.ts';
import { historyContext, readerOfEach, readHistory } from '../backtest/read-history.ts';
import { createFeatureVector, type FeatureVector } from '../domain/features.ts';
import type { Leg } from '../domain/leg.ts';
import type { Policy } from '../domain/policy.ts';
import { Profile } from '../domain/profile/profile.ts';
import { computeFeatures } from '../domain/profile/profile-features.ts';
import type { Mapping } from '../feeds/mapping-schema.ts';
import { foldOnly } from './fold-features.ts';

/** What a number looked like at one moment of its life. */
export interface Snapshot {
  /** E.164. */
  readonly number: string;
  /** Epoch ms of the call that led to it. */
  readonly at: number;
  /** Calls made, and made and received, until then. */
  readonly made: number;
  readonly calls: number;
  /** Filled anew for the next snapshot. */
  readonly features: FeatureVector;
  /** The last of this number. */
  readonly last: boolean;
}

export interface SnapshotOptions {
  /** Of which calls the steps count: those made, or all. */
  readonly count: 'made' | 'calls';
  /** Rising. A snapshot is taken whenever a number reaches one of them; and at its end. */
  readonly steps: readonly number[];
  /** Numbers to watch; undefined: all that make calls. */
  readonly watched?: ReadonlySet<string> | undefined;
  readonly country: string;
  readonly settleSeconds: number;
  /** Epoch ms: calls that start outside are left out. Default: all count. */
  readonly span?: { readonly fromMs: number; readonly toMs: number } | undefined;
  readonly mapping?: Mapping | undefined;
  readonly onProgress?: (bytesRead: number, calls: number) => void;
  readonly signal?: AbortSignal | undefined;
}

interface Watched {
  readonly number: string;
  profile: Buffer | undefined;
  made: number;
  calls: number;
  next: number;
  at: number;
}

/**
 * Replays calls through the shipped fold and takes snapshots of numbers' features on the way: what a scorecard
 * for the live path is fitted on and measured with.
 *
 * @throws {FeedError} when the input cannot be read on
 */
export async function takeSnapshots(
  input: Readable,
  policy: Policy,
  options: SnapshotOptions,
  take: (snapshot: Snapshot) => void,
): Promise<void> {
  const context = historyContext(options.country);
  const numbers = new NumberRegistry({
    normaliseNumber: context.normaliseNumber,
    country: options.country,
  });
  const fold = foldOnly(policy, options.settleSeconds);
  const profile = new Profile();
  const features = createFeatureVector();
  /** By place in the registry; null for numbers that nobody watches. */
  const all: (Watched | null)[] = [];
  const watchedAt = (place: number): Watched | null => {
    const known = all[place];
    if (known !== undefined) return known;
    const { kind, number } = numbers.partyAt(place);
    const isWatched = kind === 'subscriber' && (options.watched?.has(number) ?? true);
    const fresh = isWatched
      ? { number, profile: undefined, made: 0, calls: 0, next: 0, at: 0 }
      : null;
    all[place] = fresh;
    return fresh;
  };
  const emit = (one: Watched, last: boolean) => {
    if (one.profile === undefined) return;
    profile.load(one.profile);
    computeFeatures(profile, features);
    const { number, at, made, calls } = one;
    take({ number, at, made, calls, features, last });
  };
  const see = (leg: Leg, place: number) => {
    const one = watchedAt(place);
    if (one === null) return;
    const folded = fold(one.profile, leg.number, [leg]);
    one.profile = folded.profile;
    if (folded.applied === 0 || leg.phase === 'ended') return;
    one.calls++;
    if (leg.originating) one.made++;
    one.at = leg.start * 1000;
    const reached = options.count === 'made' ? one.made : one.calls;
    if (reached < (options.steps[one.next] ?? Number.POSITIVE_INFINITY)) return;
    one.next++;
    emit(one, false);
  };
  let calls = 0;
  const { fromMs, toMs } = options.span ?? { fromMs: 0, toMs: Number.POSITIVE_INFINITY };
  const replay = (call: HistoryCall) => {
    calls++;
    if (call.startMs < fromMs || call.startMs >= toMs) return;
    see(legOfHistory(call, true, numbers), call.caller);
    see(legOfHistory(call, false, numbers), call.callee);
  };
  await readHistory(input, readerOfEach(replay), {
    numbers,
    context,
    mapping: options.mapping,
    signal: options.signal,
    onProgress: (bytesRead) => options.onProgress?.(bytesRead, calls),
  });
  for (const one of all) {
    if (one !== null && one !== undefined && one[options.count] > 0) emit(one, true);
  }
}
