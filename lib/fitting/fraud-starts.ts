import type { TruthFile } from '../simulation/truth-file.ts';

/** By number, when it turned to fraud, in epoch ms: a recycled number was honest before. */
export function fraudStarts(truth: TruthFile): Map<string, number> {
  const starts = new Map(truth.fraudCallers.map(({ number, start }) => [number, start]));
  for (const { number, fraud } of truth.subscribers ?? []) if (fraud) starts.set(number, 0);
  return starts;
}
