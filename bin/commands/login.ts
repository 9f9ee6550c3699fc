import { Command } from 'commander';
import { addConnectionOptions, type ConnectionOptions } from '../connection-options.ts';

export interface LoginOptions extends ConnectionOptions {
  readonly user?: string;
  readonly apiUrl?: string;
  readonly clientId?: string;
}

const EXAMPLES = `
The password is asked for, or taken from FOREWARN_PASSWORD. Who has credentials for AWS needs no more than the stack's
name; everybody else names the place once, and it is kept for the next time.

Examples:
  $ forewarn login --user chen --stack Forewarn-prod
  $ forewarn login --user chen --region ap-southeast-1 \\
      --api-url https://a1b2c3.execute-api.ap-southeast-1.amazonaws.com --client-id 4f5g6h7j8k
`;

/** `forewarn login`. */
export function loginCommand(exitWith: (code: number) => void): Command {
  return addConnectionOptions(new Command('login'))
    .description("Log in to the officers' API")
    .option('--user <name>', 'your name there (default: the last one, or asked for)')
    .option('--api-url <url>', "address of the officers' API (default: the stack's)")
    .option('--client-id <id>', "client of the stack's user pool (default: the stack's)")
    .addHelpText('after', EXAMPLES)
    .action(async (options: LoginOptions) => {
      const { login } = await import('../actions/login.ts');
      exitWith(await login(options));
    });
}
