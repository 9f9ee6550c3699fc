import { Command, Option } from 'commander';
import { TASK_OUTCOMES, type TaskOutcome } from '../../lib/domain/task-outcome.ts';
import { addConnectionOptions, type ConnectionOptions } from '../connection-options.ts';

export interface TaskListOptions extends ConnectionOptions {
  readonly queue: string;
  readonly json?: true;
}

export interface CompleteOptions extends ConnectionOptions {
  readonly outcome: TaskOutcome;
  readonly notes?: string;
  readonly by?: string;
}

const actions = () => import('../actions/task.ts');

const EXAMPLES = `
Examples:
  $ forewarn task list
  $ forewarn task complete 7f3c… --outcome dissuaded --notes "will not transfer the money"
`;

/** `forewarn task`. */
export function taskCommand(exitWith: (code: number) => void): Command {
  const list = addConnectionOptions(new Command('list'))
    .description('List the open tasks of a queue, the first due first')
    .option('--queue <name>', 'the queue', 'call-desk')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  $ forewarn task list --stack Forewarn-prod\n')
    .action(async (options: TaskListOptions) =>
      exitWith(await (await actions()).listTasks(options)),
    );
  const complete = addConnectionOptions(new Command('complete'))
    .description('Tell what came of a task; its case goes on from there')
    .argument('<task>', 'the task, as list prints it')
    .addOption(
      new Option('--outcome <outcome>', 'what came of it')
        .choices(TASK_OUTCOMES)
        .makeOptionMandatory(),
    )
    .option('--notes <text>', 'anything worth knowing; no phone numbers')
    .option('--by <name>', 'who did it (default: you)')
    .addHelpText('after', '\nExample:\n  $ forewarn task complete 7f3c… --outcome busy\n')
    .action(async (taskId: string, options: CompleteOptions) =>
      exitWith(await (await actions()).completeTask(taskId, options)),
    );
  return new Command('task')
    .description("List and complete the officers' tasks")
    .addHelpText('after', EXAMPLES)
    .addCommand(list)
    .addCommand(complete);
}
