import { describe, expect, test } from 'vitest';
import type { CaseOutcome } from '../../../lib/domain/ladder/case-head.ts';
import { nothingHeard } from '../../../lib/domain/ladder/case-news.ts';
import { type JudgedCase, measurePrecision } from '../../../lib/study/measures/precision.ts';

const closed = (outcome: CaseOutcome, changes: Partial<JudgedCase> = {}): JudgedCase => ({
  outcome,
  peakTier: 'medium',
  reasons: ['longest-call'],
  kind: 'loan',
  openedBy: 'policy',
  heard: nothingHeard('medium'),
  ...changes,
});

describe('measurePrecision', () => {
  const measures = measurePrecision([
    closed('dissuaded'),
    closed('money-lost', { peakTier: 'high', reasons: ['longest-call', 'calls'] }),
    closed('not-a-fraud', { kind: 'fake-orders' }),
    closed('duplicate'),
    closed('not-a-fraud', { openedBy: 'chen' }),
    closed('not-dissuaded', { heard: { ...nothingHeard('low'), undeliverable: 'opted-out' } }),
  ]);

  test('counts what officers found right and wrong, and what says neither', () => {
    expect(measures.all).toMatchObject({ right: 3, wrong: 1, precision: 0.75 });
    expect(measures.unjudged).toBe(1);
  });

  test('counts a case for each of its reasons, and once for its tier', () => {
    expect(measures.byReason).toMatchObject([
      { name: 'longest-call', right: 3, wrong: 1 },
      { name: 'calls', right: 1, wrong: 0 },
    ]);
    expect(measures.byTier).toMatchObject([
      { name: 'medium', right: 2, wrong: 1 },
      { name: 'high', right: 1, wrong: 0 },
    ]);
  });

  test('counts a text only where one could be delivered', () => {
    expect(measures.byText).toMatchObject([
      { name: 'loan', right: 2, wrong: 0 },
      { name: 'fake-orders', right: 0, wrong: 1 },
    ]);
  });

  test('is not certain of few', () => {
    const [first, second] = measures.byReason;
    expect(second?.precision).toBe(1);
    expect(second?.low).toBeLessThan(0.3);
    expect(first?.low).toBeLessThan(0.75);
    expect(first?.high).toBeGreaterThan(0.75);
  });

  test('has no share of nothing', () => {
    expect(measurePrecision([]).all).toMatchObject({ precision: null, low: 0, high: 1 });
  });
});
