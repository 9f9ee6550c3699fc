import { dayAfter, startOfDay } from '../archive/archived-call.ts';
import type { AnswerRow } from '../archive/duckdb-archive.ts';
import type { NumberToken } from '../domain/leg.ts';
import type { Policy } from '../domain/policy.ts';
import { weighCallbackTrap } from './callback-traps.ts';
import { StudyError } from './errors.ts';
import { findGroups, LINKED_AT, mayBeOfFarm } from './farms.ts';
import { guessKind } from './guess-kind.ts';
import type { FeatureReference } from './measures/drift.ts';
import { measureSampledDrift } from './measures/sampled-drift.ts';
import {
  type HandsetUse,
  linkNumbers,
  type NumberLink,
  type SharedContacts,
} from './number-links.ts';
import { foundPrecursors, type LeadingNumber } from './precursors.ts';
import { LISTED_AT, weighSlowCampaign } from './slow-campaigns.ts';
import type { StudyArchive } from './study-archive.ts';
import type { FindingKind, FoundCaller, FoundGroup, StudyResult } from './study-result.ts';

import { STUDY_TABLES, studyTable } from './study-tables.ts';

import { type KeptContact, subjectsAtRisk } from './subjects-at-risk.ts';
import { MOST_CONTACTS, readSuspects, type StudyWindow, type Suspect } from './suspect.ts';
import { answerVolume } from './volume.ts';
import { sumOf, type Weighed } from './weigh.ts';

/** How many days a study looks back, the studied one included. */
export const DEFAULT_WINDOW_DAYS = 14;

export interface StudyOptions {
  /** Local day, YYYY-MM-DD. */
  readonly day: string;
  readonly policy: Policy;
  /** Numbers that are known for risky without the study: found live, or confirmed by the police. */
  readonly known: readonly NumberToken[];
  readonly windowDays?: number;
  /** What the features of the day's callers are compared with; without one they are not. */
  readonly reference?: FeatureReference | undefined;
  /** After each step, of which there are `steps`. */
  readonly onStep?: (done: number, steps: number, what: string) => void;
  readonly signal?: AbortSignal;
}

/** The part of the points below which a number is not even suspicious company for another. */
const SUSPICIOUS_AT = -3;
/** Points of a number that is known, where they are held against those of one that was found. */
const KNOWN_POINTS = 4;
/** Points of a member of a group by its strongest links, at most. */
const MOST_LINK_POINTS = 12;
const FEWEST_LED = 3;
/** Not everybody in the records is somebody whom swindlers might call. */
const LIKELY_CALLED_SHARE = 0.25;
const STEPS = 9;

interface Finding extends Weighed {
  readonly suspect: Suspect;
  readonly kind: FindingKind;
  readonly group?: string;
}

/**
 * Studies a day and the days before it: whom no single call and no live threshold showed. The same day with the
 * same calls and the same known numbers comes to the same; with better data it may come to more.
 *
 * @throws {StudyError} `no-such-day` when the archive has no calls of the day
 * @throws {ArchiveError} when the archive cannot be read or written
 */
