import { bullets, type Fact, facts, type Section } from '../../../reports/page.ts';
import { meanOf } from '../../measures/intervals.ts';
import { kindInWords } from '../../study-words.ts';
import { districtName } from '../district-names.ts';
import { labelGroups } from '../labels.ts';
import { perTenThousand, type ReportContext, sumOf } from '../report-context.ts';
import { changeInWords } from './outlook.ts';

/** Days before, with which the day is compared. */
const COMPARED_DAYS = 7;
/** From so much on, a multiple reads better than a percentage. */
const MANIFOLD = 3;

/** Figures in large print, then the few sentences that a chief takes along. */
export function inShort(context: ReportContext): Section {
  const sentences = toKnow(context);
  return {
    title: context.words.sections.short.title,
    content: [
      facts(headline(context)),
      bullets(sentences.length > 0 ? sentences : [context.words.toKnow.nothing]),
    ],
  };
}

function headline({ result, words, figures, forecasts }: ReportContext): Fact[] {
  const { facts: said } = words;
  const { callers, groups, measures, subjects, volume } = result;
  const risky = sumOf(volume.riskyCallsByHour);
  const before = volume.days.slice(0, -1).slice(-COMPARED_DAYS);
  const last = volume.days.at(-1);
  const against = (now: number, was: readonly number[]) => {
    const mean = meanOf(was);
    if (mean === 0) return '';
    const ratio = now / mean;
    const change =
      ratio >= MANIFOLD
        ? `×${figures.number(ratio, 1)}`
        : `${figures.signed((ratio - 1) * 100, 0)}\u00a0%`;
    return ` · ${said.against(change, figures.count(was.length))}`;
  };
  const list: Fact[] = [
    {
      label: said.calls,
      value: figures.count(volume.calls),
      note:
        said.callsNote(figures.count(volume.answered), figures.count(volume.people)) +
        against(
          last?.calls ?? 0,
          before.map(({ calls }) => calls),
        ),
    },
    {
      label: said.risky,
      value: figures.count(risky),
      note:
        said.riskyNote(figures.count(perTenThousand(risky, volume.calls))) +
        against(
          last?.riskyCalls ?? 0,
          before.map(({ riskyCalls }) => riskyCalls),
        ),
    },
    {
      label: said.found,
      value: figures.count(callers.length),
      note: said.foundNote(figures.count(groups.length)),
    },
    { label: said.atRisk, value: figures.count(subjects.length) },
  ];
  const all = measures?.precision?.all;
  if (all !== undefined && all.precision !== null) {
    list.push({
      label: said.right,
      value: figures.percent(all.precision),
      note: said.rightNote(figures.count(all.right), figures.count(all.right + all.wrong)),
    });
  }
  const work = tasksOf(result);
  if (work !== undefined) {
    list.push({
      label: said.overdue,
      value: figures.count(work.overdue),
      note: said.overdueNote(figures.count(work.opened)),
    });
  }
  const next = forecasts.riskyCalls;
  if (next !== undefined) {
    list.push({
      label: said.tomorrow,
      value: figures.count(Math.round(next.expected)),
      note: figures.range(next, 0),
    });
  }
  return list;
}

/** Tasks offered and late; undefined where nobody counted them. */
function tasksOf({ measures }: ReportContext['result']) {
  const steps = measures?.queues?.steps ?? [];
  if (steps.length === 0) return undefined;
  return {
    opened: sumOf(steps.map(({ opened }) => opened)),
    overdue: sumOf(steps.map(({ overdue }) => overdue)),
  };
}

function toKnow(context: ReportContext): string[] {
  const { result, words, figures } = context;
  const { toKnow: said } = words;
  const sentences: string[] = [];
  const [kind] = result.kinds
    .filter((each) => each.kind !== 'other')
    .toSorted((a, b) => b.people - a.people);
  if (kind !== undefined && kind.people > 0) {
    const name = words.fraudKinds[kind.kind];
    sentences.push(said.kind(name, figures.count(kind.callers), figures.count(kind.people)));
  }
  const { riskyCallsByHour } = result.volume;
  const risky = sumOf(riskyCallsByHour);
  const busiest = riskyCallsByHour.indexOf(Math.max(...riskyCallsByHour));
  if (risky > 0) {
    const share = figures.percent((riskyCallsByHour[busiest] ?? 0) / risky);
    sentences.push(said.hour(figures.hour(busiest), share));
  }
  return [...sentences, ...placeAndGroup(context), ...ofMeasures(context)];
}

function placeAndGroup({ result, language, words, figures }: ReportContext): string[] {
  const { toKnow: said } = words;
  const sentences: string[] = [];
  const [district] = result.districts
    .filter((each) => each.district !== 0)
    .toSorted((a, b) => b.riskyCalls - a.riskyCalls);
  if (district !== undefined && district.riskyCalls > 0) {
    const risky = sumOf(result.volume.riskyCallsByHour);
    sentences.push(
      said.district(
        districtName(district.district, language, words.unknownDistrict),
        figures.count(district.riskyCalls),
        figures.count(perTenThousand(district.riskyCalls, district.calls)),
        figures.count(perTenThousand(risky, result.volume.calls)),
      ),
    );
  }
  const [largest] = labelGroups(result).toSorted(
    (a, b) => b.group.numbers.length - a.group.numbers.length,
  );
  if (largest !== undefined) {
    const { group, label } = largest;
    const numbers = figures.count(group.numbers.length);
    sentences.push(said.group(label, kindInWords(group.kind, language), numbers));
  }
  return sentences;
}

function ofMeasures({ result, words, figures }: ReportContext): string[] {
  const { toKnow: said } = words;
  const { drift, missed, trials = [] } = result.measures ?? {};
  const sentences: string[] = [];
  if (missed !== undefined && missed.missed.length > 0) {
    const found = missed.missed.filter(({ foundByStudy }) => foundByStudy).length;
    sentences.push(
      said.missed(
        figures.count(missed.missed.length),
        figures.count(missed.confirmed),
        figures.count(found),
      ),
    );
  }
  const work = tasksOf(result);
  if (work !== undefined && work.overdue > 0) {
    sentences.push(said.late(figures.count(work.overdue), figures.count(work.opened)));
  }
  const drifted = drift?.features.filter(({ verdict }) => verdict === 'drifted') ?? [];
  if (drifted.length > 0) {
    const names = drifted.map(({ feature }) => words.features[feature]);
    sentences.push(said.drifted(names.join(words.and)));
  }
  const better = trials.find(({ verdict }) => verdict === 'better');
  if (better !== undefined) sentences.push(said.better(changeInWords(better, words, figures)));
  return sentences;
}
