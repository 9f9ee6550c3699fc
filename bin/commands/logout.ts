import { Command } from 'commander';
import { addSessionOptions, type SessionOptions } from '../officers/session-options.ts';

/** `forewarn logout`. */
export function logoutCommand(exitWith: (code: number) => void): Command {
  return addSessionOptions(new Command('logout'))
    .description('End your session: what is kept of it here, and at the user pool')
    .addHelpText('after', '\nExample:\n  $ forewarn logout --stack Forewarn-prod\n')
    .action(async (options: SessionOptions) => {
      const { logout } = await import('../actions/logout.ts');
      exitWith(await logout(options));
    });
}
