import { Command } from 'commander';
import { positiveNumber, wholeNumber } from '../option-values.ts';

/** What the user gave. */
export interface SimulateOptions {
  readonly scenario?: string;
  readonly profiles?: string;
  readonly seed: number;
  readonly out?: string;
  readonly days?: number;
  readonly people?: number;
  readonly force?: true;
  readonly printScenario?: true;
  readonly json?: true;
  readonly quiet?: true;
}

const EXAMPLES = `
Writes DIR/calls.jsonl.gz (call records, docs/records.md, in the order in which they become news) and
DIR/truth.json (who the fraud callers are, who was deceived, and in which calls). The same scenario and
seed give the same files on every machine. Without --scenario: 50,000 people for three days.

A scenario file names only what differs from the default city; how, and all that can be changed:
docs/simulation.md and docs/schemas/scenario.schema.json.

Examples:
  $ forewarn simulate --seed 7 --out /tmp/city
  $ forewarn simulate --seed 7 --out /tmp/town --people 5000 --days 1
  $ forewarn simulate --print-scenario > city.json
  $ forewarn simulate --scenario farms.json --seed 1 --out /tmp/farms
  $ forewarn simulate --profiles features.csv --seed 1 --out /tmp/profiled
  $ forewarn push /tmp/city/calls.jsonl.gz --dry-run

Exit codes:
  0  both files are written       130  interrupted; nothing is left behind
  2  wrong usage or input
`;

/** `forewarn simulate`. */
export function simulateCommand(exitWith: (code: number) => void): Command {
  return new Command('simulate')
    .description('Write the calls of a simulated city, and the truth about them')
    .option('--out <dir>', 'where to write calls.jsonl.gz and truth.json')
    .option('--seed <n>', 'another one gives another city of the same kind', wholeNumber, 1)
    .option('--scenario <file>', 'what differs from the default city')
    .option('--profiles <csv>', 'simulate the subscribers of this feature table instead')
    .option('--days <n>', 'how long, instead of what the scenario says', positiveNumber)
    .option('--people <n>', 'how many, with trades and fraud in proportion', wholeNumber)
    .option('--force', 'overwrite what is there')
    .option('--print-scenario', 'print the whole scenario that would be used, and end')
    .option('--json', 'print the summary as JSON')
    .option('--quiet', 'no progress, no summary')
    .addHelpText('after', EXAMPLES)
    .action(async (options: SimulateOptions) => {
      const { simulate } = await import('../actions/simulate.ts');
      exitWith(await simulate(options));
    });
}
