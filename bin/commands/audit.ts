import { Command } from 'commander';
import type { ChainLink } from '../../lib/domain/audit/audit-chain.ts';
import {
  addJsonOption,
  addSessionOptions,
  type SessionOptions,
} from '../officers/session-options.ts';
import { chainLink } from '../option-values.ts';
import type { AnswerOptions } from '../terminal/print.ts';

export interface AuditOptions extends SessionOptions, AnswerOptions {}

export interface VerifyOptions extends AuditOptions {
  readonly noted?: ChainLink;
}

const actions = () => import('../actions/audit.ts');

const EXAMPLES = `
Examples:
  $ forewarn audit list
  $ forewarn audit verify --noted 118:9f2c…
`;

/** `forewarn audit`. */
export function auditCommand(exitWith: (code: number) => void): Command {
  const list = addJsonOption(addSessionOptions(new Command('list')))
    .description(
      'List who looked at which number, or read what was reported of it, and what for, the oldest first',
    )
    .addHelpText('after', '\nExample:\n  $ forewarn audit list --json\n')
    .action(async (options: AuditOptions) => exitWith(await (await actions()).listAudit(options)));
  const verify = addJsonOption(addSessionOptions(new Command('verify')))
    .description('Check that no entry was changed, removed, added or moved')
    .option(
      '--noted <entry:hash>',
      'the last entry as you noted it down before: then a cut end, or a chain written anew, shows too',
      chainLink,
    )
    .addHelpText('after', '\nExample:\n  $ forewarn audit verify --noted 118:9f2c…\n')
    .action(async (options: VerifyOptions) =>
      exitWith(await (await actions()).verifyAudit(options)),
    );
  return new Command('audit')
    .description('Read who looked at which number, and check that nobody tampered with it')
    .addHelpText('after', EXAMPLES)
    .addCommand(list)
    .addCommand(verify);
}
