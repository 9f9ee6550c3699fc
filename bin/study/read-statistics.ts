import { Compile } from 'typebox/compile';
import { type Statistics, StatisticsSchema } from '../../lib/api/schemas.ts';
import { jsonFault } from '../../lib/domain/plain-text.ts';
import { schemaProblems } from '../../lib/domain/schema-problems.ts';
import { allNamed, namedPrecision } from '../../lib/study/measures/precision.ts';
import type { StudyMeasures } from '../../lib/study/measures/study-measures.ts';
import { UsageError } from '../exit-codes.ts';

const validator = Compile(StatisticsSchema);

/**
 * Reads what `forewarn case statistics --json` printed.
 *
 * @param source how messages call the file, usually its path
 * @throws {UsageError} naming what is wrong with it
 */
export function parseStatistics(text: string, source: string): Statistics {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${source} is not JSON: ${jsonFault(cause)}`, { cause });
  }
  if (validator.Check(value)) return value;
  const problems = schemaProblems(validator.Errors(value));
  throw new UsageError(
    [`${source} is not what forewarn case statistics --json prints:`, ...problems].join('\n  - '),
  );
}

/** What the officers' statistics say in a report. */
export function measuresOfStatistics(
  statistics: Statistics,
): Pick<StudyMeasures, 'precision' | 'queues'> {
  const { open, outcomes, overdue, precisionByTier, watching, work } = statistics;
  const byTier = allNamed(precisionByTier);
  const right = byTier.reduce((sum, tier) => sum + tier.right, 0);
  const wrong = byTier.reduce((sum, tier) => sum + tier.wrong, 0);
  const closed = Object.values(outcomes).reduce((sum, cases) => sum + cases, 0);
  return {
    precision: {
      all: namedPrecision('all', { right, wrong }),
      unjudged: Math.max(0, closed - right - wrong),
      byTier,
      byReason: allNamed(statistics.precisionByReason),
      byText: allNamed(statistics.precisionByText),
    },
    queues: {
      steps: work,
      overdueNow: overdue,
      openCases: Object.values(open).reduce((sum, cases) => sum + cases, 0),
      watching,
    },
  };
}
