import type { TextLanguage } from '../../domain/policy.ts';
import type { StudyResult } from '../study-result.ts';
import type { Figures } from './figures.ts';
import type { Forecasts } from './forecasts.ts';
import type { LabelOf } from './labels.ts';
import type { StudyWords } from './words.ts';

/** What every part of the report is made from. */
export interface ReportContext {
  readonly result: StudyResult;
  readonly language: TextLanguage;
  readonly words: StudyWords;
  readonly figures: Figures;
  readonly labelOf: LabelOf;
  readonly forecasts: Forecasts;
}

/** A share of 10,000; 0 of nothing. */
export function perTenThousand(part: number, whole: number): number {
  return whole === 0 ? 0 : (part * 10_000) / whole;
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
