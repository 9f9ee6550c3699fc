import type { FindingView } from '../../lib/api/schemas.ts';
import type { TextLanguage } from '../../lib/domain/policy.ts';
import { evidenceInWords, kindInWords } from '../../lib/study/study-words.ts';
import { localTime } from '../terminal/spoken-time.ts';

const POINTS_WIDTH = 7;

const signed = (points: number): string =>
  `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(1)}`.padStart(POINTS_WIDTH);

function stateInWords({ listedUntil, status, until }: FindingView): string {
  if (status === 'waiting') return `waits until ${localTime(until)}`;
  return listedUntil === undefined ? status : `${status} until ${localTime(listedUntil)}`;
}

/** A finding in lines: what it is, all that speaks for it and against it, and what was decided. */
function findingInWords(finding: FindingView, language: TextLanguage): string {
  const { day, decisions, evidence, fraudKind, id, kind, number, points } = finding;
  return [
    `${id}  ${number}  ${points.toFixed(1)} points  ${kindInWords(kind, language)}, ${fraudKind}`,
    `  found in the study of ${day}; ${stateInWords(finding)}`,
    ...evidence
      .toSorted((a, b) => b.points - a.points)
      .map((one) => `${signed(one.points)}  ${evidenceInWords(one, language)}`),
    ...decisions.map(
      ({ at, by, decision, reason }) => `  ${localTime(at)}  ${by}: ${decision}, ${reason}`,
    ),
  ].join('\n');
}

/** Findings with their evidence in words. */
export function findingsInWords(findings: readonly FindingView[], language: TextLanguage): string {
  return findings.map((finding) => findingInWords(finding, language)).join('\n\n');
}
