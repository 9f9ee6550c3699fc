import { Command } from 'commander';
import { collect } from '../option-values.ts';

/** What the user gave. */
export interface EvaluateOptions {
  readonly scorecard?: string;
  readonly features?: readonly string[];
  readonly policy?: string;
  readonly calls?: string;
  readonly truth?: string;
  readonly country: string;
  readonly threshold?: number;
  readonly baseRate: number;
  readonly reasons?: string;
  readonly json?: true;
}

const EXAMPLES = `
Nothing is trained: rows are scored by the code that scores callers. A row is called fraud at the scorecard's own
threshold (fitted.threshold), else at 0 points. A missing column is an error; an empty cell means no such call.
With --calls the live scorecards of a policy are measured on streams: after 10, 30 and 100 calls of each person, and
after all of them.

Examples:
  $ forewarn evaluate --scorecard scorecard.json --features voice_features.csv --json
  $ forewarn evaluate --scorecard scorecard.json --features voice_features.csv --reasons 17
  $ forewarn simulate --profiles voice_features.csv --seed 1 --out profiled
  $ forewarn evaluate --calls profiled/calls.jsonl.gz --truth profiled/truth.json
`;

/** `forewarn evaluate`. */
export function evaluateCommand(exitWith: (code: number) => void): Command {
  return new Command('evaluate')
    .description('Score a labelled table, or the people in a history, and measure how well it does')
    .option('--scorecard <file>', 'the scorecard, as forewarn fit writes it')
    .option('--features <file>', 'labelled table (CSV); may be given again', collect)
    .option('--calls <file>', 'instead of a table: replay calls, and score people as they go on')
    .option('--truth <file>', 'with --calls: who is a fraudster, as forewarn simulate writes it')
    .option('--policy <file>', 'with --calls: whose scorecards score (default: those that ship)')
    .option('--country <code>', 'with --calls: country of national numbers', 'CN')
    .option(
      '--threshold <points>',
      "call fraud from so many points, instead of the scorecard's own",
      Number,
    )
    .option('--base-rate <share>', 'share of fraud among callers in life', Number, 0.002)
    .option('--reasons <row>', 'the terms of one row, by its number from 1 or its subscriber')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: EvaluateOptions) => {
      const { evaluate } = await import('../actions/evaluate.ts');
      exitWith(await evaluate(options));
    });
}

/** Gathers an option that may be given more than once. */
