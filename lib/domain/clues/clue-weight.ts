import { fadedWeight } from '../listing/added-points.ts';
import type { CluesPolicy } from '../listing/list-policy.ts';
import type { CluesEntry } from '../listing/listing.ts';

/** A report about a number, as it is counted: who and from where, as pseudonyms that lead nowhere. */
export interface Report {
  /** Whose report it is: of one who names a number, that; else of the network. */
  readonly reporter: string;
  /** Where it came from; absent for reports that others took down and passed on. */
  readonly network?: string;
  /** Epoch seconds. */
  readonly at: number;
  /** Whether this reporter was there long before. */
  readonly known: boolean;
}

/** What is kept of a number's reports: bounded, however many there are. */
export interface ClueState {
  /** Those that count, the oldest first. */
  readonly counted: readonly Report[];
  /** Reports since the start of the window at hand, whether they count or not. */
  readonly window: { readonly since: number; readonly reports: number };
}

export const NO_CLUES: ClueState = { counted: [], window: { since: 0, reports: 0 } };

/** More independent reports than these give no more points. */
export const REPORTS_KEPT = 32;

const MINUTE = 60;
const DAY = 86_400;

/** What a report changes. */
export interface Reported {
  readonly state: ClueState;
  /** Whether it counts: it is independent of those that count already. */
  readonly counts: boolean;
  /** Whether it makes a burst of the reports of this window. */
  readonly isBurst: boolean;
}

function isIndependent(report: Report, other: Report, burstSeconds: number): boolean {
  if (report.reporter === other.reporter) return false;
  if (report.network !== undefined && report.network === other.network) return false;
  // Whoever has many names makes new ones: of reporters whom nobody knew before, one counts in a while.
  return report.known || other.known || Math.abs(report.at - other.at) > burstSeconds;
}

/** Adds a report to a number's. */
export function addReport(
  { counted, window }: ClueState,
  report: Report,
  { burstMinutes, burstReports }: CluesPolicy,
): Reported {
  const burstSeconds = burstMinutes * MINUTE;
  const isOver = report.at - window.since > burstSeconds;
  const after = isOver
    ? { since: report.at, reports: 1 }
    : { since: window.since, reports: window.reports + 1 };
  const counts = counted.every((other) => isIndependent(report, other, burstSeconds));
  return {
    state: {
      counted: counts ? [...counted, report].slice(-REPORTS_KEPT) : counted,
      window: after,
    },
    counts,
    isBurst: after.reports === burstReports,
  };
}

/** What several reports change. */
export interface ReportedTogether {
  readonly state: ClueState;
  /** How many count. */
  readonly counted: number;
  /** Bursts that they made. */
  readonly bursts: number;
}

/** Adds reports to a number's, one after the other. */
export function addReports(
  before: ClueState,
  reports: readonly Report[],
  policy: CluesPolicy,
): ReportedTogether {
  let state = before;
  let counted = 0;
  let bursts = 0;
  for (const report of reports) {
    const reported = addReport(state, report, policy);
    state = reported.state;
    counted += Number(reported.counts);
    bursts += Number(reported.isBurst);
  }
  return { state, counted, bursts };
}

/** The independent reports of a number, each weighed by its age. @param now epoch seconds */
export function weightOf({ counted }: ClueState, now: number, policy: CluesPolicy): number {
  return counted.reduce((sum, { at }) => sum + fadedWeight(1, now - at, policy), 0);
}

/**
 * What the lists are to say of a number because of its reports; undefined while they have no weight.
 *
 * @param now epoch seconds
 */
export function cluesEntry(
  state: ClueState,
  now: number,
  policy: CluesPolicy,
): CluesEntry | undefined {
  const weight = weightOf(state, now, policy);
  if (weight < policy.reportersAtLeast) return undefined;
  const halfLives = Math.log2(weight / policy.reportersAtLeast);
  const until = Math.ceil(now + halfLives * policy.halfLifeDays * DAY) + 1;
  return { weight, at: now, until };
}
