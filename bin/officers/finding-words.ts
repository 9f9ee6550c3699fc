import type { FindingView } from '../../lib/api/schemas.ts';
import type { TextLanguage } from '../../lib/domain/policy.ts';
import { kindInWords, mainEvidenceInWords } from '../../lib/study/study-words.ts';
import { fittedTable } from '../terminal/fitted-table.ts';
import { localTime } from '../terminal/spoken-time.ts';

function stateInWords({ decisions, listedUntil, status }: FindingView): string {
  const last = decisions.at(-1);
  if (last === undefined) return status;
  const until = listedUntil === undefined ? '' : ` until ${localTime(listedUntil)}`;
  return `${status}${until}; ${last.by} said ${last.decision}: ${last.reason}`;
}

/** Findings as a table, what speaks for each in words. */
export function findingsInWords(findings: readonly FindingView[], language: TextLanguage): string {
  return fittedTable(
    [
      { head: 'points', align: 'right' },
      { head: 'number' },
      { head: 'found as' },
      { head: 'kind' },
      { head: 'because' },
      { head: 'day' },
      { head: 'state' },
      { head: 'finding', keep: true },
    ],
    findings.map((finding) => [
      finding.points.toFixed(1),
      finding.number,
      kindInWords(finding.kind, language),
      finding.fraudKind,
      mainEvidenceInWords(finding.evidence, language),
      finding.day,
      stateInWords(finding),
      finding.id,
    ]),
  );
}
