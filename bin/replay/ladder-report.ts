import Table from 'cli-table3';
import { percentile } from '../../lib/backtest/measures.ts';
import type { CaseOutcome } from '../../lib/domain/ladder/case-head.ts';
import { CASE_TIERS, type CaseTier, type Step } from '../../lib/domain/ladder/ladder-policy.ts';
import {
  type EventKind,
  type TimelineEvent,
  WORKFLOW,
} from '../../lib/domain/ladder/timeline-event.ts';
import { moneyEnd, scriptOf } from '../../lib/simulation/officers/person-script.ts';
import type { RecordedCase } from './observe-ladder.ts';
import type { PersonOfCase } from './officers-at-work.ts';

/** How a case stands when the report is made. */
export type CaseEnd = CaseOutcome | 'watching' | 'open';

/** A task of a case, as its timeline tells. Minutes are the ladder's, from the case's opening. */
export interface RecordedTask {
  readonly step: Step;
  readonly offered: number;
  /** When somebody first took it. */
  readonly claimed?: number;
  readonly ended?: number;
  /** What the officer reported, or `overdue`, `cancelled`, `no-relatives`; unset while it is open. */
  readonly outcome?: string;
  readonly byOfficer: boolean;
}

/** A case, as its timeline tells. */
export interface CaseStory {
  readonly caseId: string;
  /** In which it was opened, and the highest that it rose to. */
  readonly openedIn: CaseTier;
  readonly tier: CaseTier;
  readonly end: CaseEnd;
  readonly tasks: readonly RecordedTask[];
  /** Until somebody had talked with the person or a relative, as reported. */
  readonly firstContact?: number;
  /** Until an officer had been at the door, as reported. */
  readonly atTheDoor?: number;
  readonly dissuaded?: number;
  /** Of the last event, or of now while it is open. */
  readonly lasted: number;
  /** Yuan, by the simulation; unset where nobody is simulated. */
  readonly saved?: number;
  readonly lost?: number;
}

/** What came of the cases that rose to a tier. */
export interface TierReport {
  /** Opened in this tier … */
  readonly opened: number;
  /** … and whose highest tier it was: all that follows is of these. */
  readonly cases: number;
  readonly dissuaded: number;
  readonly ends: Readonly<Partial<Record<CaseEnd, number>>>;
  /** Medians, in the ladder's minutes; null of none. */
  readonly minutesToContact: number | null;
  readonly minutesToDoor: number | null;
  readonly moneySaved: number;
  readonly moneyLost: number;
}

/** Minutes of every task of a step in a tier, and what came of them. */
export interface StepReport {
  readonly tier: CaseTier;
  readonly step: Step;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly offeredToClaimed: readonly number[];
  readonly claimedToEnded: readonly number[];
}

/** The ladder's part of a replay's report. */
export interface LadderReport {
  /** Minutes below are the ladder's: so many pass in a real one. */
  readonly speed: number;
  /** Cases that had not ended, and were not watched, when the report was made. */
  readonly stillOpen: number;
  readonly tiers: Readonly<Record<CaseTier, TierReport>>;
  readonly steps: readonly StepReport[];
  readonly cases: readonly CaseStory[];
}

const MINUTE_MS = 60_000;
/** Outcomes that say that the officer met nobody. */
const MET_NOBODY: ReadonlySet<string> = new Set(['no-answer', 'busy']);
const ENDS: ReadonlySet<EventKind> = new Set(['task-ended', 'task-overdue', 'task-cancelled']);

const tenths = (value: number): number => Math.round(value * 10) / 10;
const median = (values: readonly number[]): number | null => percentile(values, 0.5);

