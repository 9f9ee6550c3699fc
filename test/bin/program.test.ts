import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { allCommands, createProgram } from '../../bin/program.ts';

const program = createProgram(() => undefined);
const commands = allCommands(program).filter((command) => command.name() !== 'help');

it.each(commands.map((command) => [nameOf(command), command] as const))(
  'shows examples in the help of %s',
  (_name, command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help).toMatch(/Examples?:\n {2}\$ /);
  },
);

it('has every command of an officer', () => {
  const names = commands.map(nameOf);
  const ofTasks = 'list show claim keep release complete hand-over reveal watch'.split(' ');
  const ofCases = 'list show open tier close note add-contact statistics'.split(' ');
  expect(names).toEqual(
    expect.arrayContaining([
      ...['forewarn login', 'forewarn logout', 'forewarn whoami'],
      ...ofTasks.map((name) => `forewarn task ${name}`),
      ...ofCases.map((name) => `forewarn case ${name}`),
      ...'add import remove list'.split(' ').map((name) => `forewarn casenumber ${name}`),
      ...'add remove list'.split(' ').map((name) => `forewarn allow ${name}`),
      ...['forewarn appeal list', 'forewarn appeal decide'],
      ...['forewarn finding list', 'forewarn finding decide'],
      ...['forewarn clue import', 'forewarn clue status'],
      ...['forewarn audit list', 'forewarn audit verify'],
    ]),
  );
});

/** What readers are told to type, with the lines that a backslash carries on. */
function commandsIn(file: string): string[] {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  return text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => [
      ...(line.startsWith('$ ') ? line.slice(2).split(' && ') : []),
      ...[...line.matchAll(/`(forewarn [^`]+)`/g)].map(([, command = '']) => command),
    ])
    .map((command) => command.replace(/^npx /, ''))
    .filter((command) => command.startsWith('forewarn '));
}

it.each(['docs/officers.md', 'README.md'])('knows every command and option that %s has', (file) => {
  const typed = commandsIn(file);
  expect(typed.length).toBeGreaterThan(5);
  for (const line of typed) {
    const words = line
      .replaceAll(/"[^"]*"/g, 'text')
      .split(' ')
      .slice(1);
    let command: Command = program;
    for (const word of words) {
      const inner = command.commands.find((one) => one.name() === word);
      if (inner === undefined) break;
      command = inner;
    }
    expect(command.commands, line).toEqual([]);
    const known = command.options.map(({ long }) => long);
    for (const word of words.filter((one) => one.startsWith('--'))) {
      expect(known, line).toContain(word);
    }
  }
});

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}
