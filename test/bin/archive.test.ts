import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runProgram } from '../../bin/program.ts';
import { simulateMorning } from '../../lib/simulation/simulate-morning.ts';
import { startForewarn } from '../support/run-forewarn.ts';

let folder = '';
const at = (name: string) => join(folder, name);

/** In this process: to start one for each would take longer than all else. */
async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  try {
    const code = await runProgram(['node', 'forewarn', 'archive', ...args]);
    return { code, ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const DAY = '2026-11-23';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forewarn-archive-'));
  const lines = [...simulateMorning({ seed: 3, calls: 2000 }).records()].map((record) =>
    typeof record === 'string' ? record : JSON.stringify(record),
  );
  await writeFile(at('calls.jsonl.gz'), gzipSync(`${lines.join('\n')}\n`));
  await writeFile(
    at('busiest.sql'),
    'SELECT caller, count(*) AS calls FROM calls WHERE day = ${day} GROUP BY caller HAVING count(*) >= ${least} ORDER BY calls DESC, caller LIMIT 1',
  );
  await writeFile(at('prying.sql'), "SELECT * FROM read_text('/etc/hostname')");
  await writeFile(at('changing.sql'), 'CREATE TABLE calls2 AS SELECT * FROM calls');
  await writeFile(at('bad-key.json'), '{"current": 1}');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('forewarn archive', () => {
  test('takes calls in, lists their days, and answers questions by tokens that the key reads', async () => {
    const imported = await run(
      ...['import', '--calls', at('calls.jsonl.gz'), '--archive', at('a'), '--key', at('key.json')],
      '--json',
    );
    expect(imported).toMatchObject({ code: 0 });
    expect(imported.stderr).toContain('A new key is in');
    expect((await stat(at('key.json'))).mode & 0o777).toBe(0o600);
    const { calls, days } = JSON.parse(imported.stdout);
    expect(days).toEqual([DAY]);

    const listed = await run('days', '--archive', at('a'), '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject([{ day: DAY, calls }]);
    const question = ['--question', at('busiest.sql'), '--value', `day=${DAY}`];
    const asked = await run('ask', '--archive', at('a'), ...question, '--value', 'least=5');
    expect(asked.stdout).toMatch(/caller.*calls/);
    const rows = JSON.parse(
      (await run('ask', '--archive', at('a'), ...question, '--value', 'least=5', '--json')).stdout,
    );
    expect(rows).toHaveLength(1);

    const read = await run('number', rows[0].caller, '--key', at('key.json'));
    expect(read.stdout).toMatch(/^\+?[\w:]+\d{3,}\n$/);
    const sealed = await run('token', '+8613800138000', '--key', at('key.json'));
    const unsealed = await run('number', sealed.stdout.trim(), '--key', at('key.json'));
    expect(unsealed.stdout).toBe('+8613800138000\n');

    // What is there is not replaced unasked, nor added to with another key.
    const again = ['import', '--calls', at('calls.jsonl.gz'), '--archive', at('a'), '--quiet'];
    expect(await run(...again, '--key', at('key.json'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--replace'),
    });
    expect(await run(...again, '--key', at('key.json'), '--replace')).toMatchObject({ code: 0 });
    for (const other of [[], ['--key', at('other.json')]]) {
      const refused = await run(...again, ...other, '--replace');
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('key') });
    }
    expect(JSON.parse((await run('days', '--archive', at('a'), '--json')).stdout)).toMatchObject([
      { day: DAY, calls },
    ]);
  });

  test('says that numbers cannot be read back without a key', async () => {
    const { code, stderr } = await run(
      ...['import', '--calls', at('calls.jsonl.gz'), '--archive', at('forgotten')],
    );
    expect(code).toBe(0);
    expect(stderr).toContain('forgotten');
    expect(await readFile(join(at('forgotten'), 'archive.json'), 'utf8')).not.toContain('secret');
  });

  test('leaves the archive as it was when it is interrupted', async () => {
    const { process: child, finished } = startForewarn([
      ...['archive', 'import', '--calls', '-', '--archive', at('interrupted')],
    ]);
    await vi.waitFor(() => stat(join(at('interrupted'), 'archive.json')), 20_000);
    child.kill('SIGINT');
    expect(await finished).toMatchObject({ code: 130 });
    expect(await readdir(at('interrupted')).catch(() => [])).not.toContain('calls');
  });

  test.each([
    [
      'calls that are not there',
      ['import', '--calls', 'nowhere.jsonl', '--archive', 'b'],
      'no such file',
    ],
    [
      'a bad key',
      ['import', '--calls', 'calls.jsonl.gz', '--archive', 'b', '--key', 'bad-key.json'],
      'key file',
    ],
    [
      'an offset',
      ['import', '--calls', 'calls.jsonl.gz', '--archive', 'b', '--utc-offset', '8'],
      '+08:00',
    ],
    ['an archive that is not there', ['days', '--archive', 'nowhere'], 'archive import'],
    [
      'a value without a name',
      ['ask', '--archive', 'a', '--question', 'busiest.sql', '--value', '5'],
      'day=',
    ],
    [
      'a value that is missing',
      ['ask', '--archive', 'a', '--question', 'busiest.sql'],
      'needs a day',
    ],
    [
      'a hostile value',
      ['ask', '--archive', 'a', '--question', 'busiest.sql', '--value', "day='x'"],
      'day cannot be',
    ],
    [
      'a question that changes something',
      ['ask', '--archive', 'a', '--question', 'changing.sql'],
      'SELECT',
    ],
    ['a number that is none', ['token', 'hello', '--key', 'key.json'], 'no phone number'],
    ['a token of another key', ['number', `1${'A'.repeat(22)}`, '--key', 'key.json'], 'this key'],
  ])('says what is wrong with %s', async (_, args, message) => {
    const paths = args.map((arg) =>
      /\.(json|gz|sql|jsonl)|^[ab]$|^nowhere/.test(arg) ? at(arg) : arg,
    );
    expect(await run(...paths)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });

  test('lets no question read beyond the archive', async () => {
    const { code, stdout, stderr } = await run(
      'ask',
      '--archive',
      at('a'),
      '--question',
      at('prying.sql'),
    );
    expect(code).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toContain('disabled by configuration');
  });
});