export async function studyDay(archive: StudyArchive, options: StudyOptions): Promise<StudyResult> {
  const { day, policy, onStep, signal } = options;
  const known = new Set(options.known);
  const window = await windowOf(archive, day, options.windowDays ?? DEFAULT_WINDOW_DAYS);
  let done = 0;
  const step = (what: string) => {
    signal?.throwIfAborted();
    onStep?.(done++, STEPS, what);
  };
  step('summing up days');
  for (const one of window.days) {
    signal?.throwIfAborted();
    await summariseDay(archive, one);
  }
  step('contacts of the window');
  await archive.make(studyTable('study_contacts'), day, { day, firstDay: window.firstDay });
  step('numbers that seek out strangers');
  await archive.make(studyTable('study_suspects'), day, { day });
  const suspects = await readSuspects(archive, window);
  step('links between numbers');
  const shared = await readShared(archive, window);
  const uses = await readUses(archive, window);
  const { utcOffsetMinutes } = policy.subjects;
  const endOfDay = startOfDay(dayAfter(day, 1), utcOffsetMinutes);
  const people = await peopleOf(archive, day);
  const byNumber = new Map(suspects.map((suspect) => [suspect.number, suspect]));
  const company = suspects.filter(mayBeOfFarm);
  const links = linkNumbers(company, uses, shared, {
    people: people * LIKELY_CALLED_SHARE,
    linkedAt: LINKED_AT,
  });
  const groups = findGroups(links, byNumber);
  step('weighing');
  const slow = weighSlow(suspects, shared, { endOfDay, historyDays: window.days.length });
  const findings = bestFindings([
    ...[...slow.values()].map((weighed) => ({ ...weighed, kind: 'slow-campaign' as const })),
    ...trapsAmong(suspects),
    ...membersOf(groups, links, slow),
  ]);
  step('numbers that came before');
  const districts = districtsOf(uses);
  const listed = findings
    .filter(({ suspect, points }) => suspect.active && points >= LISTED_AT)
    .map((finding) => callerOf(finding, districts));
  const precursors = await readPrecursors(archive, window, [
    ...known,
    ...listed.map(({ number }) => number),
  ]);
  const callers = [...listed, ...foundPrecursors(precursors)]
    .filter(({ number }) => !known.has(number))
    .toSorted((a, b) => b.points - a.points || (a.number < b.number ? -1 : 1));
  step('people at risk');
  const points = new Map(findings.map(({ suspect, points }) => [suspect.number, points]));
  for (const number of known) points.set(number, KNOWN_POINTS);
  const kept = await readKept(archive, window);
  const homes = await readDistricts(
    archive,
    window,
    kept.map(({ other }) => other),
  );
  const subjects = subjectsAtRisk(
    kept,
    (number) => {
      const own = points.get(number);
      return own !== undefined && own >= SUSPICIOUS_AT ? own : undefined;
    },
    (number) => homes.get(number) ?? 0,
  );
  step('volume of the day');
  await keepKnown(
    archive,
    [...known],
    callers.map(({ number }) => number),
  );
  const volume = await answerVolume(archive, window, utcOffsetMinutes, subjects);
  step('features of callers');
  const drift =
    options.reference && (await measureSampledDrift(archive, options.reference, day, policy));
  onStep?.(STEPS, STEPS, 'done');
  return {
    schema: 'forewarn-study/1',
    day,
    utcOffsetMinutes,
    policyVersion: policy.version,
    ...volume,
    kinds: kindsOf(callers),
    callers,
    groups: groups.filter(({ numbers }) => numbers.some((number) => byNumber.get(number)?.active)),
    subjects,
    ...(drift !== undefined && { measures: { drift } }),
  };
}

/** Makes what the archive lacks of a day's summaries, or has of calls that were replaced since. */
export async function summariseDay(archive: StudyArchive, day: string): Promise<void> {
  const state = await archive.stateOfCalls(day);
  if ((await archive.summarisedState(day)) === state) return;
  for (const table of STUDY_TABLES.filter(({ summary }) => summary)) {
    await archive.make(table, day, { day });
  }
  // Of the calls as they were: those that came meanwhile make the next study sum up the day again.
  await archive.markSummarised(day, state);
}

/** @throws {StudyError} */
async function windowOf(
  archive: StudyArchive,
  day: string,
  windowDays: number,
): Promise<StudyWindow & { readonly days: readonly string[] }> {
  const there = await archive.days();
  if (!there.includes(day)) {
    const range = there.length === 0 ? 'none' : `${there[0]} to ${there.at(-1)}`;
    throw new StudyError(
      'no-such-day',
      `The archive has no calls of ${day}; it has days: ${range}. Import them first.`,
    );
  }
  const firstDay = dayAfter(day, 1 - windowDays);
  return { day, firstDay, days: there.filter((one) => one >= firstDay && one <= day) };
}

