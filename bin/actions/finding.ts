import type { DecideFindingOptions, ListFindingsOptions } from '../commands/finding.ts';
import { findingsInWords } from '../officers/finding-words.ts';
import { openOfficersApi } from '../officers/officers-api.ts';
import { readPages } from '../officers/read-pages.ts';
import { printAnswer } from '../terminal/print.ts';
import { localTime } from '../terminal/spoken-time.ts';

/** Shows what the daily study found. Returns the exit code. */
export async function listFindings(options: ListFindingsOptions): Promise<number> {
  const { language, status } = options;
  const call = await openOfficersApi(options);
  const pages = await readPages((next) =>
    call('listFindings', { query: { ...next, ...(status !== 'all' && { status }) } }),
  );
  const findings = pages
    .flatMap((page) => page.findings)
    .toSorted((a, b) => b.points - a.points || (a.id < b.id ? -1 : 1));
  return printAnswer(options, { findings }, (plain) =>
    plain.findings.length === 0
      ? `No findings${status === 'all' ? '' : ` are ${status}`}.`
      : findingsInWords(plain.findings, language),
  );
}

/** Decides on a finding. Returns the exit code. */
export async function decideFinding(
  findingId: string,
  options: DecideFindingOptions,
): Promise<number> {
  const { decision, reason, until } = options;
  const call = await openOfficersApi(options);
  const finding = await call('decideFinding', {
    parameters: { findingId },
    body: { decision, reason, ...(until !== undefined && { until }) },
  });
  return printAnswer(options, finding, ({ listedUntil, number }) =>
    listedUntil === undefined
      ? `Refused: ${number} is judged by its calls alone.`
      : `Listed: suspicious calls of ${number} weigh more until ${localTime(listedUntil)}.`,
  );
}
