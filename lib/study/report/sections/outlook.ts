import { maskNumbersIn } from '../../../domain/mask-numbers.ts';
import { barChart } from '../../../reports/charts.ts';
import { bullets, grid, type Html, paragraph, type Section, table } from '../../../reports/page.ts';
import { type FeatureDrift, PSI_DRIFTED } from '../../measures/drift.ts';
import type { Forecast } from '../../measures/forecast.ts';
import type { PolicyTrial } from '../../measures/policy-trials.ts';
import type { NamedPrecision } from '../../measures/precision.ts';
import type { Figures } from '../figures.ts';
import type { ReportContext } from '../report-context.ts';
import type { StudyWords } from '../words.ts';
import { reasonName } from './our-work.ts';

const SHOWN_DAYS = 21;
/** Of so many judged cases, a reason that is mostly wrong is worth a look. */
const LEAST_JUDGED = 20;
const HALF = 0.5;
const NONE = '–';

/** What the next day may bring. */
export function tomorrow({
  result,
  words,
  figures,
  forecasts,
}: ReportContext): Section | undefined {
  const { calls, found, riskyCalls } = forecasts;
  const { sections, tomorrow: said } = words;
  const named = [
    [said.calls, calls],
    [said.riskyCalls, riskyCalls],
    [said.found, found],
  ] as const;
  const rows = named.flatMap(([name, forecast]) =>
    forecast === undefined ? [] : [forecastRow(name, forecast, words, figures)],
  );
  const next = riskyCalls ?? calls ?? found;
  if (next === undefined) return undefined;
  const charts: Html[] = [];
  if (riskyCalls !== undefined) {
    const days = result.volume.days.slice(-SHOWN_DAYS);
    charts.push(
      barChart({
        title: said.chart,
        categories: [...days.map(({ day }) => day), riskyCalls.day].map(figures.shortDay),
        series: [
          { name: said.past, values: [...days.map((day) => day.riskyCalls), 0] },
          { name: said.expected, values: [...days.map(() => 0), Math.round(riskyCalls.expected)] },
        ],
        stacked: true,
        width: 1120,
        height: 240,
      }),
    );
  }
  return {
    title: sections.tomorrow.title,
    lead: sections.tomorrow.lead(figures.day(next.day)),
    content: [
      table(
        said.columns.map((header, i) => ({ header, align: i === 0 || i === 4 ? 'left' : 'right' })),
        rows,
      ),
      ...charts,
    ],
  };
}

function forecastRow(name: string, forecast: Forecast, words: StudyWords, figures: Figures) {
  return [
    name,
    figures.count(Math.round(forecast.expected)),
    figures.range(forecast, 0),
    figures.percent(forecast.typicalError),
    words.methods[forecast.method],
  ];
}

/** A change of the policy in words. */
export function changeInWords(
  { from, knob, to }: PolicyTrial,
  words: StudyWords,
  figures: Figures,
): string {
  return words.trials.change(words.knobs[knob], figures.number(from, 2), figures.number(to, 2));
}

/** Changes of the policy that were tried, and reasons that are mostly wrong. */
export function trials(context: ReportContext): Section | undefined {
  const { result, words, figures } = context;
  const { precision, trials: tried } = result.measures ?? {};
  const { sections, trials: said } = words;
  const weak = precision?.byReason.filter(isWeak) ?? [];
  if ((tried === undefined || tried.length === 0) && weak.length === 0) return undefined;
  const content: Html[] = [];
  if (weak.length > 0) {
    content.push(
      bullets(
        weak.map((reason) =>
          said.weakReason(
            reasonName(context)(reason),
            figures.count(reason.right),
            figures.count(reason.right + reason.wrong),
          ),
        ),
      ),
    );
  }
  if (tried !== undefined && tried.length > 0) {
    const unlabelled = tried.every(({ verdict }) => verdict === 'unjudged');
    if (unlabelled) content.push(paragraph(said.unlabelled));
    else if (!tried.some(({ verdict }) => verdict === 'better')) {
      content.push(paragraph(said.noneBetter));
    }
    content.push(trialTable(tried, words, figures));
  }
  return { ...sections.trials, content };
}

/** Most of what it spoke for was wrong, and that is no chance. */
function isWeak({ high, right, wrong }: NamedPrecision): boolean {
  return right + wrong >= LEAST_JUDGED && high < HALF;
}

function trialTable(tried: readonly PolicyTrial[], words: StudyWords, figures: Figures): Html {
  const moved = (live: string, changed: string) =>
    live === changed ? live : `${live} → ${changed}`;
  return table(
    words.trials.columns.map((header, i) => ({
      header,
      align: i === 0 || i === 6 ? 'left' : 'right',
    })),
    tried.map((trial) => {
      const { live, changed } = trial;
      const both = (of: (figuresOf: PolicyTrial['live']) => string) => moved(of(live), of(changed));
      return [
        changeInWords(trial, words, figures),
        both(({ textsPer100kAndDay }) => figures.number(textsPer100kAndDay, 1)),
        both(({ callersFound }) => figures.count(callersFound)),
        both(({ officerHoursPerDay }) => figures.number(officerHoursPerDay, 1)),
        both(({ precision }) => figures.percent(precision?.value)),
        both(({ inTime }) => figures.percent(inTime)),
        words.trialVerdicts[trial.verdict],
      ];
    }),
  );
}

/** How far the callers have moved from those that the scorecard was made for. */
export function driftSection({ result, words, figures }: ReportContext): Section | undefined {
  const drift = result.measures?.drift;
  if (drift === undefined) return undefined;
  const { drift: said, sections } = words;
  const moved = drift.features.filter(({ verdict }) => verdict !== 'stable');
  const unmeasured = (drift.unmeasured ?? []).map((feature) => words.features[feature]);
  const sentences = moved.map(({ feature, most, verdict }) =>
    said.moved(
      words.features[feature],
      words.verdicts[verdict],
      binInWords(most, said, figures),
      figures.percent(most.was),
      figures.percent(most.is),
    ),
  );
  return {
    title: sections.drift.title,
    lead: sections.drift.lead(withoutNumbers(drift.source)),
    content: [
      grid([
        barChart({
          title: said.chart,
          categories: drift.features.map(({ feature }) => words.features[feature]),
          series: [
            {
              name: said.chart,
              values: drift.features.map(({ psi }) => Math.round(psi * 1e3) / 1e3),
            },
          ],
          horizontal: true,
          valueText: (value) => figures.number(value, value < 0.01 ? 3 : 2),
          reach: PSI_DRIFTED,
          height: 50 + 24 * drift.features.length,
          note: said.note,
        }),
        bullets([
          (drift.sampled ? said.sampled : said.callers)(figures.count(drift.callers)),
          ...(sentences.length > 0 ? sentences : [said.allStable]),
          ...(unmeasured.length > 0 ? [said.unmeasured(unmeasured.join(words.and))] : []),
        ]),
      ]),
    ],
  };
}

const DAYS = /(\d{4}-\d\d-\d\d)/;

/** Somebody's words, in which a day may stand, but no phone number. */
function withoutNumbers(source: string): string {
  return source
    .split(DAYS)
    .map((part) => (DAYS.test(part) ? part : maskNumbersIn(part)))
    .join('');
}

function binInWords(
  { below, from, missing }: FeatureDrift['most'],
  said: StudyWords['drift'],
  figures: Figures,
): string {
  if (missing) return said.missing;
  const bound = (value: number) => figures.number(value, 2);
  if (from !== null && below !== null) return said.between(bound(from), bound(below));
  if (below !== null) return said.under(bound(below));
  return from === null ? NONE : said.from(bound(from));
}
