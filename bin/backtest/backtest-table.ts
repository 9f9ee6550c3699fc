import Table from 'cli-table3';
import type { BacktestMeasures, PolicyMeasures } from '../../lib/backtest/measures.ts';
import type { FoundShare, TruthMeasures } from '../../lib/backtest/truth-measures.ts';
import { TIERS } from '../../lib/domain/tiers.ts';

const SHOWN_REASONS = 12;
const SHOWN_ROLES = 8;

/** A share in percent, `-` where there is none. */
function percent(share: number | null): string {
  return share === null ? '-' : `${(share * 100).toFixed(1)} %`;
}

function figure(value: number | null, digits = 1): string {
  if (value === null) return '-';
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

function tableOf(head: readonly string[]): Table.Table {
  return new Table({
    head: [...head],
    style: { head: [], border: [] },
    colAligns: head.map((_, i) => (i === 0 ? 'left' : 'right')),
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
}

/** What a backtest came to, as people read it: one column for each policy. */
export function backtestTable(
  measures: BacktestMeasures,
  names: readonly string[],
  seconds: number,
): string {
  return [
    historyLine(measures, seconds),
    mainTable(measures, names),
    ...comparisonLines(measures, names),
    ...measures.policies.flatMap(({ truth }, i) =>
      truth === undefined ? [] : truthTables(truth, measures.policies.length > 1 ? names[i] : ''),
    ),
  ].join('\n');
}

function historyLine(measures: BacktestMeasures, seconds: number): string {
  const { records, calls, numbers, days, rejected } = measures;
  const refused = Object.values(rejected).reduce((sum, each) => sum + each, 0);
  const reasons = Object.entries(rejected).map(([reason, rows]) => `${reason} ${rows}`);
  const speed = Math.round(calls / Math.max(seconds, 0.001));
  return [
    `${figure(calls)} calls (${figure(records)} records) of ${figure(numbers)} numbers over ${figure(days)} days, in ${seconds.toFixed(1)} s (${figure(speed)} calls/s).`,
    ...(refused === 0 ? [] : [`${figure(refused)} records were not valid: ${reasons.join(', ')}.`]),
  ].join('\n');
}

function mainTable({ policies, days }: BacktestMeasures, names: readonly string[]): string {
  const table = tableOf(['', ...names]);
  const row = (label: string, of: (policy: PolicyMeasures) => string) => {
    table.push([label, ...policies.map(of)]);
  };
  row('policy version', ({ version }) => String(version));
  row('texts sent', ({ warnings }) => figure(warnings.sent));
  row('  per 100,000 numbers and day', ({ warnings }) =>
    figure(warnings.sentPer100kNumbersAndDay, 2),
  );
  row('  cost a day', ({ warnings }) => figure(warnings.costPerDay, 2));
  row('  held back by the budget', ({ warnings }) =>
    figure(Object.values(warnings.overBudget).reduce((sum, each) => sum + each, 0)),
  );
  row('  held back: cooldown, cap', ({ warnings: { suppressed } }) =>
    [suppressed.cooldown, suppressed.cap].map((each) => figure(each)).join(', '),
  );
  row('  undeliverable', ({ warnings }) => figure(warnings.undeliverable));
  for (const tier of TIERS) {
    row(`texts, cases: ${tier}`, ({ tiers }) =>
      [tiers[tier].texts, tiers[tier].cases].map((each) => figure(each)).join(', '),
    );
  }
  row('cases a day', ({ tiers }) =>
    figure(TIERS.reduce((sum, tier) => sum + tiers[tier].cases, 0) / days),
  );
  row('officer hours a day', ({ officerHoursPerDay }) => figure(officerHoursPerDay));
  row('numbers found risky', ({ callersFound }) => figure(callersFound));
  if (policies.every(({ truth }) => truth !== undefined)) {
    const judge = (label: string, of: (truth: TruthMeasures) => string) =>
      row(label, ({ truth }) => (truth === undefined ? '-' : of(truth)));
    judge('right texts', ({ texts }) => percent(texts.precision));
    judge('wrong texts per 100,000 people and day', ({ wrong }) =>
      figure(wrong.per100kPeopleAndDay, 2),
    );
    judge(
      'fraud callers found',
      ({ callers }) => `${percent(callers.share)} (${callers.found} of ${callers.planted})`,
    );
    judge(
      'calls until found: median, 90 %',
      ({ callsUntilFound: { median, p90 } }) => `${figure(median)}, ${figure(p90)}`,
    );
    judge(
      'deceived people warned in time',
      ({ deceived }) =>
        `${percent(deceived.inTimeShare)} (${deceived.inTime} of ${deceived.people})`,
    );
    judge('  while the first call went on', ({ deceived }) => percent(deceived.duringFirstShare));
    judge('talk with deceivers after the warning', ({ talk }) => percent(talk.share));
  }
  return table.toString();
}

function comparisonLines({ comparison }: BacktestMeasures, names: readonly string[]): string[] {
  if (comparison === undefined) return [];
  const { warnedByBoth, onlyByFirst, onlyBySecond } = comparison;
  const judged = ({ people, right, wrong }: typeof onlyByFirst) =>
    right === undefined ? figure(people) : `${figure(people)} (${right} rightly, ${wrong} wrongly)`;
  return [
    `People warned by both: ${figure(warnedByBoth)}; only by ${names[0]}: ${judged(onlyByFirst)}; only by ${names[1]}: ${judged(onlyBySecond)}.`,
  ];
}

function truthTables(truth: TruthMeasures, name: string | undefined): string[] {
  const of = name === '' ? '' : `, ${name}`;
  const habits = tableOf([`habit${of}`, 'planted', 'found', 'share', 'calls until found']);
  for (const row of truth.callers.byHabit) habits.push(foundRow(row));
  const reasons = tableOf([
    `term or rule${of}`,
    'texts',
    'right',
    'of people who talked with fraud',
    'callers',
  ]);
  for (const { id, texts, precision, recall, callers } of truth.byReason.slice(0, SHOWN_REASONS)) {
    reasons.push([id, figure(texts), percent(precision), percent(recall), figure(callers)]);
  }
  const wrong = truth.wrong.byRole
    .slice(0, SHOWN_ROLES)
    .map(({ role, texts, callers }) => `${role} ${texts} (${callers} callers)`);
  return [
    habits.toString(),
    reasons.toString(),
    ...(wrong.length === 0 ? [] : [`Wrong texts by who called${of}: ${wrong.join(', ')}.`]),
  ];
}

function foundRow({ name, planted, found, share, medianCalls }: FoundShare): string[] {
  return [name, figure(planted), figure(found), percent(share), figure(medianCalls)];
}
