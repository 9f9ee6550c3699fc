import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isTest } from '../support/named-test.ts';
import { resources, synthesized } from './synthesized-stack.ts';

const ROOT = new URL('../../', import.meta.url);
const text = readFileSync(new URL('docs/threat-model.md', ROOT), 'utf8');

/** The tests that a text names: `file` “name”, “name”. */
function testsNamedIn(line: string): { file: string; names: string[] }[] {
  return [...line.matchAll(/`(test\/[^`]+)`((?:,? “[^”]+”)*)/g)].map(
    ([, file = '', names = '']) => ({
      file,
      names: [...names.matchAll(/“([^”]+)”/g)].map(([, name = '']) => name),
    }),
  );
}

/** The alarms that a text names: alarm `name`, or alarms `name`, `name`. */
function alarmsNamedIn(line: string): string[] {
  return [...line.matchAll(/\balarms? (`[\w-]+`(?:, `[\w-]+`)*)/g)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([\w-]+)`/g)].map(([, name = '']) => name),
  );
}

/** The rows of the tables, without their heads, by the heading above them. */
function rowsBySection(): Map<string, string[][]> {
  const sections = text.split(/^#{2,3} /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      const rows = lines
        .filter((line) => line.startsWith('| '))
        .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '').trim()));
      return [heading, rows.slice(1).filter(([first]) => !/^-+$/.test(first ?? ''))];
    }),
  );
}

describe('The threat model', () => {
  const lines = text.split('\n');

  test('names tests that there are', () => {
    const named = lines
      .flatMap(testsNamedIn)
      .flatMap(({ file, names }) => names.map((name) => ({ file, name })));
    const missing = named.filter((one) => !isTest(one));

    expect(named.length).toBeGreaterThan(60);

    expect(missing).toEqual([]);
  });

  test('names in its tables no file without saying which of its tests', () => {
    const rows = lines.filter((line) => line.startsWith('| '));

    expect(rows.flatMap(testsNamedIn).filter(({ names }) => names.length === 0)).toEqual([]);
  });

  test('names alarms that there are', () => {
    const alarms = Object.values(resources(synthesized('prod'), 'AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => String(Properties.AlarmName).replace('Forewarn-prod-', ''),
    );
    const named = lines.flatMap(alarmsNamedIn);

    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((name) => !alarms.includes(name))).toEqual([]);
  });

  test('goes through all of STRIDE in every stage', () => {
    const stages = [...rowsBySection()].filter(([, rows]) => /^[STRIDE]$/.test(rows[0]?.[0] ?? ''));

    expect(stages.map(([stage]) => stage)).toEqual([
      'Intake',
      'Scoring',
      'Texts',
      'Ladder and the officers’ API',
      'Archive and study',
      'Lists and clues',
      'Campaigns',
      'Policy delivery',
      'Local cloud and command line',
    ]);
    for (const [stage, rows] of stages) {
      const letters = [...new Set(rows.map(([letter]) => letter))];
      expect([stage, letters.join('')]).toEqual([stage, 'STRIDE']);
    }
  });

  test('answers every threat by a test or an alarm, or says that the risk is accepted', () => {
    const unanswered = [...rowsBySection().values()].flat().filter((row) => {
      const line = row.join(' | ');
      return (
        !/\baccepted\b|see \[/.test(line) &&
        testsNamedIn(line).length + alarmsNamedIn(line).length === 0
      );
    });

    expect(unanswered).toEqual([]);
  });

  test('would not get away with a test that there is not', () => {
    const [here] = testsNamedIn(
      'by `test/infrastructure/threat-model.test.ts` “names tests that there are”',
    );

    const file = here?.file ?? '';
    expect(here?.names.map((name) => isTest({ file, name }))).toEqual([true]);
    expect(isTest({ file, name: 'names tests that there' })).toBe(false);
    expect(isTest({ file: 'test/nowhere.test.ts', name: 'anything' })).toBe(false);
    expect(alarmsNamedIn('by alarms `a-b`, `c`, and alarm `d`')).toEqual(['a-b', 'c', 'd']);
  });
});
