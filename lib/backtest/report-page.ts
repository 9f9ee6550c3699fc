import { TIERS } from '../domain/tiers.ts';
import { barChart, lineChart } from '../reports/charts.ts';
import { type Fact, facts, grid, type Html, htmlPage, paragraph, table } from '../reports/page.ts';
import type { BacktestMeasures, Comparison, PolicyMeasures } from './measures.ts';
import type { TruthMeasures } from './truth-measures.ts';

/** What the page says of where its figures come from. */
export interface ReportSubject {
  readonly calls: string;
  /** Names of the policies, in the order of the measures. */
  readonly policies: readonly string[];
  readonly officerMinutes: string;
  readonly textPrice: number;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** By hour on a page reads well for so long; then by day. */
const MOST_HOURS = 24 * 10;
/** Calls until found from which callers share a bar. */
const MANY_CALLS = 15;
const SHOWN_ROWS = 30;
const LEFT_RIGHT = ['left', 'right'] as const;

/** The page that an analyst shows to the chief: figures large, then plots, then tables. */
export function backtestPage(measures: BacktestMeasures, subject: ReportSubject): string {
  const { policies } = measures;
  const many = policies.length > 1;
  const names = subject.policies.map((name, i) => `${name} (version ${policies[i]?.version})`);
  return htmlPage({
    title: 'Backtest',
    subtitle: `${names.join(' against ')} on ${subject.calls}: ${spanOf(measures)}`,
    sections: [
      ...policies.map((policy, i) => ({
        title: many ? `In short: ${names[i]}` : 'In short',
        content: [facts(headline(policy, measures))],
      })),
      ...(measures.comparison === undefined ? [] : [comparisonSection(measures.comparison, names)]),
      {
        title: 'Texts',
        lead: 'Every text costs attention and money: when they go out, and how many one person is asked to bear.',
        content: [grid([textsOverTime(measures, names), burden(measures, names)])],
      },
      ...truthSections(measures, names),
      {
        title: 'Work',
        lead: `Cases by the highest tier that they rose to. Officer hours by ${subject.officerMinutes} minutes a case; a text at ${subject.textPrice}.`,
        content: [workTable(measures, names)],
      },
      {
        title: 'Records',
        content: [recordsTable(measures)],
      },
    ],
  });
}

function spanOf({ from, to, days, calls, numbers }: BacktestMeasures): string {
  if (from === null || to === null) return 'no valid record';
  return `${count(calls)} calls of ${count(numbers)} numbers, ${from.slice(0, 10)} to ${to.slice(0, 10)} (${days.toFixed(1)} days)`;
}

/** A figure with separators, rounded to what it can be known to. */
function count(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });
}

/** A share in percent, `–` where there is none. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? '–' : `${(share * 100).toFixed(1)} %`;
}

function whole(value: number | null): string {
  return value === null ? '–' : count(value);
}

function headline(policy: PolicyMeasures, measures: BacktestMeasures): Fact[] {
  const { warnings, truth } = policy;
  const cases = TIERS.reduce((sum, tier) => sum + policy.tiers[tier].cases, 0);
  const dropped = Object.values(warnings.overBudget).reduce((sum, each) => sum + each, 0);
  return [
    ...(truth === undefined ? [] : truthHeadline(truth)),
    {
      label: 'Texts sent',
      value: count(warnings.sent),
      note: `${count(warnings.sentPer100kNumbersAndDay)} per 100,000 numbers and day`,
    },
    { label: 'Held back by the budget', value: count(dropped) },
    {
      label: 'Cases',
      value: count(cases),
      note: `${count(cases / measures.days)} a day, ${count(policy.officerHoursPerDay)} officer hours a day`,
    },
    { label: 'Numbers found risky', value: count(policy.callersFound) },
  ];
}

function truthHeadline({
  texts,
  callers,
  callsUntilFound,
  deceived,
  talk,
  wrong,
}: TruthMeasures): Fact[] {
  return [
    {
      label: 'Texts that were right',
      value: percent(texts.precision),
      note: `${texts.right} of ${texts.texts}`,
    },
    {
      label: 'Fraud callers found',
      value: percent(callers.share),
      note: `${callers.found} of ${callers.planted}`,
    },
    {
      label: 'Calls until found',
      value: whole(callsUntilFound.median),
      note: `median; nine of ten by ${whole(callsUntilFound.p90)}`,
    },
    {
      label: 'Deceived people warned in time',
      value: percent(deceived.inTimeShare),
      note: `${deceived.inTime} of ${deceived.people}, before their second call or during the only one`,
    },
    {
      label: 'Talk with deceivers after the warning',
      value: percent(talk.share),
      note: `of ${count(talk.minutes)} minutes`,
    },
    {
      label: 'Wrong texts',
      value: count(wrong.per100kPeopleAndDay),
      note: `per 100,000 people and day (${wrong.texts} in all)`,
    },
  ];
}

function comparisonSection(comparison: Comparison, names: readonly string[]) {
  const { warnedByBoth, onlyByFirst, onlyBySecond, medianMinutesEarlier } = comparison;
  const truthful = onlyByFirst.right !== undefined;
  const row = (label: string, { people, right, wrong }: Comparison['onlyByFirst']) =>
    truthful ? [label, people, right ?? '', wrong ?? ''] : [label, people];
  const reasons = (name: string, difference: Comparison['onlyByFirst']): Html =>
    difference.reasons.length === 0
      ? paragraph(`Nobody is warned only by ${name}.`)
      : barChart({
          title: `What spoke for the texts that only ${name} sends`,
          categories: difference.reasons.map(({ id }) => id),
          series: [{ name: 'texts', values: difference.reasons.map(({ texts }) => texts) }],
          horizontal: true,
        });
  const [first = '', second = ''] = names;
  const lead =
    medianMinutesEarlier === null
      ? 'No person is warned by both.'
      : `Of the people whom both warn, ${second} warns ${Math.abs(medianMinutesEarlier).toFixed(1)} minutes ${medianMinutesEarlier < 0 ? 'later' : 'earlier'} in the median.`;
  return {
    title: 'Who is warned by one and not the other',
    lead,
    content: [
      table(
        columnsOf(
          ['warned by', 'people', ...(truthful ? ['rightly', 'wrongly'] : [])],
          truthful ? 3 : 1,
        ),
        [
          ['both', warnedByBoth, ...(truthful ? ['', ''] : [])],
          row(`only ${first}`, onlyByFirst),
          row(`only ${second}`, onlyBySecond),
        ],
      ),
      grid([reasons(first, onlyByFirst), reasons(second, onlyBySecond)]),
    ],
  };
}

/** The first column to the left, the others to the right. */
function columnsOf(headers: readonly string[], numbers = headers.length - 1) {
  return headers.map((header, i) => ({
    header,
    align: LEFT_RIGHT[i >= headers.length - numbers ? 1 : 0] ?? 'left',
  }));
}

