import { Command, CommanderError } from 'commander';
import { allowCommand } from './commands/allow.ts';
import { appealCommand } from './commands/appeal.ts';
import { archiveCommand } from './commands/archive.ts';
import { auditCommand } from './commands/audit.ts';
import { backtestCommand } from './commands/backtest.ts';
import { campaignCommand } from './commands/campaign.ts';
import { caseCommand } from './commands/case.ts';
import { casenumberCommand } from './commands/casenumber.ts';
import { clueCommand } from './commands/clue.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { explainCommand } from './commands/explain.ts';
import { featuresCommand } from './commands/features.ts';
import { findingCommand } from './commands/finding.ts';
import { fitCommand } from './commands/fit.ts';
import { loginCommand } from './commands/login.ts';
import { logoutCommand } from './commands/logout.ts';
import { policyCommand } from './commands/policy.ts';
import { pushCommand } from './commands/push.ts';
import { quarantineCommand } from './commands/quarantine.ts';
import { referenceCommand } from './commands/reference.ts';
import { registerCommand } from './commands/register.ts';
import { reportCommand } from './commands/report.ts';
import { simulateCommand } from './commands/simulate.ts';
import { startCommand } from './commands/start.ts';
import { studyCommand } from './commands/study.ts';
import { taskCommand } from './commands/task.ts';
import { whoamiCommand } from './commands/whoami.ts';
import { EXIT } from './exit-codes.ts';
import { explainError } from './explain-error.ts';
import { remark } from './terminal/print.ts';

/** Every command; each file of bin/commands makes one. */
const COMMANDS = [
  startCommand,
  explainCommand,
  featuresCommand,
  pushCommand,
  quarantineCommand,
  registerCommand,
  loginCommand,
  logoutCommand,
  whoamiCommand,
  taskCommand,
  caseCommand,
  casenumberCommand,
  allowCommand,
  campaignCommand,
  appealCommand,
  findingCommand,
  clueCommand,
  auditCommand,
  policyCommand,
  simulateCommand,
  backtestCommand,
  archiveCommand,
  studyCommand,
  fitCommand,
  evaluateCommand,
  referenceCommand,
  reportCommand,
];

const EXAMPLES = `
Examples:
  $ forewarn push calls.jsonl.gz --stack Forewarn-prod
  $ forewarn push export.csv --mapping our-switch.json --dry-run
  $ forewarn quarantine list
  $ forewarn login --user chen && forewarn task list

Exit codes:
  0  done                              3    AWS or the API failed, or cannot be reached
  1  some records not accepted,        130  interrupted
     or not there, or not yours
  2  wrong usage or input
`;

/** Runs the command line, and returns its exit code. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { message, code } = explainError(error);
    remark(`forewarn: ${message}`);
    return code;
  }
}

/** The whole command line; throws commander's errors instead of ending the process. */
export function createProgram(exitWith: (code: number) => void): Command {
  const program = new Command('forewarn')
    .description(
      "Push call records to Forewarn, mend what it refused, and work its officers' tasks.",
    )
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(--help shows the options)');
  for (const command of COMMANDS) program.addCommand(command(exitWith));
  for (const command of allCommands(program)) command.exitOverride();
  return program;
}

/** A command and all commands below it. */
export function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}
