import type { Readable } from 'node:stream';
import { callerPoints, compileCallerScore, scorecardPoints } from '../domain/caller-score.ts';
import type { Policy } from '../domain/policy.ts';
import type { TruthFile } from '../simulation/truth-file.ts';
import { fraudStarts } from './fraud-starts.ts';
import { measure } from './metrics.ts';
import { takeSnapshots } from './stream-snapshots.ts';

/** How well people were told apart once so many of their calls, made and received, had been seen. */
export interface StreamMeasures {
  readonly after: number | 'all';
  /** Those who had so many calls. */
  readonly people: number;
  readonly fraud: number;
  /** By the fitted scorecards alone. */
  readonly auc: number;
  readonly recallAt1pctFpr: number;
  /**
   * With the hand rules' points. A rule that spares an honest trade whose habits resemble fraud costs rank among
   * those who are far from risky anyway.
   */
  readonly withRules: { readonly auc: number; readonly recallAt1pctFpr: number };
}

export interface EvaluateOnStreamOptions {
  readonly country: string;
  /** Rising numbers of calls. Default 10, 30, 100. */
  readonly steps?: readonly number[];
  readonly onProgress?: (bytesRead: number, calls: number) => void;
}

/** Scores and labels of the people at one step. */
class Marked {
  readonly scores: number[] = [];
  readonly withRules: number[] = [];
  readonly labels: number[] = [];
}

/**
 * Replays calls through the shipped fold, and measures a policy's scorecards on the way. With a feature table's
 * subscribers in the truth only they are scored, else everybody.
 *
 * @throws {FeedError} when the input cannot be read on
 */
export async function evaluateOnStream(
  input: Readable,
  policy: Policy,
  truth: TruthFile,
  options: EvaluateOnStreamOptions,
): Promise<StreamMeasures[]> {
  const steps = options.steps ?? [10, 30, 100];
  const score = compileCallerScore(policy.scoring);
  const fraud = fraudStarts(truth);
  const marked = new Map<number | 'all', Marked>(
    [...steps, 'all' as const].map((step) => [step, new Marked()]),
  );
  await takeSnapshots(
    input,
    policy,
    {
      count: 'calls',
      steps,
      watched: truth.subscribers && new Set(truth.subscribers.map(({ number }) => number)),
      country: options.country,
      settleSeconds: policy.scoring.settleSeconds,
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    },
    ({ number, at, calls, features, last }) => {
      const into = marked.get(last ? 'all' : calls);
      into?.scores.push(scorecardPoints(score, features));
      into?.withRules.push(callerPoints(score, features));
      into?.labels.push(at >= (fraud.get(number) ?? Number.POSITIVE_INFINITY) ? 1 : 0);
    },
  );
  return [...marked].map(([after, { scores, withRules, labels }]) => ({
    after,
    people: labels.length,
    fraud: labels.reduce((sum, label) => sum + label, 0),
    ...rankingOf(scores, labels),
    withRules: rankingOf(withRules, labels),
  }));
}

function rankingOf(scores: readonly number[], labels: readonly number[]) {
  const { auc, recallAt1pctFpr } = measure(Float64Array.from(scores), Uint8Array.from(labels), 0);
  return { auc, recallAt1pctFpr };
}