function tasksOf(events: readonly TimelineEvent[], minuteOf: (at: number) => number) {
  const tasks = new Map<string, RecordedTask>();
  for (const { at, by, details, kind, step, taskId } of events) {
    if (taskId === undefined) continue;
    const known = tasks.get(taskId);
    if (kind === 'task-offered' && step !== undefined) {
      const { offerAt } = details;
      const offered = minuteOf(typeof offerAt === 'number' ? offerAt : at);
      tasks.set(taskId, { step, offered, byOfficer: false });
    } else if (known === undefined) {
      // Of a task that was never offered there is nothing to tell.
    } else if (kind === 'task-claimed') {
      tasks.set(taskId, { ...known, claimed: known.claimed ?? minuteOf(at) });
    } else if (ENDS.has(kind)) {
      const ended = { ended: minuteOf(at), outcome: String(details.outcome) };
      tasks.set(taskId, { ...known, ...ended, byOfficer: by !== WORKFLOW });
    }
  }
  return [...tasks.values()];
}

function endOf({ head: { outcome, state } }: RecordedCase): CaseEnd {
  if (state === 'watching') return 'watching';
  return state === 'closed' ? (outcome ?? 'not-dissuaded') : 'open';
}

function highest(tiers: readonly CaseTier[]): CaseTier {
  return CASE_TIERS.findLast((tier) => tiers.includes(tier)) ?? 'medium';
}

function tiersIn(events: readonly TimelineEvent[]): CaseTier[] {
  return events.flatMap(({ details: { tier, to }, kind }) => {
    const named = kind === 'opened' ? tier : kind === 'closed' ? undefined : to;
    return CASE_TIERS.filter((one) => one === named);
  });
}

