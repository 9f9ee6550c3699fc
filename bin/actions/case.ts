import type { CaseDetail, CasePageView, CaseView } from '../../lib/api/schemas.ts';
import type {
  CaseListOptions,
  CaseOptions,
  CloseOptions,
  ContactOptions,
  OpenOptions,
  TierOptions,
} from '../commands/case.ts';
import { caseHeadInWords, caseInWords, casesInWords } from '../officers/case-words.ts';
import { openOfficersApi } from '../officers/officers-api.ts';
import { readPages } from '../officers/read-pages.ts';
import { printAnswer } from '../terminal/print.ts';

/** What the API gives at once at most. */
const LARGEST_PAGE = 100;

/** Lists cases. Returns the exit code. */
export async function listCases(options: CaseListOptions): Promise<number> {
  const { district, limit, officer, since, state, tier } = options;
  const call = await openOfficersApi(options);
  const casesOf = (pages: readonly CasePageView[]) => pages.flatMap(({ cases }) => cases);
  const pages = await readPages(
    (next) =>
      call('listCases', {
        query: {
          ...(state !== undefined && { state }),
          ...(tier !== undefined && { tier }),
          ...(district !== undefined && { district }),
          ...(officer !== undefined && { officer }),
          ...(since !== undefined && { since }),
          limit: String(Math.min(limit, LARGEST_PAGE)),
          ...next,
        },
      }),
    (read) => casesOf(read).length >= limit,
  );
  const cases = casesOf(pages).slice(0, limit);
  const isCut = cases.length === limit && pages.at(-1)?.next !== undefined;
  return printAnswer(options, { cases }, (list) => {
    if (list.cases.length === 0) return 'No such cases.';
    const table = casesInWords(list.cases, Date.now());
    return isCut ? `${table}\nThere are more: --limit, or a filter.` : table;
  });
}

/** Shows a case with the whole of its timeline. Returns the exit code. */
export async function showCase(caseId: string, options: CaseOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const { next, ...detail } = await call('readCase', { parameters: { caseId } });
  const rest =
    next === undefined
      ? []
      : await readPages((later) =>
          call('readTimeline', { parameters: { caseId }, query: { next, ...later } }),
        );
  const whole: CaseDetail = {
    ...detail,
    timeline: [...detail.timeline, ...rest.flatMap(({ events }) => events)],
  };
  return printAnswer(options, whole, (plain) => caseInWords(plain, Date.now()));
}

/** Opens a case by hand. Returns the exit code. */
export async function openCase(options: OpenOptions): Promise<number> {
  const { kind, number, reason, tier } = options;
  const call = await openOfficersApi(options);
  const opened = await call('openCase', { body: { kind, number, reason, tier } });
  return printAnswer(options, opened, ({ caseId }) => `Case ${caseId} is open.`);
}

/** Raises or lowers a tier. Returns the exit code. */
export async function setTier(caseId: string, options: TierOptions): Promise<number> {
  const { reason, tier } = options;
  const call = await openOfficersApi(options);
  const changed = await call('setTier', { parameters: { caseId }, body: { reason, tier } });
  return printCase(options, changed);
}

/** Closes a case. Returns the exit code. */
export async function closeCase(caseId: string, options: CloseOptions): Promise<number> {
  const { outcome, reason } = options;
  const call = await openOfficersApi(options);
  const changed = await call('closeCase', { parameters: { caseId }, body: { outcome, reason } });
  return printCase(options, changed);
}

function printCase(options: CaseOptions, changed: CaseView): number {
  return printAnswer(options, changed, (plain) => caseHeadInWords(plain, Date.now()));
}

/** Writes a note. Returns the exit code. */
export async function addNote(
  caseId: string,
  notes: string,
  options: CaseOptions,
): Promise<number> {
  const call = await openOfficersApi(options);
  const done = await call('addNote', { parameters: { caseId }, body: { notes } });
  return printAnswer(options, done, () => 'Noted on the timeline.');
}

/** Adds a relative or another number. Returns the exit code. */
export async function addContact(caseId: string, options: ContactOptions): Promise<number> {
  const { number, relation } = options;
  const call = await openOfficersApi(options);
  const done = await call('addContact', { parameters: { caseId }, body: { number, relation } });
  return printAnswer(options, done, () => 'Added to the case.');
}