function weighSlow(
  suspects: readonly Suspect[],
  shared: readonly SharedContacts[],
  context: { readonly endOfDay: number; readonly historyDays: number },
): ReadonlyMap<NumberToken, Weighed & { readonly suspect: Suspect }> {
  const alone = new Map(
    suspects
      .filter(({ closed }) => closed !== undefined)
      .map((suspect) => [
        suspect.number,
        { suspect, ...weighSlowCampaign(suspect, { ...context, shared: 0 }) },
      ]),
  );
  const suspicious = (number: NumberToken) =>
    (alone.get(number)?.points ?? -Infinity) >= SUSPICIOUS_AT;
  const counts = new Map<NumberToken, number>();
  for (const { number, also, shared: people } of shared) {
    if (!suspicious(number) || !suspicious(also)) continue;
    counts.set(number, (counts.get(number) ?? 0) + people);
    counts.set(also, (counts.get(also) ?? 0) + people);
  }
  for (const [number, count] of counts) {
    const suspect = alone.get(number)?.suspect;
    if (suspect === undefined) continue;
    alone.set(number, { suspect, ...weighSlowCampaign(suspect, { ...context, shared: count }) });
  }
  return alone;
}

function trapsAmong(suspects: readonly Suspect[]): Finding[] {
  return suspects.flatMap((suspect) => {
    const weighed = weighCallbackTrap(suspect);
    return weighed === undefined ? [] : [{ suspect, kind: 'callback-trap' as const, ...weighed }];
  });
}

/** Members of groups: what speaks against them alone, and the links that bind them. */
function membersOf(
  groups: readonly FoundGroup[],
  links: readonly NumberLink[],
  slow: ReadonlyMap<NumberToken, Weighed & { readonly suspect: Suspect }>,
): Finding[] {
  return groups.flatMap((group) =>
    group.numbers.flatMap((number) => {
      const own = slow.get(number);
      if (own === undefined) return [];
      const bound = links.filter(({ from, to }) => from === number || to === number);
      const strength = Math.min(
        MOST_LINK_POINTS,
        bound
          .map(({ weight }) => weight)
          .toSorted((a, b) => b - a)
          .slice(0, 2)
          .reduce((sum, weight) => sum + weight, 0),
      );
      // How often it calls says nothing against a number that is one of many.
      const evidence = [
        ...own.evidence.filter(({ id }) => !PACE.has(id)),
        {
          id: 'bound-to-group',
          value: group.numbers.length,
          points: Math.round(strength * 100) / 100,
        },
      ];
      const follows = bound.some((link) => link.succession && link.to === number);
      const kind: FindingKind = group.kind === 'successor' && follows ? 'successor' : 'farm';
      return [{ suspect: own.suspect, kind, group: group.id, evidence, points: sumOf(evidence) }];
    }),
  );
}

const PACE: ReadonlySet<string> = new Set([
  'calls-on-busiest-day',
  'new-people-dialled-a-day',
  'days-of-calling',
  'hours-known',
  'days-of-history',
]);

/** The finding of each number that most speaks for; of a group rather than alone. */
function bestFindings(findings: readonly Finding[]): Finding[] {
  const best = new Map<NumberToken, Finding>();
  for (const finding of findings) {
    const known = best.get(finding.suspect.number);
    if (known === undefined || finding.points > known.points) {
      best.set(finding.suspect.number, finding);
    }
  }
  return [...best.values()];
}

function callerOf(
  { suspect, kind, points, evidence, group }: Finding,
  districts: ReadonlyMap<NumberToken, number>,
): FoundCaller {
  return {
    number: suspect.number,
    kind,
    fraudKind: guessKind(suspect),
    points,
    evidence,
    contacts: suspect.contacts,
    calls: suspect.made,
    talkSeconds: suspect.talk,
    firstCall: suspect.firstCall,
    lastCall: suspect.lastCall,
    district: districts.get(suspect.number) ?? 0,
    ...(group !== undefined && { group }),
  };
}

function districtsOf(uses: readonly HandsetUse[]): ReadonlyMap<NumberToken, number> {
  return new Map(
    uses.toSorted((a, b) => a.lastCall - b.lastCall).map((use) => [use.number, use.district]),
  );
}

