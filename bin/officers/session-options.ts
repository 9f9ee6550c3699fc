import type { Command } from 'commander';
import { DEFAULT_STACK } from '../connection-options.ts';

/** Options of every command that calls the officers' API. */
export interface SessionOptions {
  readonly stack?: string;
}

/** Adds the options of {@link SessionOptions} to a command. */
export function addSessionOptions(command: Command): Command {
  return command.option('--stack <name>', `whose session to use (default: ${DEFAULT_STACK})`);
}

/** Adds `--json` to a command that answers. */
export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print what the API answers, as JSON');
}

/** Adds what every import of a file takes. */
export function addImportOptions(command: Command): Command {
  return addJsonOption(addSessionOptions(command)).option(
    '--rejects <file>',
    'write the lines that are not taken to this file, with the reason of each, as JSON Lines',
  );
}

/** How an officer gets a session of a stack. */
export function loginCommand(stack = DEFAULT_STACK): string {
  return `forewarn login${stack === DEFAULT_STACK ? '' : ` --stack ${stack}`}`;
}
