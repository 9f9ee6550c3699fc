import { Command, InvalidArgumentError } from 'commander';

export interface StartOptions {
  readonly once?: true;
  readonly calls?: string;
  readonly mapping?: string;
  readonly report?: string;
  readonly seed: number;
  readonly speed?: number;
  readonly port?: number;
  readonly data?: string;
  readonly quiet?: true;
  readonly manual?: true;
  readonly ladderSpeed?: number;
  readonly html?: string;
}

const action = () => import('../actions/start.ts');

const EXAMPLES = `
Examples:
  $ npm start                                          a simulated morning, then stay up
  $ npm start -- --once --seed 7 --report r.json       another morning, then end
  $ npm start -- --speed 60                            a minute of the morning per second
  $ npm start -- --calls export.csv.gz --mapping our-switch.json --once
  $ npm start -- --once --html ladder.html             how long each step took, as plots
  $ npm start -- --data ./forewarn-data                killed or ended, it goes on there
  $ npm start -- --manual                              you work the tasks

Exit codes:
  0  done     1  the pipeline did not come to rest     2  wrong usage or input     130  interrupted
`;

function number(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (Number.isFinite(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
  };
}

/** `forewarn start`, which is `npm start`. */
export function startCommand(exitWith: (code: number) => void): Command {
  return new Command('start')
    .description('Run the whole pipeline on this machine and replay calls through it')
    .option('--once', 'end after the summary')
    .option(
      '--calls <file>',
      "replay an operator's file (CSV or JSON Lines, either gzipped) instead of the simulation",
    )
    .option('--mapping <file>', "how the file's columns become call records")
    .option('--report <file>', 'write the summary as JSON')
    .option('--html <file>', 'write a page with plots of what came of the cases')
    .option('--manual', 'no simulated officers: the tasks are yours')
    .option(
      '--ladder-speed <n>',
      'minutes of the ladder in a real one, such as 60; default: 90, with --manual 1',
      number(1, 600),
    )
    .option('--seed <n>', 'of the simulation', number(0, Number.MAX_SAFE_INTEGER), 1)
    .option(
      '--speed <n>',
      'record time over real time, such as 60; default: as fast as it goes',
      number(0.01, 1e6),
    )
    .option('--port <n>', 'of the local cloud; default: a free one', number(0, 65_535))
    .option(
      '--data <folder>',
      'keep all data there: the next start with it goes on where this one ended; default: leave nothing',
    )
    .option('--quiet', 'the summary only')
    .addHelpText('after', EXAMPLES)
    .action(async (options: StartOptions) => exitWith(await (await action()).start(options)));
}
