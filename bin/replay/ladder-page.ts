import { CASE_TIERS, STEPS } from '../../lib/domain/ladder/ladder-policy.ts';
import { barChart, boxChart, type Span, spanChart } from '../../lib/reports/charts.ts';
import { facts, grid, type Html, htmlPage, paragraph, table } from '../../lib/reports/page.ts';
import {
  type CaseStory,
  type LadderReport,
  type RecordedTask,
  rowOfTier,
  type StepReport,
  yuan,
} from './ladder-report.ts';

const ROW_HEIGHT = 18;
const LEAST_HEIGHT = 160;
const SHOWN_ID = 8;
const NUMBER = { align: 'right' } as const;

/** The page of a ladder: what came of the cases, how long each step took, and every case from its opening to its end. */
export function ladderPage(ladder: LadderReport, source: string): string {
  const { cases, speed } = ladder;
  return htmlPage({
    title: 'The dissuasion ladder at work',
    subtitle: `${source}: ${cases.length} cases`,
    sections: [
      { title: 'In short', content: [headline(ladder), tierTable(ladder)] },
      ...(cases.length === 0 ? [] : chartSections(ladder)),
      {
        title: 'How to read this',
        content: [
          paragraph(
            `Durations are read off the cases' timelines. Minutes are the ladder's: ${speed} of them pass in a real one, so what the machine itself needs is in them, multiplied.`,
          ),
          paragraph(
            'What people answer, and the money, is simulated: see "Officers and the people of a case" in docs/simulation.md.',
          ),
        ],
      },
    ],
  });
}

function headline({ cases, stillOpen, tiers }: LadderReport): Html {
  const sum = (of: (tier: (typeof tiers)['medium']) => number) =>
    CASE_TIERS.reduce((total, tier) => total + of(tiers[tier]), 0);
  return facts([
    { label: 'Cases', value: String(cases.length), note: `${stillOpen} still open` },
    { label: 'People dissuaded', value: String(sum(({ dissuaded }) => dissuaded)) },
    { label: 'Money saved', value: yuan(sum(({ moneySaved }) => moneySaved)) },
    { label: 'Money lost', value: yuan(sum(({ moneyLost }) => moneyLost)) },
  ]);
}

function tierTable({ tiers }: LadderReport): Html {
  return table(
    [
      { header: 'tier' },
      { header: 'opened', ...NUMBER },
      { header: 'rose to', ...NUMBER },
      { header: 'dissuaded', ...NUMBER },
      { header: 'otherwise' },
      { header: 'to first contact (median)', ...NUMBER },
      { header: 'to the door (median)', ...NUMBER },
      { header: 'money saved', ...NUMBER },
      { header: 'lost', ...NUMBER },
    ],
    CASE_TIERS.map((tier) => rowOfTier(tier, tiers[tier])),
  );
}

function chartSections(ladder: LadderReport) {
  return [
    {
      title: 'How long each step took',
      lead: 'From the offer of a task until somebody took it, and from then until it ended. In brackets: how many.',
      content: [
        grid([
          durations('Until somebody took it', ladder.steps, (step) => step.offeredToClaimed),
          durations('From then until it ended', ladder.steps, (step) => step.claimedToEnded),
        ]),
      ],
    },
    {
      title: 'What came of each step',
      content: [outcomesOfSteps(ladder.steps)],
    },
    {
      title: 'Every case',
      lead: 'From its opening on. A task waits until somebody takes it; then it is worked on until it ends.',
      content: [timetable(ladder.cases)],
    },
  ];
}

function durations(
  title: string,
  steps: readonly StepReport[],
  of: (step: StepReport) => readonly number[],
): Html {
  const groups = STEPS.flatMap((step) =>
    steps
      .filter((one) => one.step === step)
      .map((one) => ({ name: `${step}, ${one.tier}`, values: of(one) })),
  );
  const height = Math.max(LEAST_HEIGHT, 60 + 2 * ROW_HEIGHT * groups.length);
  return boxChart({ title, xLabel: 'minutes', groups, height });
}

function outcomesOfSteps(steps: readonly StepReport[]): Html {
  const outcomes = [...new Set(steps.flatMap((step) => Object.keys(step.outcomes)))].sort();
  const sumOf = (step: string, outcome: string) =>
    steps
      .filter((one) => one.step === step)
      .reduce((sum, one) => sum + (one.outcomes[outcome] ?? 0), 0);
  return barChart({
    title: 'Tasks by what came of them',
    xLabel: 'tasks',
    categories: outcomes,
    series: STEPS.map((step) => ({
      name: step,
      values: outcomes.map((outcome) => sumOf(step, outcome)),
    })),
    horizontal: true,
    stacked: true,
    height: Math.max(LEAST_HEIGHT, 90 + 26 * outcomes.length),
  });
}

function spansOf(
  cases: readonly CaseStory[],
  which: (task: RecordedTask) => boolean,
  stretch: (
    task: RecordedTask,
    lasted: number,
  ) => readonly [from: number | undefined, to: number | undefined],
): Span[] {
  return cases.flatMap(({ lasted, tasks }, row) =>
    tasks.filter(which).flatMap((task) => {
      const [from, to] = stretch(task, lasted);
      return from === undefined || to === undefined || to < from ? [] : [{ row, from, to }];
    }),
  );
}

/** What takes longest is drawn first, so that what goes on beside it shows. */
function timetable(cases: readonly CaseStory[]): Html {
  const waits = spansOf(
    cases,
    () => true,
    ({ claimed, ended, offered }, lasted) => [offered, claimed ?? ended ?? lasted],
  );
  const worked = STEPS.toReversed().map((step) => ({
    name: step,
    spans: spansOf(
      cases,
      (task) => task.step === step,
      ({ claimed, ended }, lasted) => [claimed, ended ?? lasted],
    ),
  }));
  return spanChart({
    title: 'Tasks of each case',
    xLabel: 'minutes from the opening',
    rows: cases.map(({ caseId, end, tier }) => `${caseId.slice(0, SHOWN_ID)} ${tier}: ${end}`),
    series: [{ name: 'waiting', spans: waits }, ...worked],
    width: 1_100,
    height: 90 + ROW_HEIGHT * cases.length,
  });
}
