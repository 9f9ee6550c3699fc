import { Command } from 'commander';
import { positiveIntegers, positiveNumber } from '../option-values.ts';

export interface FeaturesOptions {
  readonly calls: string;
  readonly truth: string;
  readonly out: string;
  readonly steps: readonly number[];
  readonly every: number;
  readonly weight: number;
  readonly fraudWeight: number;
  readonly burstShare: number;
  readonly country: string;
  readonly force?: true;
}

const DEFAULT_STEPS = [5, 6, 7, 8, 9, 10, 12, 14, 17, 20, 25, 30, 40, 60, 100, 200, 400];

const EXAMPLES = `
Examples:
  $ forewarn simulate --seed 1 --out city
  $ forewarn features --calls city/calls.jsonl.gz --truth city/truth.json --out city.csv
  $ forewarn fit --features city.csv --out live.json
`;

/** `forewarn features`. */
export function featuresCommand(exitWith: (code: number) => void): Command {
  return new Command('features')
    .description('Replay calls, and write what callers looked like on the way: a table to fit on')
    .requiredOption('--calls <file>', 'call records, JSON Lines or CSV, gzipped or not')
    .requiredOption('--truth <file>', 'who is a fraudster, as forewarn simulate writes it')
    .requiredOption('--out <file>', 'the table to write')
    .option(
      '--steps <list>',
      'take a row when a number has made so many calls',
      positiveIntegers,
      DEFAULT_STEPS,
    )
    .option('--every <n>', 'of people of no account, take one in so many', positiveNumber, 1)
    .option('--weight <w>', 'weight of every row', positiveNumber, 1)
    .option('--fraud-weight <w>', 'weight of fraud rows, beside that', positiveNumber, 1)
    .option(
      '--burst-share <share>',
      'only rows whose last day holds so much of their month: those that a burst card judges',
      positiveNumber,
      0,
    )
    .option('--country <code>', 'country of national numbers', 'CN')
    .option('--force', 'replace the table if it exists')
    .addHelpText('after', EXAMPLES)
    .action(async (options: FeaturesOptions) => {
      const { writeFeatures } = await import('../actions/features.ts');
      exitWith(await writeFeatures(options));
    });
}
