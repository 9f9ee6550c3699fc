import { writeFile } from 'node:fs/promises';
import type { TextLanguage } from '../../lib/domain/policy.ts';
import type { StudyResult } from '../../lib/study/study-result.ts';
import { orUsageError } from '../input-file.ts';
import { findBrowser } from './find-browser.ts';
import { printPdf } from './print-pdf.ts';

/** Where a report goes, and in which language. */
export interface StudyReportOptions {
  /** File of the page; undefined for none. */
  readonly html?: string | undefined;
  /** File of its PDF; undefined for none. */
  readonly pdf?: string | undefined;
  readonly language: TextLanguage;
}

/**
 * Writes the report of a study as a page, as PDF, or both.
 *
 * @throws {UsageError} when a file cannot be written, or there is no browser to print with; nothing is written then
 * @throws {PrintError} when the browser does not print; the page is written all the same
 */
export async function writeStudyReport(
  result: StudyResult,
  { html, language, pdf }: StudyReportOptions,
): Promise<void> {
  const browser = pdf === undefined ? undefined : findBrowser(process.env);
  // Loaded only here: drawing takes longer to load than most commands to run.
  const { studyPage } = await import('../../lib/study/report/study-page.ts');
  const page = studyPage(result, language);
  if (html !== undefined) await orUsageError(writeFile(html, page), html);
  if (pdf !== undefined && browser !== undefined) {
    const printed = await printPdf(page, { executablePath: browser });
    await orUsageError(writeFile(pdf, printed), pdf);
  }
}
