import type { CaseHead, CaseState } from '../../lib/domain/ladder/case-head.ts';
import type { CaseSearch, CaseStore } from './cases-table.ts';

/** Cases of one state that are read at once: their heads are some 2 KB each. */
const MOST_READ = 5_000;
const PAGE = 500;

/**
 * Reads the cases of a state, the newest first.
 *
 * @param from epoch ms: those that came to this state then or later
 * @returns whether these are all of them
 */
export async function casesOfState(
  cases: Pick<CaseStore, 'search'>,
  state: CaseState,
  from: number,
): Promise<{ readonly found: readonly CaseHead[]; readonly complete: boolean }> {
  const found: CaseHead[] = [];
  let next: string | undefined;
  do {
    const search: CaseSearch = { state, from, limit: PAGE, ...(next !== undefined && { next }) };
    const page = await cases.search(search);
    found.push(...page.cases);
    next = page.next;
  } while (next !== undefined && found.length < MOST_READ);
  return { found, complete: next === undefined };
}