function textsOverTime(measures: BacktestMeasures, names: readonly string[]): Html {
  const hours = measures.policies[0]?.hours ?? [];
  const byDay = hours.length > MOST_HOURS;
  const step = byDay ? DAY_MS : HOUR_MS;
  const origin = hours[0]?.hourMs ?? 0;
  return lineChart({
    title: byDay ? 'Texts a day' : 'Texts an hour',
    xLabel: byDay ? 'day of the history' : 'hour of the history',
    series: measures.policies.map((policy, i) => {
      const sums = new Map<number, number>();
      for (const { hourMs, texts } of policy.hours) {
        const bin = Math.floor((hourMs - origin) / step);
        sums.set(bin, (sums.get(bin) ?? 0) + texts);
      }
      return { name: names[i] ?? '', points: [...sums] };
    }),
  });
}

function burden(measures: BacktestMeasures, names: readonly string[]): Html {
  const most = Math.max(
    1,
    ...measures.policies.flatMap(({ warnings }) => Object.keys(warnings.peopleByTexts).map(Number)),
  );
  const categories = Array.from({ length: most }, (_, i) => String(i + 1));
  return barChart({
    title: 'People by how many texts they were sent',
    xLabel: 'texts',
    yLabel: 'people',
    categories,
    series: measures.policies.map(({ warnings }, i) => ({
      name: names[i] ?? '',
      values: categories.map((texts) => warnings.peopleByTexts[texts] ?? 0),
    })),
  });
}

interface Judged {
  readonly name: string;
  readonly truth: TruthMeasures;
}

function truthSections(measures: BacktestMeasures, names: readonly string[]) {
  const judged = measures.policies.flatMap(({ truth }, i): Judged[] =>
    truth === undefined ? [] : [{ name: names[i] ?? '', truth }],
  );
  if (judged.length === 0) return [];
  return [
    {
      title: 'How right the texts were',
      lead: 'A text is right when the person had talked with a fraud caller by then, whoever dialled.',
      content: [
        grid([precisionByTier(judged), ...judged.map(wrongByRole)]),
        ...judged.map(({ name, truth }) =>
          reasonTable(truth, judged.length > 1 ? name : undefined),
        ),
      ],
    },
    {
      title: 'How soon callers were found',
      content: [
        grid([callsUntilFound(judged), foundByHabit(judged)]),
        ...judged.map(({ truth }) => habitTable(truth)),
      ],
    },
    {
      title: 'What deceivers could still say',
      lead: 'Minutes of deceiving calls, added up as the calls end, and those that the person spent with a warning in hand.',
      content: [grid(judged.map(talkCurve))],
    },
  ];
}

function precisionByTier(judged: readonly Judged[]): Html {
  return barChart({
    title: 'Right texts of each tier, in percent',
    categories: [...TIERS],
    series: judged.map(({ name, truth }) => ({
      name,
      values: TIERS.map((tier) => (truth.byTier[tier].precision ?? 0) * 100),
    })),
    note: 'Texts: '.concat(
      judged
        .map(({ truth }) => TIERS.map((tier) => `${tier} ${truth.byTier[tier].texts}`).join(', '))
        .join('; '),
    ),
  });
}

