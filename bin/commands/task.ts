import { Command, Option } from 'commander';
import {
  CASE_TIERS,
  type CaseTier,
  STEPS,
  type Step,
} from '../../lib/domain/ladder/ladder-policy.ts';
import { TASK_OUTCOMES, type TaskOutcome } from '../../lib/domain/task-outcome.ts';
import {
  addJsonOption,
  addSessionOptions,
  type SessionOptions,
} from '../officers/session-options.ts';
import { positiveInteger, positiveNumber } from '../option-values.ts';
import type { AnswerOptions } from '../terminal/print.ts';

export interface TaskOptions extends SessionOptions, AnswerOptions {}

export interface TaskListOptions extends TaskOptions {
  readonly queue?: string;
  readonly tier?: CaseTier;
  readonly step?: Step;
  readonly mine?: true;
}

export interface KeepOptions extends TaskOptions {
  /** Seconds; true: by the lease. */
  readonly every?: number | true;
}

export interface CompleteOptions extends TaskOptions {
  readonly outcome: TaskOutcome;
  readonly notes?: string;
}

export interface HandOverOptions extends TaskOptions {
  readonly queue: string;
  readonly reason: string;
}

export interface RevealOptions extends TaskOptions {
  readonly purpose: string;
  readonly contact?: number;
}

const actions = () => import('../actions/task.ts');

const EXAMPLES = `
A shift at the desk: docs/officers.md.

Examples:
  $ forewarn task watch
  $ forewarn task list --tier urgent
  $ forewarn task claim p2nYkq-1
  $ forewarn task reveal p2nYkq-1 --purpose "police call"
  $ forewarn task complete p2nYkq-1 --outcome dissuaded --notes "will not transfer the money"
`;

/** `forewarn task`. */
export function taskCommand(exitWith: (code: number) => void): Command {
  return new Command('task')
    .description("Work the officers' tasks: see, claim, keep, complete and pass them on")
    .addHelpText('after', EXAMPLES)
    .addCommand(listCommand(exitWith))
    .addCommand(showCommand(exitWith))
    .addCommand(claimCommand(exitWith))
    .addCommand(keepCommand(exitWith))
    .addCommand(releaseCommand(exitWith))
    .addCommand(completeCommand(exitWith))
    .addCommand(handOverCommand(exitWith))
    .addCommand(revealCommand(exitWith))
    .addCommand(watchCommand(exitWith));
}

function of(name: string, example: string): Command {
  return addJsonOption(addSessionOptions(new Command(name))).addHelpText(
    'after',
    `\nExample:\n  $ forewarn task ${name} ${example}\n`,
  );
}

function ofTask(name: string, example: string): Command {
  return of(name, example).argument('<task>', 'the task, as list prints it');
}

function listCommand(exitWith: (code: number) => void): Command {
  return of('list', '--tier urgent --step call')
    .description('List the open tasks of a queue, the first due first')
    .option('--queue <name>', 'the queue (default: yours)')
    .addOption(new Option('--tier <tier>', 'only this tier').choices(CASE_TIERS))
    .addOption(new Option('--step <step>', 'only this step').choices(STEPS))
    .option('--mine', 'only what you have claimed')
    .action(async (options: TaskListOptions) =>
      exitWith(await (await actions()).listTasks(options)),
    );
}

function showCommand(exitWith: (code: number) => void): Command {
  return ofTask('show', 'p2nYkq-1')
    .description('Show one task')
    .action(async (taskId: string, options: TaskOptions) =>
      exitWith(await (await actions()).showTask(taskId, options)),
    );
}

function claimCommand(exitWith: (code: number) => void): Command {
  return ofTask('claim', 'p2nYkq-1')
    .description('Take a task that is free')
    .action(async (taskId: string, options: TaskOptions) =>
      exitWith(await (await actions()).claimTask(taskId, options)),
    );
}

function keepCommand(exitWith: (code: number) => void): Command {
  return ofTask('keep', 'p2nYkq-1 --every')
    .description('Keep a task of yours: silent for too long, it goes back to its queue')
    .option(
      '--every [seconds]',
      'keep on until Ctrl-C (default: three times within the time that a claim lasts)',
      positiveNumber,
    )
    .action(async (taskId: string, options: KeepOptions) =>
      exitWith(await (await actions()).keepTask(taskId, options)),
    );
}

function releaseCommand(exitWith: (code: number) => void): Command {
  return ofTask('release', 'p2nYkq-1')
    .description('Put a task of yours back on its queue')
    .action(async (taskId: string, options: TaskOptions) =>
      exitWith(await (await actions()).releaseTask(taskId, options)),
    );
}

function completeCommand(exitWith: (code: number) => void): Command {
  return ofTask('complete', 'p2nYkq-1 --outcome busy')
    .description('Tell what came of a task of yours; its case goes on from there')
    .addOption(
      new Option('--outcome <outcome>', 'what came of it')
        .choices(TASK_OUTCOMES)
        .makeOptionMandatory(),
    )
    .option('--notes <text>', 'anything worth knowing; no phone numbers')
    .action(async (taskId: string, options: CompleteOptions) =>
      exitWith(await (await actions()).completeTask(taskId, options)),
    );
}

function handOverCommand(exitWith: (code: number) => void): Command {
  return ofTask('hand-over', 'p2nYkq-3 --queue station-jinjiang --reason "she moved there"')
    .description('Put a task of yours on another queue')
    .requiredOption('--queue <name>', 'the other queue')
    .requiredOption('--reason <text>', 'why; it stands on the timeline')
    .action(async (taskId: string, options: HandOverOptions) =>
      exitWith(await (await actions()).handOverTask(taskId, options)),
    );
}

function revealCommand(exitWith: (code: number) => void): Command {
  return ofTask('reveal', 'p2nYkq-1 --purpose "police call"')
    .description('Show the number behind a task of yours; each look stands in the audit')
    .requiredOption('--purpose <text>', 'what the number is needed for')
    .option('--contact <n>', 'the relative at this place (default: the person)', positiveInteger)
    .action(async (taskId: string, options: RevealOptions) =>
      exitWith(await (await actions()).revealNumber(taskId, options)),
    );
}

function watchCommand(exitWith: (code: number) => void): Command {
  return addSessionOptions(new Command('watch'))
    .description('Print what happens to the tasks of your queue, as it happens, until Ctrl-C')
    .option('--json', 'print the messages as they come, one a line')
    .addHelpText('after', '\nExample:\n  $ forewarn task watch\n')
    .action(async (options: TaskOptions) => {
      const { watchTasks } = await import('../actions/watch-tasks.ts');
      exitWith(await watchTasks(options));
    });
}
