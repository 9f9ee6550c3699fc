import { barChart } from '../../../reports/charts.ts';
import { grid, type Html, paragraph, type Section, table } from '../../../reports/page.ts';
import { kindInWords } from '../../study-words.ts';
import { districtName } from '../district-names.ts';
import { perTenThousand, type ReportContext } from '../report-context.ts';

const SHOWN_DISTRICTS = 15;
const SHOWN_DAYS = 28;
const ROW = 26;

/** Hours, days and kinds. */
export function whatHappened(context: ReportContext): Section {
  const { result, words, figures } = context;
  const { happened } = words;
  const { volume } = result;
  const hours = Array.from({ length: 24 }, (_, hour) => String(hour));
  const days = volume.days.slice(-SHOWN_DAYS);
  const byHour = (title: string, values: readonly number[]) =>
    barChart({
      title,
      xLabel: happened.hourOfDay,
      yLabel: happened.calls,
      categories: hours,
      series: [{ name: title, values: hours.map((_, hour) => values[hour] ?? 0) }],
      height: 240,
    });
  const byDay = (title: string, yLabel: string, values: readonly number[]) =>
    barChart({
      title,
      yLabel,
      categories: days.map(({ day }) => figures.shortDay(day)),
      series: [{ name: title, values }],
      height: 240,
    });
  const kinds = result.kinds
    .filter(({ callers, people }) => callers + people > 0)
    .toSorted((a, b) => b.people - a.people);
  const charts: Html[] = [
    byHour(happened.riskyByHour, volume.riskyCallsByHour),
    byHour(happened.callsByHour, volume.callsByHour),
  ];
  if (days.length > 1) {
    charts.push(
      byDay(
        happened.riskyByDay,
        happened.calls,
        days.map(({ riskyCalls }) => riskyCalls),
      ),
      byDay(
        happened.foundByDay,
        happened.numbers,
        days.map(({ found }) => found),
      ),
    );
  }
  if (kinds.length > 0) {
    charts.push(
      barChart({
        title: happened.kinds,
        categories: kinds.map(({ kind }) => words.fraudKinds[kind]),
        series: [
          { name: happened.people, values: kinds.map(({ people }) => people) },
          { name: happened.callers, values: kinds.map(({ callers }) => callers) },
        ],
        horizontal: true,
        valueText: figures.count,
        height: 70 + 1.3 * ROW * kinds.length,
      }),
    );
  }
  if (result.callers.length > 0) charts.push(byFinding(context));
  return { ...words.sections.happened, content: [grid(charts)] };
}

function byFinding({ result, language, words, figures }: ReportContext): Html {
  const counts = [...Map.groupBy(result.callers, ({ kind }) => kind)]
    .map(([kind, callers]) => ({ kind, count: callers.length }))
    .toSorted((a, b) => b.count - a.count);
  return barChart({
    title: words.callers.byFinding,
    categories: counts.map(({ kind }) => kindInWords(kind, language)),
    series: [{ name: words.happened.callers, values: counts.map(({ count }) => count) }],
    horizontal: true,
    valueText: figures.count,
    height: 50 + 1.3 * ROW * counts.length,
  });
}

/** Bars by district, and how dense it is there. */
export function where({ result, language, words, figures }: ReportContext): Section | undefined {
  const all = result.districts.toSorted(
    (a, b) => b.riskyCalls - a.riskyCalls || b.calls - a.calls || a.district - b.district,
  );
  const shown = all
    .filter(({ riskyCalls, peopleAtRisk }) => riskyCalls + peopleAtRisk > 0)
    .slice(0, SHOWN_DISTRICTS);
  if (shown.length === 0) return undefined;
  const names = shown.map(({ district }) =>
    districtName(district, language, words.unknownDistrict),
  );
  return {
    ...words.sections.where,
    content: [
      grid([
        barChart({
          title: words.where.riskyCalls,
          categories: names,
          series: [
            { name: words.happened.calls, values: shown.map(({ riskyCalls }) => riskyCalls) },
          ],
          horizontal: true,
          valueText: figures.count,
          height: 50 + 34 * names.length,
        }),
        table(
          words.where.columns.map((header, i) => ({ header, align: i === 0 ? 'left' : 'right' })),
          shown.map(({ calls, riskyCalls, peopleAtRisk }, i) => [
            names[i] ?? '',
            figures.count(calls),
            figures.count(riskyCalls),
            figures.count(perTenThousand(riskyCalls, calls)),
            figures.count(peopleAtRisk),
          ]),
        ),
      ]),
      ...(all.length > shown.length
        ? [paragraph(words.where.more(figures.count(all.length - shown.length)))]
        : []),
    ],
  };
}
