import { reasonInWords } from '../../../domain/explain/reason-words.ts';
import type { Feature } from '../../../domain/features.ts';
import type { FraudKind } from '../../../domain/fraud-kind.ts';
import { TIERS, type Tier } from '../../../domain/tiers.ts';
import { barChart } from '../../../reports/charts.ts';
import { grid, type Html, paragraph, type Section, table } from '../../../reports/page.ts';
import type { Estimate } from '../../measures/intervals.ts';
import type { MissedMeasures } from '../../measures/missed.ts';
import type { NamedPrecision } from '../../measures/precision.ts';
import type { ReportContext } from '../report-context.ts';

const SHOWN_REASONS = 12;
const SHOWN_MISSED = 10;
const NONE = '–';

/** How much there was to do, and how late. */
export function queues({ result, words, figures }: ReportContext): Section | undefined {
  const measures = result.measures?.queues;
  if (measures === undefined) return undefined;
  const { queues: said, sections } = words;
  const whole = (value: number | null) => (value === null ? NONE : figures.count(value));
  const { steps } = measures;
  return {
    ...sections.queues,
    content: [
      ...(steps.length > 0
        ? [
            barChart({
              title: said.chart,
              categories: steps.map(({ step }) => words.steps[step]),
              series: [
                {
                  name: said.inTime,
                  values: steps.map(({ opened, overdue }) => opened - overdue),
                },
                { name: said.late, values: steps.map(({ overdue }) => overdue) },
              ],
              horizontal: true,
              stacked: true,
              width: 1120,
              height: 70 + 36 * steps.length,
            }),
          ]
        : []),
      table(
        said.columns.map((header, i) => ({ header, align: i === 0 ? 'left' : 'right' })),
        steps.map(({ step, opened, done, overdue, medianMinutes, ninetiethMinutes }) => [
          words.steps[step],
          ...[opened, done, overdue, medianMinutes, ninetiethMinutes].map(whole),
        ]),
      ),
      paragraph(
        said.atEnd(
          figures.count(measures.openCases),
          figures.count(measures.watching),
          figures.count(measures.overdueNow),
        ),
      ),
    ],
  };
}

/** How right the warnings were, and what they missed. */
export function precision(context: ReportContext): Section | undefined {
  const { result, words, figures } = context;
  const { missed, precision: measures } = result.measures ?? {};
  const content: Html[] = [];
  if (measures !== undefined && measures.all.precision !== null) {
    const tiers = TIERS.flatMap((tier) => measures.byTier.filter(({ name }) => name === tier));
    content.push(
      grid([
        barChart({
          title: words.precision.byTier,
          categories: tiers.map(({ name }) => words.tiers[name as Tier]),
          series: [
            {
              name: words.precision.tier,
              values: tiers.map((each) => (each.precision ?? 0) * 100),
            },
          ],
          horizontal: true,
          valueText: (value) => figures.number(value, 0),
          reach: 100,
          height: 60 + 34 * tiers.length,
          note: words.precision.byTierNote,
        }),
        precisionTable(
          words.precision.tier,
          tiers,
          ({ name }) => words.tiers[name as Tier],
          context,
        ),
        ...(measures.byText.length === 0
          ? []
          : [
              precisionTable(
                words.precision.text,
                measures.byText,
                ({ name }) => words.fraudKinds[name as FraudKind] ?? name,
                context,
              ),
            ]),
        precisionTable(words.precision.reason, measures.byReason, reasonName(context), context),
      ]),
    );
  }
  if (measures !== undefined && measures.unjudged > 0) {
    content.push(paragraph(words.precision.unjudged(figures.count(measures.unjudged))));
  }
  if (missed !== undefined && missed.confirmed > 0) content.push(...missedFraud(missed, context));
  return content.length === 0 ? undefined : { ...words.sections.precision, content };
}

/** A term of the scorecard is called by its feature, everything else as other pages call it. */
export function reasonName({
  language,
  words,
}: Pick<ReportContext, 'language' | 'words'>): (reason: { readonly name: string }) => string {
  return ({ name }) =>
    words.features[name as Feature] ?? reasonInWords(name, undefined, undefined, language);
}

function precisionTable(
  what: string,
  rows: readonly NamedPrecision[],
  nameOf: (row: NamedPrecision) => string,
  { words, figures }: ReportContext,
): Html {
  return table(
    words.precision.tierColumns.map((header, i) => ({
      header: i === 0 ? what : header,
      align: i === 0 ? 'left' : 'right',
    })),
    rows
      .slice(0, SHOWN_REASONS)
      .map((row) => [
        nameOf(row),
        figures.count(row.right),
        figures.count(row.wrong),
        figures.percent(row.precision),
        figures.percentRange(row),
      ]),
  );
}

function missedFraud(
  { confirmed, missed, share, warnedBefore }: MissedMeasures,
  { words, figures, labelOf }: ReportContext,
): Html[] {
  const { precision: said } = words;
  const left = missed.length - SHOWN_MISSED;
  return [
    paragraph(
      said.missedSentence(
        figures.count(warnedBefore),
        figures.count(confirmed),
        figures.percentRange(share),
      ),
    ),
    ...(missed.length === 0
      ? []
      : [
          table(
            said.missedColumns.map((header, i) => ({ header, align: i === 3 ? 'right' : 'left' })),
            missed
              .slice(0, SHOWN_MISSED)
              .map((one) => [
                labelOf(one.number),
                words.sources[one.source],
                words.fraudKinds[one.kind],
                one.people === undefined ? NONE : figures.count(one.people),
                one.foundByStudy ? words.yes : words.no,
              ]),
          ),
        ]),
    ...(left > 0 ? [paragraph(said.more(figures.count(left)))] : []),
  ];
}

/** Exposure and talk before and after texts. */
export function effect({ result, words, figures }: ReportContext): Section | undefined {
  const measures = result.measures?.textEffect;
  if (measures === undefined) return undefined;
  const { effect: said, sections } = words;
  const { after, before, change, heldOut, hours, people } = measures;
  const bars = (title: string, key: 'calls' | 'minutes') => {
    const values = [
      before[key],
      after[key],
      ...(heldOut === undefined ? [] : [heldOut.after[key]]),
    ];
    return barChart({
      title,
      categories: [said.before, said.after, said.heldOut].slice(0, values.length),
      series: [{ name: title, values }],
      horizontal: true,
      valueText: (value) => figures.number(value, 1),
      height: 50 + 34 * values.length,
    });
  };
  const sentences = [said.people(figures.count(people))];
  if (change !== undefined) {
    sentences.push(
      said.change(
        figures.signed(change.minutes.mean, 1),
        figures.range(change.minutes, 1),
        figures.signed(change.calls.mean, 1),
        figures.range(change.calls, 1),
      ),
    );
  }
  const difference = heldOut?.difference?.minutes;
  if (heldOut !== undefined && difference !== undefined) {
    sentences.push(
      said.against(
        figures.count(heldOut.people),
        figures.signed(difference.mean, 1),
        figures.range(difference, 1),
      ),
      isSure(difference) ? said.sure : said.unsure,
    );
  } else {
    sentences.push(said.flatters);
  }
  return {
    title: sections.effect.title,
    lead: sections.effect.lead(figures.count(hours)),
    content: [
      grid([bars(said.minutes, 'minutes'), bars(said.calls, 'calls')]),
      paragraph(sentences.join(words.space)),
    ],
  };
}

function isSure({ high, low }: Estimate): boolean {
  return low > 0 || high < 0;
}
