import { Command } from 'commander';
import { collect, share, wholeNumber } from '../option-values.ts';

/** What the user gave. */
export interface FitOptions {
  readonly features: readonly string[];
  readonly out: string;
  readonly report?: string;
  readonly seed: number;
  readonly folds: number;
  readonly baseRate: number;
  readonly fraudShare?: number;
  readonly withoutSpan?: true;
  readonly quiet?: true;
}

const EXAMPLES = `
A table has a row per subscriber (the columns of docs/scoring.md) or per caller at some time (forewarn features),
and a column label: 1 is fraud. The same table, seed and options give the same scorecard.

Examples:
  $ forewarn fit --features voice_features.csv --out scorecard.json
  $ forewarn fit --features voice_features.csv --without-span --out lean.json
  $ forewarn fit --features city-1.csv --features city-2.csv --out live.json
`;

/** `forewarn fit`. */
export function fitCommand(exitWith: (code: number) => void): Command {
  return new Command('fit')
    .description('Fit a scorecard to a labelled table, and report how well it does')
    .requiredOption('--features <file>', 'labelled table (CSV); may be given again', collect)
    .requiredOption('--out <file>', 'the scorecard to write')
    .option('--report <file>', 'the HTML report (default: beside --out)')
    .option('--seed <n>', 'deals rows and features', wholeNumber, 1)
    .option('--folds <n>', 'parts of the cross-validation', wholeNumber, 5)
    .option(
      '--base-rate <share>',
      'share of fraud among callers in life, for the report',
      share,
      0.002,
    )
    .option(
      '--fraud-share <share>',
      'share of fraud that points are made to stand for (default: that of the rows)',
      share,
    )
    .option('--without-span', 'leave out columns that tell how long an account was observed')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(async (options: FitOptions) => {
      const { fitAndReport } = await import('../actions/fit.ts');
      exitWith(await fitAndReport(options));
    });
}

/** Gathers an option that may be given more than once. */
