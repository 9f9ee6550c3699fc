import { Command, InvalidArgumentError } from 'commander';
import { notNegative, positiveInteger } from '../option-values.ts';

/** What the user gave. */
export interface BacktestCommandOptions {
  readonly policy?: string;
  readonly against?: string;
  readonly calls: string;
  readonly truth?: string;
  readonly mapping?: string;
  readonly country: string;
  readonly people?: number;
  readonly officerMinutes?: Readonly<Record<string, number>>;
  readonly textPrice: number;
  readonly html?: string;
  readonly json?: true;
  readonly quiet?: true;
}

const EXAMPLES = `
The calls may be JSON Lines or CSV, either gzipped; - is standard input. Everything stays in
memory: nothing is sent, sealed or stored. How to read the figures: docs/backtest.md.

Examples:
  $ forewarn backtest --calls calls.jsonl.gz
  $ forewarn backtest --policy next.json --calls calls.jsonl.gz --truth truth.json --html report.html
  $ forewarn backtest --policy now.json --against next.json --calls calls.jsonl.gz
  $ forewarn backtest --calls export.csv --mapping our-switch.json --json | jq .policies
  $ forewarn backtest --calls calls.jsonl.gz --officer-minutes medium=20,high=60 --text-price 0.04

Exit codes:
  0  done (records that are not valid are counted)   2  wrong usage or input
  1  not one record was valid                        130  interrupted
`;

/** `forewarn backtest`. */
export function backtestCommand(exitWith: (code: number) => void): Command {
  return new Command('backtest')
    .description('Try a policy on calls of the past: whom it would have warned, and what it costs')
    .requiredOption('--calls <file>', 'the calls, or - for standard input')
    .option('--policy <file>', 'the policy to try (default: the one that ships)')
    .option('--against <file>', 'another policy, tried on the same calls beside it')
    .option('--truth <file>', 'what really went on, as `forewarn simulate` writes it')
    .option('--mapping <file>', 'how your columns become call records')
    .option('--country <code>', 'country of national numbers', 'CN')
    .option(
      '--people <n>',
      'people whom the calls are about, for the budget of texts and figures per 100,000 (default: as the truth says)',
      positiveInteger,
    )
    .option(
      '--officer-minutes <list>',
      'minutes of work for a case by its tier (default: low=5,medium=15,high=45,urgent=120)',
      minutesByTier,
    )
    .option('--text-price <n>', 'price of one text', notNegative, 0.05)
    .option('--html <file>', 'write a report with plots')
    .option('--json', 'print all measures as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(async (options: BacktestCommandOptions) => {
      const { backtest } = await import('../actions/backtest.ts');
      exitWith(await backtest(options));
    });
}

const TIER_MINUTES = /^(low|medium|high|urgent)=(\d+(?:\.\d+)?)$/;

function minutesByTier(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [, tier, minutes] = TIER_MINUTES.exec(part.trim()) ?? [];
      if (tier === undefined) {
        throw new InvalidArgumentError('Write it as low=5,medium=15,high=45,urgent=120.');
      }
      return [tier, Number(minutes)];
    }),
  );
}
