import type { Command } from 'commander';

/** Options of every command that talks to AWS. */
export interface ConnectionOptions {
  readonly profile?: string;
  readonly region?: string;
  readonly endpoint?: string;
  readonly stack?: string;
}

export const DEFAULT_STACK = 'Forewarn-dev';

/** Adds the options of {@link ConnectionOptions} to a command. */
export function addConnectionOptions(command: Command): Command {
  return command
    .option('--stack <name>', `the deployed stack (default: ${DEFAULT_STACK})`)
    .option('--profile <name>', 'profile of your AWS configuration')
    .option('--region <name>', 'AWS region')
    .option('--endpoint <url>', 'another endpoint than AWS (default: AWS_ENDPOINT_URL)');
}