function wrongByRole({ name, truth }: Judged): Html {
  const { byRole } = truth.wrong;
  if (byRole.length === 0) return paragraph(`${name} sent no wrong text.`);
  return barChart({
    title: `Wrong texts by who called, ${name}`,
    categories: byRole.map(({ role, callers }) => `${role} (${callers})`),
    series: [{ name: 'texts', values: byRole.map(({ texts }) => texts) }],
    horizontal: true,
    note: 'In brackets: how many different callers.',
  });
}

function reasonTable(truth: TruthMeasures, name: string | undefined): Html {
  const rows = truth.byReason
    .slice(0, SHOWN_ROWS)
    .map(({ id, texts, precision, recall, callers }) => [
      id,
      texts,
      percent(precision),
      percent(recall),
      callers,
    ]);
  const header = name === undefined ? 'term or rule' : `term or rule, ${name}`;
  return table(
    columnsOf([header, 'texts', 'right', 'of people who talked with fraud', 'fraud callers']),
    rows,
  );
}

function callsUntilFound(judged: readonly Judged[]): Html {
  const categories = Array.from({ length: MANY_CALLS }, (_, i) =>
    i + 1 === MANY_CALLS ? `${MANY_CALLS}+` : String(i + 1),
  );
  return barChart({
    title: 'Fraud callers by their calls until found',
    xLabel: 'calls made, the one that gave it away included',
    yLabel: 'callers',
    categories,
    series: judged.map(({ name, truth }) => {
      const values = categories.map(() => 0);
      for (const [calls, callers] of Object.entries(truth.callsUntilFound.counts)) {
        const bin = Math.min(Number(calls), MANY_CALLS) - 1;
        values[bin] = (values[bin] ?? 0) + callers;
      }
      return { name, values };
    }),
  });
}

function foundByHabit(judged: readonly Judged[]): Html {
  const categories = judged[0]?.truth.callers.byHabit.map(({ name }) => name) ?? [];
  return barChart({
    title: 'Fraud callers found by habit, in percent',
    categories,
    series: judged.map(({ name, truth }) => ({
      name,
      values: truth.callers.byHabit.map(({ share }) => (share ?? 0) * 100),
    })),
    horizontal: true,
    height: Math.max(240, 80 + 30 * categories.length),
  });
}

function habitTable({ callers }: TruthMeasures): Html {
  return table(
    columnsOf(['habit', 'planted', 'found', 'share', 'calls until found (median)']),
    callers.byHabit.map(({ name, planted, found, share, medianCalls }) => [
      name,
      planted,
      found,
      percent(share),
      whole(medianCalls),
    ]),
  );
}

function talkCurve({ name, truth }: Judged): Html {
  const { curve, share } = truth.talk;
  const origin = curve[0]?.atMs ?? 0;
  const days = (atMs: number) => (atMs - origin) / DAY_MS;
  return lineChart({
    title: `${name}: ${percent(share)} of the talk came after the warning`,
    xLabel: 'days since the first deceiving call ended',
    yLabel: 'minutes',
    series: [
      {
        name: 'all',
        points: curve.map(({ atMs, minutes }) => [days(atMs), minutes]),
        dashed: true,
      },
      { name: 'after the warning', points: curve.map(({ atMs, after }) => [days(atMs), after]) },
    ],
  });
}

function workTable({ policies, days }: BacktestMeasures, names: readonly string[]): Html {
  const row = (label: string, of: (policy: PolicyMeasures) => number) => [
    label,
    ...policies.map((policy) => count(of(policy))),
  ];
  return table(columnsOf(['', ...names]), [
    ...TIERS.map((tier) => row(`cases, ${tier}`, (policy) => policy.tiers[tier].cases)),
    row('officer hours a day', (policy) => policy.officerHoursPerDay),
    row('texts a day', ({ warnings }) => warnings.sent / days),
    row('cost of texts a day', ({ warnings }) => warnings.costPerDay),
    row('held back: warned already (cooldown)', ({ warnings }) => warnings.suppressed.cooldown),
    row('held back: warned too often (cap)', ({ warnings }) => warnings.suppressed.cap),
    row('could not be delivered', ({ warnings }) => warnings.undeliverable),
    ...bandsOf(policies).map((band) =>
      row(`over budget, probability ${band}`, ({ warnings }) => warnings.overBudget[band] ?? 0),
    ),
  ]);
}

function bandsOf(policies: readonly PolicyMeasures[]): string[] {
  return [...new Set(policies.flatMap(({ warnings }) => Object.keys(warnings.overBudget)))].sort();
}

function recordsTable({ records, calls, rejected }: BacktestMeasures): Html {
  return table(columnsOf(['', 'records']), [
    ['valid', count(records)],
    ['calls among them (all but records of an end)', count(calls)],
    ...Object.entries(rejected).map(([reason, rows]) => [`refused: ${reason}`, count(rows)]),
  ]);
}
