import type { NumberToken } from '../../lib/domain/leg.ts';
import type { StudyResult } from '../../lib/study/study-result.ts';

/** Every number token that stands anywhere in a result. */
export function tokensOfStudy({
  callers,
  groups,
  measures,
  subjects,
}: StudyResult): Set<NumberToken> {
  return new Set([
    ...callers.map(({ number }) => number),
    ...groups.flatMap(({ links, numbers }) => [
      ...numbers,
      ...links.flatMap(({ from, to }) => [from, to]),
    ]),
    ...subjects.flatMap((subject) => [subject.number, ...subject.callers]),
    ...(measures?.missed?.missed ?? []).map(({ number }) => number),
  ]);
}

/** A Chinese mobile number in any notation that people write: `+86…`, `0086…`, plain, with spaces or dashes. */
export const CLEAR_NUMBER = /(?:(?:\+|00)?86[ -]?)?\b1[3-9]\d[ -]?\d{4}[ -]?\d{4}\b/;
