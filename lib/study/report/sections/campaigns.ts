import { type Estimate, verdictOf } from '../../../domain/campaign/effect.ts';
import { type Section, table } from '../../../reports/page.ts';
import type { ReportContext } from '../report-context.ts';

/** What campaigns of education changed, against the people whom they held out at random. */
export function campaigns({ result, words, figures }: ReportContext): Section | undefined {
  const measured = result.measures?.campaigns ?? [];
  if (measured.length === 0) return undefined;
  const { campaigns: said, sections } = words;
  const estimate = ({ high, low, value }: Estimate) =>
    `${figures.signed(value, 1)} (${figures.range({ low, high }, 1)})`;
  return {
    ...sections.campaigns,
    content: [
      table(
        said.columns.map((header, i) => ({ header, align: i === 0 ? 'left' : 'right' })),
        measured.map(({ effect, name }) => [
          name,
          figures.count(effect.people.texted),
          figures.count(effect.people.heldOut),
          estimate(effect.exposures.difference),
          estimate(effect.talkMinutes.difference),
          said.verdicts[verdictOf(effect.exposures)],
        ]),
      ),
    ],
  };
}