function kindsOf(callers: readonly FoundCaller[]): StudyResult['kinds'] {
  return [...Map.groupBy(callers, ({ fraudKind }) => fraudKind)]
    .map(([kind, own]) => ({
      kind,
      callers: own.length,
      people: own.reduce((sum, { contacts }) => sum + contacts, 0),
    }))
    .toSorted((a, b) => b.callers - a.callers || (a.kind < b.kind ? -1 : 1));
}

type NumberRow = AnswerRow & Record<string, number> & { number: string };

async function readShared(archive: StudyArchive, { day }: StudyWindow): Promise<SharedContacts[]> {
  const rows = await archive.ask<NumberRow & { also: string }>('shared-contacts', {
    day,
    mostContacts: MOST_CONTACTS,
  });
  return rows.map(({ number, also, shared, shared_long }) => ({
    number,
    also,
    shared: shared ?? 0,
    sharedLong: shared_long ?? 0,
  }));
}

async function readUses(
  archive: StudyArchive,
  { day, firstDay }: StudyWindow,
): Promise<HandsetUse[]> {
  const rows = await archive.ask<NumberRow>('places-of-suspects', {
    day,
    firstDay,
    mostContacts: MOST_CONTACTS,
  });
  return rows
    .map((row) => ({
      number: row.number,
      handset: row.handset ?? 0,
      district: row.district ?? 0,
      made: row.made ?? 0,
      firstCall: row.first_call ?? 0,
      lastCall: row.last_call ?? 0,
    }))
    .toSorted((a, b) =>
      a.number < b.number ? -1 : a.number > b.number ? 1 : a.handset - b.handset,
    );
}

async function readKept(archive: StudyArchive, { day }: StudyWindow): Promise<KeptContact[]> {
  const rows = await archive.ask<NumberRow & { other: string }>('kept-contacts', {
    day,
    mostContacts: MOST_CONTACTS,
  });
  return rows
    .map((row) => ({
      number: row.number,
      other: row.other,
      talks: row.talks ?? 0,
      talk: row.talk ?? 0,
      longest: row.longest ?? 0,
      firstTalk: row.first_talk ?? 0,
      received: row.received ?? 0,
      days: row.days ?? 0,
      lastCall: row.last_call ?? 0,
    }))
    .toSorted((a, b) =>
      a.other < b.other ? -1 : a.other > b.other ? 1 : a.number < b.number ? -1 : 1,
    );
}

async function peopleOf(archive: StudyArchive, day: string): Promise<number> {
  const rows = await archive.ask<{ people: number }>('people-of-day', {
    day,
  });
  return rows[0]?.people ?? 0;
}

async function keepKnown(
  archive: StudyArchive,
  known: readonly NumberToken[],
  found: readonly NumberToken[],
): Promise<void> {
  await archive.list('study_known', [
    ...known.map((number) => ({ number, found: false })),
    ...found.map((number) => ({ number, found: true })),
  ]);
}

async function readPrecursors(
  archive: StudyArchive,
  { day, firstDay }: StudyWindow,
  risky: readonly NumberToken[],
): Promise<LeadingNumber[]> {
  await keepKnown(archive, risky, []);
  const rows = await archive.ask<NumberRow>('precursors', {
    day,
    firstDay,
    fewest: FEWEST_LED,
  });
  return rows
    .map((row) => ({
      number: row.number,
      led: row.led ?? 0,
      contacts: row.contacts ?? 0,
      made: row.made ?? 0,
      talk: row.talk ?? 0,
      firstCall: row.first_call ?? 0,
      lastCall: row.last_call ?? 0,
    }))
    .toSorted((a, b) => (a.number < b.number ? -1 : 1));
}

async function readDistricts(
  archive: StudyArchive,
  { day, firstDay }: StudyWindow,
  numbers: readonly NumberToken[],
): Promise<ReadonlyMap<NumberToken, number>> {
  const distinct = [...new Set(numbers)].map((number) => ({ number, found: false }));
  await archive.list('study_shown', distinct);
  const rows = await archive.ask<NumberRow>('districts-of-people', {
    day,
    firstDay,
  });
  return new Map(rows.map(({ number, district }) => [number, district ?? 0]));
}