function first(minutes: readonly (number | undefined)[]): number | undefined {
  const known = minutes.filter((minute) => minute !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/**
 * What a case's recorded events tell. Money alone comes from the simulation.
 *
 * @param now epoch ms
 * @param person undefined where nobody is simulated
 */
export function storyOfCase(
  recorded: RecordedCase,
  speed: number,
  now: number,
  simulated: { readonly seed: number; readonly person: PersonOfCase } | undefined,
): CaseStory {
  const { events, head } = recorded;
  const minuteOf = (at: number) => tenths(((at - head.openedAt) * speed) / MINUTE_MS);
  const tasks = tasksOf(events, minuteOf);
  const reported = tasks.filter(({ byOfficer }) => byOfficer);
  const met = reported.filter(({ outcome = '' }) => !MET_NOBODY.has(outcome));
  const firstContact = first(met.map(({ ended }) => ended));
  const visits = reported.filter(({ step }) => step === 'visit');
  const atTheDoor = first(visits.map(({ ended }) => ended));
  const convinced = reported.filter(({ outcome }) => outcome === 'dissuaded');
  const dissuaded = first(convinced.map(({ ended }) => ended));
  const end = endOf(recorded);
  const tiers = tiersIn(events);
  const money = simulated === undefined ? undefined : moneyOf(recorded, simulated, end);
  return {
    caseId: head.caseId,
    openedIn: tiers[0] ?? head.tier,
    tier: highest([...tiers, head.tier]),
    end,
    tasks,
    ...(firstContact !== undefined && { firstContact }),
    ...(atTheDoor !== undefined && { atTheDoor }),
    ...(dissuaded !== undefined && { dissuaded }),
    lasted: minuteOf(end === 'open' ? now : (events.at(-1)?.at ?? now)),
    ...money,
  };
}

const REPORTS: ReadonlySet<EventKind> = new Set(['task-ended', 'late-result']);

/**
 * Of a case under way nobody knows yet; one that is one with another has no money of its own. Somebody who was
 * dissuaded is so even where the report came too late for the case.
 */
function moneyOf(
  { events, head }: RecordedCase,
  { person, seed }: { readonly seed: number; readonly person: PersonOfCase },
  end: CaseEnd,
) {
  if (end === 'open' || end === 'duplicate') return { saved: 0, lost: 0 };
  const wasDissuaded = events.some(
    ({ details, kind }) => REPORTS.has(kind) && details.outcome === 'dissuaded',
  );
  return moneyEnd(scriptOf(seed, { ...person, kind: head.kind }), wasDissuaded);
}

function isDissuaded({ end }: CaseStory): boolean {
  return end === 'watching' || end === 'dissuaded';
}

function countOf<Key extends string>(keys: readonly Key[]): Partial<Record<Key, number>> {
  const counts: Partial<Record<Key, number>> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

const defined = (values: readonly (number | undefined)[]): number[] =>
  values.filter((value) => value !== undefined);
const total = (values: readonly (number | undefined)[]): number =>
  defined(values).reduce((sum, value) => sum + value, 0);

function tierReport(tier: CaseTier, all: readonly CaseStory[]): TierReport {
  const stories = all.filter((story) => story.tier === tier);
  return {
    opened: all.filter(({ openedIn }) => openedIn === tier).length,
    cases: stories.length,
    dissuaded: stories.filter(isDissuaded).length,
    ends: countOf(stories.map(({ end }) => end)),
    minutesToContact: median(defined(stories.map(({ firstContact }) => firstContact))),
    minutesToDoor: median(defined(stories.map(({ atTheDoor }) => atTheDoor))),
    moneySaved: total(stories.map(({ saved }) => saved)),
    moneyLost: total(stories.map(({ lost }) => lost)),
  };
}

function between(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : tenths(Math.max(0, to - from));
}

function stepReports(stories: readonly CaseStory[]): StepReport[] {
  return CASE_TIERS.flatMap((tier) => {
    const tasks = stories.filter((story) => story.tier === tier).flatMap((story) => story.tasks);
    const steps = new Set(tasks.map(({ step }) => step));
    return [...steps].map((step) => {
      const ofStep = tasks.filter((task) => task.step === step);
      return {
        tier,
        step,
        outcomes: countOf(ofStep.map(({ outcome }) => outcome ?? 'open')) as Record<string, number>,
        offeredToClaimed: defined(ofStep.map(({ claimed, offered }) => between(offered, claimed))),
        claimedToEnded: defined(ofStep.map(({ claimed, ended }) => between(claimed, ended))),
      };
    });
  });
}

/** Puts the ladder's part of the report together. */
export function reportLadder(stories: readonly CaseStory[], speed: number): LadderReport {
  const tiers = Object.fromEntries(CASE_TIERS.map((tier) => [tier, tierReport(tier, stories)]));
  return {
    speed,
    stillOpen: stories.filter(({ end }) => end === 'open').length,
    tiers: tiers as Record<CaseTier, TierReport>,
    steps: stepReports(stories),
    cases: stories,
  };
}

/** `12.4 min`, `–` where there is none. */
export function minutesInWords(minutes: number | null): string {
  return minutes === null ? '–' : `${minutes.toFixed(1)} min`;
}

/** `¥ 12,300`. */
export function yuan(amount: number): string {
  return `¥ ${amount.toLocaleString('en')}`;
}

/** How the cases ended otherwise than dissuaded: `refused 2, open 1`. */
export function otherEnds({ ends }: TierReport): string {
  const others = Object.entries(ends).filter(([end]) => end !== 'watching' && end !== 'dissuaded');
  return others.map(([end, count]) => `${end} ${count}`).join(', ');
}

/** The ladder as people read it: a row per tier. */
export function ladderTable({ tiers }: LadderReport): string {
  const table = new Table({
    head: [
      'tier',
      'opened',
      'rose to',
      'dissuaded',
      'otherwise',
      'to first contact',
      'to the door',
      'money saved',
      'lost',
    ],
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [8, 8, 9, 11, 22, 12, 10, 12, 12],
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const tier of CASE_TIERS) table.push(rowOfTier(tier, tiers[tier]));
  return table.toString();
}

/** A tier's cells, as the table and the page show them. */
export function rowOfTier(tier: CaseTier, report: TierReport): (string | number)[] {
  return [
    tier,
    report.opened,
    report.cases,
    report.dissuaded,
    otherEnds(report),
    minutesInWords(report.minutesToContact),
    minutesInWords(report.minutesToDoor),
    yuan(report.moneySaved),
    yuan(report.moneyLost),
  ];
}
