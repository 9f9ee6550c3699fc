import { Argument, Command } from 'commander';
import { REGISTERS, type RegisterName } from '../../lib/domain/registers/register-rows.ts';
import { addConnectionOptions, type ConnectionOptions } from '../connection-options.ts';

export interface RegisterOptions extends ConnectionOptions {
  readonly by?: string;
  readonly json?: true;
}

const actions = () => import('../actions/register.ts');

const EXAMPLES = `
The registers of a centre: police stations, people's contacts, people who need care, and the audience of campaigns
(people who agreed to be texted). Numbers are sealed before they are stored; lists show their tails only.

Examples:
  $ forewarn register import stations stations.csv
  $ forewarn register import contacts contacts.csv --by "Chen, registry"
  $ forewarn register import audience audience.csv
  $ forewarn register list stations
  $ forewarn register remove care +8613800138000
`;

function registerArgument(): Argument {
  return new Argument('<register>', 'which register').choices([...REGISTERS]);
}

/** `forewarn register`. */
export function registerCommand(exitWith: (code: number) => void): Command {
  const importing = addConnectionOptions(new Command('import'))
    .description('Load a CSV file into a register, row by row; what is wrong is said by line')
    .addArgument(registerArgument())
    .argument('<file>', 'CSV with a header line; - for standard input')
    .option('--by <name>', 'who loads it (default: the user of this machine)')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  $ forewarn register import stations stations.csv\n')
    .action(async (register: RegisterName, file: string, options: RegisterOptions) =>
      exitWith(await (await actions()).importRegister(register, file, options)),
    );
  const list = addConnectionOptions(new Command('list'))
    .description('Show a register, numbers masked')
    .addArgument(registerArgument())
    .option('--by <name>', 'who looks (default: the user of this machine)')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  $ forewarn register list care\n')
    .action(async (register: RegisterName, options: RegisterOptions) =>
      exitWith(await (await actions()).listRegister(register, options)),
    );
  const remove = addConnectionOptions(new Command('remove'))
    .description('Take an entry out of a register')
    .addArgument(registerArgument())
    .argument('<key>', "a station's id, or a person's number")
    .option('--by <name>', 'who removes it (default: the user of this machine)')
    .addHelpText('after', '\nExample:\n  $ forewarn register remove stations jinjiang\n')
    .action(async (register: RegisterName, key: string, options: RegisterOptions) =>
      exitWith(await (await actions()).removeFromRegister(register, key, options)),
    );
  return new Command('register')
    .description('Keep the registers of stations, contacts, people in care and the audience')
    .addHelpText('after', EXAMPLES)
    .addCommand(importing)
    .addCommand(list)
    .addCommand(remove);
}
