import { expect, it } from 'vitest';
import { allCommands, createProgram } from '../../bin/program.ts';

const commands = allCommands(createProgram(() => undefined)).filter(
  (command) => command.name() !== 'help',
);

it.each(commands.map((command) => [command.name(), command] as const))(
  'shows examples in the help of %s',
  (_name, command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help).toMatch(/Examples?:\n {2}\$ /);
  },
);
