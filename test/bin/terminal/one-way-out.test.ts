import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const BIN = join(import.meta.dirname, '../../../bin');
/** What writes by itself: the one way out, what runs on old Node or within the CDK, and counters that go back to their line's beginning. */
const WRITERS = [
  'actions/register.ts',
  'actions/study.ts',
  'app.ts',
  'forewarn.ts',
  'officers/import-rows.ts',
  'terminal/print.ts',
];

const sources = readdirSync(BIN, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, source: readFileSync(join(BIN, name), 'utf8') }));

describe('the command line', () => {
  test('prints by functions that let nothing through on which a terminal acts', () => {
    const writers = sources.filter(({ source }) =>
      /process\.std(out|err)\.write|console\./.test(source),
    );
    expect(writers.map(({ name }) => name).sort()).toEqual(WRITERS);
  });

  test('prints JSON in which such characters are escaped, and not lost', () => {
    const bare = sources.filter(({ source }) =>
      /\b(print|remark)\(\s*JSON\.stringify/.test(source),
    );
    expect(bare.map(({ name }) => name)).toEqual([]);
  });
});
