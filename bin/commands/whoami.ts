import { Command } from 'commander';
import {
  addJsonOption,
  addSessionOptions,
  type SessionOptions,
} from '../officers/session-options.ts';
import type { AnswerOptions } from '../terminal/print.ts';

export interface WhoAmIOptions extends SessionOptions, AnswerOptions {}

/** `forewarn whoami`. */
export function whoamiCommand(exitWith: (code: number) => void): Command {
  return addJsonOption(addSessionOptions(new Command('whoami')))
    .description("Tell who you are to the officers' API, and what is yours")
    .addHelpText('after', '\nExample:\n  $ forewarn whoami\n')
    .action(async (options: WhoAmIOptions) => {
      const { whoAmI } = await import('../actions/whoami.ts');
      exitWith(await whoAmI(options));
    });
}
