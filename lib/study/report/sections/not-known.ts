import { bullets, type Section } from '../../../reports/page.ts';
import type { StudyMeasures } from '../../measures/study-measures.ts';
import { type ReportContext, sumOf } from '../report-context.ts';

const MEASURES = [
  'queues',
  'precision',
  'missed',
  'textEffect',
  'campaigns',
  'trials',
  'drift',
] as const;
/** Rounding aside. */
const NOTICEABLE = 0.001;

/** What the report cannot say, so that nobody reads silence as good news. */
export function notKnown({ result, words, figures, forecasts }: ReportContext): Section {
  const { unknown: said, sections } = words;
  const missing = MEASURES.filter((key) => isMissing(key, result.measures));
  const placed = sumOf(
    result.districts.filter(({ district }) => district !== 0).map(({ calls }) => calls),
  );
  const unplaced = result.volume.calls === 0 ? 0 : 1 - placed / result.volume.calls;
  return {
    title: sections.unknown.title,
    content: [
      bullets([
        said.suspicion,
        ...missing.map((key) => said.notMeasured[key]),
        ...(forecasts.calls === undefined && forecasts.riskyCalls === undefined
          ? [said.noForecast]
          : []),
        ...(unplaced > NOTICEABLE ? [said.noDistrict(figures.percent(unplaced))] : []),
        said.labels,
      ]),
    ],
  };
}

function isMissing(key: (typeof MEASURES)[number], measures: StudyMeasures = {}): boolean {
  if (key === 'precision') return (measures.precision?.all.precision ?? null) === null;
  if (key === 'trials' || key === 'campaigns') return (measures[key] ?? []).length === 0;
  return measures[key] === undefined;
}
