import { Command, InvalidArgumentError } from 'commander';
import { addConnectionOptions, type ConnectionOptions } from '../connection-options.ts';
import { day, positiveInteger } from '../option-values.ts';

export interface JsonOption {
  readonly json?: true;
}

export interface TrackOptions extends ConnectionOptions {
  readonly shadow?: true;
}

export interface ShowPolicyOptions extends TrackOptions, JsonOption {}

export interface DiffOptions extends ConnectionOptions, JsonOption {}

export interface PublishOptions extends TrackOptions, JsonOption {
  readonly off?: true;
  readonly wait: boolean;
}

export interface RollbackOptions extends TrackOptions, JsonOption {
  readonly to?: number;
  readonly wait: boolean;
}

export interface StatusOptions extends ConnectionOptions, JsonOption {}

export interface CompareOptions extends ConnectionOptions, JsonOption {
  readonly day?: string;
  readonly limit: number;
}

const actions = () => import('../actions/policy.ts');

const EXAMPLES = `
What happens to a policy from here on, and how to take one back: docs/policy-delivery.md.

Examples:
  $ forewarn policy show > mine.json                   what is in force, to start from
  $ forewarn policy validate mine.json
  $ forewarn policy diff mine.json                     what it would change
  $ forewarn policy publish mine.json --shadow         try it beside the one in force
  $ forewarn policy compare                            whom it would have warned
  $ forewarn policy publish mine.json                  put it in force
  $ forewarn policy rollback                           take it back
`;

/** `forewarn policy`. */
export function policyCommand(exitWith: (code: number) => void): Command {
  const validate = new Command('validate')
    .description('Check a policy as the pipeline does, without AWS')
    .argument('<file>', 'the policy document')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  $ forewarn policy validate mine.json\n')
    .action(async (file: string, options: JsonOption) =>
      exitWith(await (await actions()).validatePolicy(file, options)),
    );
  const diff = addConnectionOptions(new Command('diff'))
    .description('Say in words what one policy does otherwise than another, term by term')
    .argument('<a>', 'a policy document')
    .argument('[b]', 'the one it is compared with: from A to B (default: from what is live to A)')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ forewarn policy diff mine.json\n  $ forewarn policy diff old.json new.json\n',
    )
    .action(async (a: string, b: string | undefined, options: DiffOptions) =>
      exitWith(await (await actions()).diffPolicies(a, b, options)),
    );
  const show = withShadow(new Command('show'))
    .description('Print the policy that is in force')
    .addHelpText(
      'after',
      '\nExample:\n  $ forewarn policy show --stack Forewarn-prod > mine.json\n',
    )
    .action(async (options: ShowPolicyOptions) =>
      exitWith(await (await actions()).showPolicy(options)),
    );
  const publish = withShadow(new Command('publish'))
    .description('Put a policy in force; functions use it within a minute')
    .argument('[file]', 'the policy document')
    .option('--off', 'with --shadow: stop the shadow')
    .option('--no-wait', 'do not wait until AppConfig has finished')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ forewarn policy publish mine.json --stack Forewarn-prod\n  $ forewarn policy publish mine.json --shadow\n  $ forewarn policy publish --shadow --off\n',
    )
    .action(async (file: string | undefined, options: PublishOptions) =>
      exitWith(await (await actions()).publishPolicy(file, options)),
    );
  const rollback = withShadow(new Command('rollback'))
    .description('Put the policy before this one in force again, or stop one on its way')
    .option('--to <version>', 'another version that was in force before', policyVersion)
    .option('--no-wait', 'do not wait until AppConfig has finished')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ forewarn policy rollback\n  $ forewarn policy rollback --to 3\n',
    )
    .action(async (options: RollbackOptions) =>
      exitWith(await (await actions()).rollBackPolicy(options)),
    );
  const status = addConnectionOptions(new Command('status'))
    .description('Show what is in force, what is on its way, and what was before')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  $ forewarn policy status --stack Forewarn-prod\n')
    .action(async (options: StatusOptions) =>
      exitWith(await (await actions()).policyStatus(options)),
    );
  const compare = addConnectionOptions(new Command('compare'))
    .description('Show who would have been warned by the live policy or its shadow only, and why')
    .option('--day <yyyy-mm-dd>', 'the day (UTC) of the decisions (default: today)', day)
    .option('--limit <n>', 'people to list of either side; all are counted', positiveInteger, 20)
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ forewarn policy compare\n  $ forewarn policy compare --day 2026-11-23 --json\n',
    )
    .action(async (options: CompareOptions) =>
      exitWith(await (await actions()).comparePolicies(options)),
    );
  return [validate, diff, show, publish, rollback, status, compare].reduce(
    (command, sub) => command.addCommand(sub),
    new Command('policy')
      .description('Check, publish, try and take back the policy that decides who is warned')
      .addHelpText('after', EXAMPLES),
  );
}

function withShadow(command: Command): Command {
  return addConnectionOptions(command).option('--shadow', 'the shadow, not the live policy');
}

function policyVersion(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be the version of a policy, such as 3.');
}
