import { Command, CommanderError } from 'commander';
import { EXIT } from '../../bin/exit-codes.ts';
import { interruptible } from '../../bin/interruption.ts';
import { positiveInteger } from '../../bin/option-values.ts';
import { SynthError, startLocalStack } from '../../bin/replay/local-stack.ts';
import { fittedTable } from '../../bin/terminal/fitted-table.ts';
import { LocalCloudError } from '../../lib/local/errors.ts';
import { type RunbookEntry, readRunbook } from '../support/read-runbook.ts';
import { BREAKS, type Break, GAMEDAY_SETTINGS } from './breaks.ts';
import { type Outcome, playBreak, wentWell } from './play-break.ts';
import { type GameSystem, gameSystem } from './system.ts';

interface Options {
  readonly only?: readonly string[];
  readonly speed: number;
  readonly patience: number;
  readonly list?: true;
  readonly json?: true;
}

const HELP = `
Runs the whole pipeline on this machine, breaks it in one way after the other, and shows which alarms go off, how
soon, and what the runbook (docs/runbook.md) says to that. Then it is mended, and the alarms have to be over.

Alarms are judged as CloudWatch does, on the metrics of functions and services, only that their minutes pass quickly.
A few thresholds are lower for it (GAMEDAY_SETTINGS in test/gameday/breaks.ts); all others are those of the stage.

Examples:
  $ npm run gameday
  $ npm run gameday -- --list
  $ npm run gameday -- --only table-refuses store-down
  $ npm run gameday -- --speed 60 --json > gameday.json

Exit codes:
  0  every expected alarm went off, and was over     2  wrong usage
  1  one did not go off, or was not over in time     3  the local system could not be started or closed
                                                     130  interrupted; what was played so far is shown
`;

const PERIOD_MINUTES = 5;

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const seconds = (value: number): string => `${value.toFixed(1)} s`;

/** Where a break is told of while it goes on. */
function newsOf(runbook: ReadonlyMap<string, RunbookEntry>, broken: Break, speed: number) {
  const entryOf = (alarm: string) =>
    runbook.get(alarm) ?? runbook.get(alarm.replace(/-carrier-.*/, '-carrier'));
  return {
    fired(alarm: string, after: number) {
      const minutes = ((after * speed) / 60).toFixed(0);
      const expected = broken.expected.includes(alarm) ? '' : ', along with it';
      say(`  ALARM  ${alarm} after ${seconds(after)}, ${minutes} minutes of alarms${expected}`);
      if (expected !== '') return;
      const entry = entryOf(alarm);
      say(`         means: ${entry?.means ?? 'nothing that the runbook knows'}`);
      say(`         do:    ${entry?.act ?? ''}`);
    },
    mended: (what: string) => say(`  mended ${what}`),
  };
}

function tableOf(outcomes: readonly Outcome[]): string {
  return fittedTable(
    [
      { head: 'break', keep: true },
      { head: 'expected alarm', keep: true },
      { head: 'fired', align: 'right' },
      { head: 'all cleared', align: 'right' },
      { head: 'along with it' },
    ],
    outcomes.flatMap(({ besides, clearedAfter, expected, name }) =>
      expected.map(({ alarm, firedAfter }, i) => [
        i === 0 ? name : '',
        alarm,
        firedAfter === undefined ? 'NO' : seconds(firedAfter),
        i > 0 ? '' : clearedAfter === undefined ? 'NO' : seconds(clearedAfter),
        i === 0 ? besides.join(', ') : '',
      ]),
    ),
  );
}

async function play(
  breaks: readonly Break[],
  system: GameSystem,
  options: Options,
  signal: AbortSignal,
): Promise<Outcome[]> {
  const runbook = readRunbook();
  const outcomes: Outcome[] = [];
  for (const [i, broken] of breaks.entries()) {
    if (signal.aborted) break;
    say(`${i + 1}/${breaks.length} ${broken.name}: ${broken.what}`);
    try {
      const outcome = await playBreak(broken, system, newsOf(runbook, broken, options.speed), {
        patience: options.patience,
        quiet: (PERIOD_MINUTES * 60) / options.speed,
        signal,
      });
      if (signal.aborted) break;
      outcomes.push(outcome);
      const cleared = outcome.clearedAfter;
      say(cleared === undefined ? '  NOT over in time' : `  over   after ${seconds(cleared)}`);
    } catch (error) {
      // The others are played all the same.
      say(`  could not be played: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return outcomes;
}

function chosen({ only }: Options): readonly Break[] {
  const unknown = only?.find((name) => !BREAKS.some((one) => one.name === name));
  if (unknown !== undefined) {
    const names = BREAKS.map(({ name }) => name).join(', ');
    throw new CommanderError(
      EXIT.usage,
      'unknown-break',
      `There is no ${unknown}; there are ${names}.`,
    );
  }
  return BREAKS.filter(({ name }) => only === undefined || only.includes(name));
}

async function run(options: Options): Promise<number> {
  const breaks = chosen(options);
  if (options.list) {
    const rows = breaks.map(({ expected, name, what }) => [name, what, expected.join(', ')]);
    console.log(
      fittedTable([{ head: 'break', keep: true }, { head: 'what' }, { head: 'alarms' }], rows),
    );
    return EXIT.ok;
  }
  const { release, signal } = interruptible();
  const startedAt = performance.now();
  const cloud = await startLocalStack({
    settings: GAMEDAY_SETTINGS,
    alarmSpeed: options.speed,
    onStep: say,
  });
  const system = gameSystem(cloud);
  let outcomes: Outcome[] = [];
  try {
    outcomes = await play(breaks, system, options, signal);
  } finally {
    system.close();
    await cloud.close();
    release();
  }
  const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
  if (options.json) console.log(JSON.stringify({ speed: options.speed, outcomes }, undefined, 2));
  else if (outcomes.length > 0) console.log(tableOf(outcomes));
  const good = outcomes.filter(wentWell).length;
  say(`${good} of ${breaks.length} breaks went as they should, in ${minutes} minutes.`);
  if (signal.aborted) return EXIT.interrupted;
  return good === breaks.length ? EXIT.ok : EXIT.rejected;
}

const program = new Command('npm run gameday --')
  .description('Break the local system in turn, and see which alarms go off')
  .option('--only <names...>', 'only these breaks')
  .option('--speed <n>', 'minutes of alarms that pass in a minute', positiveInteger, 120)
  .option('--patience <seconds>', 'for alarms to go off, and to be over', positiveInteger, 300)
  .option('--list', 'list the breaks, and break nothing')
  .option('--json', 'print the outcomes as JSON')
  .addHelpText('after', HELP)
  .exitOverride();

try {
  await program.parseAsync();
  process.exitCode = await run(program.opts<Options>());
} catch (error) {
  if (error instanceof CommanderError) {
    if (error.code === 'unknown-break') say(error.message);
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else if (error instanceof SynthError || error instanceof LocalCloudError) {
    say(error.message);
    process.exitCode = EXIT.aws;
  } else throw error;
}
