import { grid, paragraph, type Section, table } from '../../../reports/page.ts';
import type { FoundCaller } from '../../study-result.ts';
import { kindInWords } from '../../study-words.ts';
import { districtName } from '../district-names.ts';
import { groupNetwork } from '../group-network.ts';
import { labelGroups, strongestFirst } from '../labels.ts';
import type { ReportContext } from '../report-context.ts';
import { spokenEvidence } from '../spoken-evidence.ts';

const SHOWN_CALLERS = 14;
/** Else the numbers of one farm would fill the table. */
const SHOWN_OF_GROUP = 2;
const SHOWN_GROUPS = 6;
const SHOWN_PEOPLE = 12;
const SHOWN_CALLERS_OF_PERSON = 4;
/** Columns of the table of callers that hold figures. */
const FIGURES = new Set([3, 4, 5, 6]);

/** The callers whom the live thresholds do not show. */
export function foundCallers(context: ReportContext): Section {
  const { result, language, words, figures, labelOf } = context;
  const { callers, sections } = words;
  if (result.callers.length === 0)
    return { ...sections.callers, content: [paragraph(callers.none)] };
  const labels = new Map<string | undefined, string>(
    labelGroups(result).map(({ group, label }) => [group.id, label]),
  );
  const sorted = strongestFirst(result.callers);
  const rows = strongestOfEachGroup(sorted)
    .slice(0, SHOWN_CALLERS)
    .map((caller) => [
      labelOf(caller.number),
      groupSuffix(kindInWords(caller.kind, language), labels.get(caller.group)),
      words.fraudKinds[caller.fraudKind],
      figures.number(caller.points, 1),
      figures.count(caller.contacts),
      figures.count(caller.calls),
      figures.count(Math.round(caller.talkSeconds / 60)),
      districtName(caller.district, language, words.unknownDistrict),
      spokenEvidence(caller.evidence, language),
    ]);
  const left = sorted.length - rows.length;
  return {
    ...sections.callers,
    content: [
      table(
        callers.columns.map((header, i) => ({ header, align: FIGURES.has(i) ? 'right' : 'left' })),
        rows,
      ),
      ...(left > 0 ? [paragraph(callers.more(figures.count(left)))] : []),
    ],
  };
}

function strongestOfEachGroup(sorted: readonly FoundCaller[]): FoundCaller[] {
  const shown = new Map<string, number>();
  return sorted.filter(({ group }) => {
    if (group === undefined) return true;
    const before = shown.get(group) ?? 0;
    shown.set(group, before + 1);
    return before < SHOWN_OF_GROUP;
  });
}

function groupSuffix(name: string, label: string | undefined): string {
  return label === undefined ? name : `${name} · ${label}`;
}

/** The groups as networks. */
export function foundGroups(context: ReportContext): Section {
  const { result, words, figures } = context;
  const { groups, sections } = words;
  if (result.groups.length === 0) return { ...sections.groups, content: [paragraph(groups.none)] };
  const sorted = labelGroups(result);
  const shown = sorted.slice(0, SHOWN_GROUPS);
  const left = sorted.length - shown.length;
  return {
    title: sections.groups.title,
    lead: [sections.groups.lead, groups.lines].join(words.space),
    content: [
      grid(shown.map(({ group, label }) => groupNetwork(group, label, context))),
      ...(left > 0 ? [paragraph(groups.more(figures.count(left)))] : []),
    ],
  };
}

/** The people whom somebody should call. */
export function peopleAtRisk(context: ReportContext): Section {
  const { result, language, words, figures, labelOf } = context;
  const { sections, subjects } = words;
  if (result.subjects.length === 0) {
    return { ...sections.subjects, content: [paragraph(subjects.none)] };
  }
  const sorted = strongestFirst(result.subjects);
  const rows = sorted
    .slice(0, SHOWN_PEOPLE)
    .map((subject) => [
      labelOf(subject.number),
      districtName(subject.district, language, words.unknownDistrict),
      callersOf(subject.callers.map(labelOf)),
      spokenEvidence(subject.evidence, language),
    ]);
  const left = sorted.length - rows.length;
  return {
    ...sections.subjects,
    content: [
      table(
        subjects.columns.map((header) => ({ header })),
        rows,
      ),
      ...(left > 0 ? [paragraph(subjects.more(figures.count(left)))] : []),
    ],
  };
}

function callersOf(labels: readonly string[]): string {
  const left = labels.length - SHOWN_CALLERS_OF_PERSON;
  const shown = labels.slice(0, SHOWN_CALLERS_OF_PERSON).join(' ');
  return left > 0 ? `${shown} +${left}` : shown;
}
