import Table from 'cli-table3';
import { percentile } from '../../lib/backtest/measures.ts';
import type { LocalCloud } from '../../lib/local/local-cloud.ts';
import type { Truth } from '../../lib/simulation/truth.ts';
import type { LadderReport } from './ladder-report.ts';
import type { ReplayResults } from './observe-results.ts';
import type { ReplaySource } from './replay-source.ts';

/** How the judgement on simulated calls compares with what really went on in the simulation. */
export interface ReportedTruth {
  readonly plantedCallers: number;
  readonly foundCallers: number;
  /** Callers held for risky who are none. */
  readonly wrongCallers: number;
  readonly subjectsRightlyWarned: number;
  readonly subjectsWronglyWarned: number;
  /** People who fell for a fraud caller, and how many of them were warned. */
  readonly deceived: number;
  readonly deceivedWarned: number;
}

/** The summary of a replay, as `--report` writes it. */
export interface ReplayReport {
  readonly source: string;
  readonly callsPushed: number;
  readonly callsAccepted: number;
  readonly callsRejected: Readonly<Record<string, number>>;
  readonly exposures: number;
  readonly riskyCallers: number;
  readonly subjectsWarned: number;
  readonly warningsSent: number;
  readonly duplicateWarnings: number;
  readonly warningsUndeliverable: Readonly<Record<string, number>>;
  readonly casesOpened: number;
  /** Milliseconds from push to text; null when no text was sent. */
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
  readonly callsPerSecond: number;
  readonly seconds: number;
  readonly truth?: ReportedTruth;
  /** What came of the cases, step by step. */
  readonly ladder: LadderReport;
}

function byReason(cloud: LocalCloud, name: string): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { dimensions, sum } of cloud.metrics.series(name)) {
    const { reason } = dimensions;
    // The series without a reason is the total of the others.
    if (reason !== undefined) reasons[reason] = (reasons[reason] ?? 0) + sum;
  }
  return reasons;
}

function judge(truth: Truth, results: ReplayResults, warned: ReadonlySet<string>): ReportedTruth {
  const planted = new Set(truth.fraudCallers.map(({ number }) => number));
  const isRight = (subject: string) =>
    truth.calledByFraud.has(subject) || truth.talkedWithFraud.has(subject);
  const deceived = new Set(truth.deceived.map(({ number }) => number));
  return {
    plantedCallers: planted.size,
    foundCallers: [...planted].filter((number) => results.riskyCallers.has(number)).length,
    wrongCallers: [...results.riskyCallers].filter((number) => !planted.has(number)).length,
    subjectsRightlyWarned: [...warned].filter(isRight).length,
    subjectsWronglyWarned: [...warned].filter((subject) => !isRight(subject)).length,
    deceived: deceived.size,
    deceivedWarned: [...deceived].filter((number) => warned.has(number)).length,
  };
}

/** Puts the summary together, from the functions' metrics, the tables and the handsets. */
export function makeReport(
  source: ReplaySource,
  cloud: LocalCloud,
  results: ReplayResults,
  ladder: LadderReport,
  run: { readonly pushed: number; readonly seconds: number },
): ReplayReport {
  const { metrics, inbox } = cloud;
  const sent = results.warnings.filter(({ status }) => status === 'sent');
  const warned = new Set(sent.map(({ subject }) => subject));
  const latencies = metrics.values('PushToTextMs');
  const rejected = byReason(cloud, 'CallsRejected');
  for (const [reason, count] of source.unmapped) rejected[reason] = (rejected[reason] ?? 0) + count;
  return {
    source: source.name,
    callsPushed: run.pushed,
    callsAccepted: metrics.sum('CallsAccepted'),
    callsRejected: rejected,
    exposures: metrics.sum('ExposuresApplied'),
    riskyCallers: results.riskyCallers.size,
    subjectsWarned: warned.size,
    warningsSent: inbox.texts.length,
    duplicateWarnings: inbox.texts.length - sent.length,
    warningsUndeliverable: byReason(cloud, 'WarningsUndeliverable'),
    casesOpened: metrics.sum('CasesOpened'),
    latencyMs: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
    callsPerSecond: Math.round(run.pushed / Math.max(run.seconds, 0.001)),
    seconds: Math.round(run.seconds * 10) / 10,
    ...(source.truth === undefined ? {} : { truth: judge(source.truth, results, warned) }),
    ladder,
  };
}

function listed(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([reason, count]) => `${reason} ${count}`);
  return parts.length === 0 ? '0' : parts.join(', ');
}

/** The summary as people read it. */
export function summaryTable(report: ReplayReport): string {
  const table = new Table({
    style: { head: [], border: [] },
    colWidths: [28, 72],
    wordWrap: true,
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  const { truth, latencyMs } = report;
  const total = Object.values(report.callsRejected).reduce((sum, count) => sum + count, 0);
  table.push(
    ['records pushed', `${report.callsPushed} in ${report.seconds} s (${report.callsPerSecond}/s)`],
    ['accepted', String(report.callsAccepted)],
    ['rejected', total === 0 ? '0' : `${total}: ${listed(report.callsRejected)}`],
    [
      'risky callers found',
      truth === undefined
        ? String(report.riskyCallers)
        : `${truth.foundCallers} of ${truth.plantedCallers} planted, ${truth.wrongCallers} wrongly`,
    ],
    [
      'people warned',
      truth === undefined
        ? String(report.subjectsWarned)
        : `${truth.subjectsRightlyWarned} rightly, ${truth.subjectsWronglyWarned} wrongly`,
    ],
  );
  if (truth !== undefined) {
    table.push(['of those being deceived', `${truth.deceivedWarned} of ${truth.deceived} warned`]);
  }
  table.push(
    ['texts sent', `${report.warningsSent} (${report.duplicateWarnings} twice)`],
    ['texts undeliverable', listed(report.warningsUndeliverable)],
    ['cases opened', String(report.casesOpened)],
    [
      'from push to text',
      latencyMs.p50 === null
        ? '-'
        : `p50 ${Math.round(latencyMs.p50)} ms, p99 ${Math.round(latencyMs.p99 ?? 0)} ms`,
    ],
  );
  return table.toString();
}
