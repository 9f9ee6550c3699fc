import type { TextLanguage } from '../../domain/policy.ts';
import { htmlPage, type Section } from '../../reports/page.ts';
import type { StudyResult } from '../study-result.ts';
import { figuresOf } from './figures.ts';
import { forecastsOf } from './forecasts.ts';
import { labelNumbers } from './labels.ts';
import type { ReportContext } from './report-context.ts';
import { campaigns } from './sections/campaigns.ts';
import { inShort } from './sections/in-short.ts';
import { notKnown } from './sections/not-known.ts';
import { effect, precision, queues } from './sections/our-work.ts';
import { driftSection, tomorrow, trials } from './sections/outlook.ts';
import { whatHappened, where } from './sections/what-happened.ts';
import { foundCallers, foundGroups, peopleAtRisk } from './sections/who-was-found.ts';
import { wordsOf } from './words.ts';

/**
 * The report of a studied day: one page for a chief, the most important first. Numbers are labels; no token and no clear
 * number is on it. What was not measured is left out, and the last part says so.
 */
export function studyPage(result: StudyResult, language: TextLanguage): string {
  const words = wordsOf(language);
  const figures = figuresOf(language);
  const context: ReportContext = {
    result,
    language,
    words,
    figures,
    labelOf: labelNumbers(result),
    forecasts: forecastsOf(result),
  };
  const sections: (Section | undefined)[] = [
    inShort(context),
    whatHappened(context),
    where(context),
    foundCallers(context),
    foundGroups(context),
    peopleAtRisk(context),
    queues(context),
    precision(context),
    effect(context),
    campaigns(context),
    tomorrow(context),
    trials(context),
    driftSection(context),
    notKnown(context),
  ];
  return htmlPage({
    title: words.title,
    subtitle: words.subtitle(figures.day(result.day), result.policyVersion),
    language,
    sections: sections.filter((section) => section !== undefined),
  });
}
