import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainError } from '../../bin/explain-error.ts';
import { PublishingError } from '../../bin/policy/published-policies.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { startForewarn } from '../support/run-forewarn.ts';

const bundled = loadDefaultPolicy();

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'forewarn-policy-'));
  const documents: Record<string, unknown> = {
    'good.json': bundled,
    'other.json': { ...bundled, version: 9, scoring: { ...bundled.scoring, riskyAt: 99 } },
    'bad.json': { ...bundled, version: 0, author: '' },
  };
  for (const [name, document] of Object.entries(documents)) {
    writeFileSync(join(folder, name), JSON.stringify(document));
  }
  writeFileSync(join(folder, 'broken.json'), '{');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const policy = (...args: string[]) =>
  startForewarn(['policy', ...args.map((arg) => arg.replace('@', `${folder}/`))]).finished;

describe('forewarn policy', () => {
  it('validates without AWS', async () => {
    expect(await policy('validate', '@good.json')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`is a valid policy: policy ${bundled.version} by`),
    });
    const { stdout } = await policy('validate', '@good.json', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, version: bundled.version });
  });

  it('names every problem of a policy, with its place', async () => {
    const { code, stderr } = await policy('validate', '@bad.json');
    expect(code).toBe(2);
    expect(stderr).toContain('mend this:\n  /version: ');
    expect(stderr).toContain('\n  /author: ');
  });

  it.each([
    ['validate', '@missing.json', 'cannot be read'],
    ['validate', '@broken.json', 'is not JSON'],
    ['publish', '@bad.json', 'no policy that could be used'],
  ])('%s of %s says that it %s', async (verb, file, message) => {
    expect(await policy(verb, file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });

  it('compares two files without AWS, in words', async () => {
    const { code, stdout } = await policy('diff', '@good.json', '@other.json');
    expect(code).toBe(0);
    expect(stdout).toContain(
      `riskyAt (points from which a caller is risky): ${bundled.scoring.riskyAt} → 99`,
    );
    expect((await policy('diff', '@good.json', '@good.json')).stdout).toContain('They act alike.');
  });

  it.each([
    [['publish'], 'Name the file'],
    [['publish', '--off'], '--off stops the shadow'],
    [['publish', '@good.json', '--shadow', '--off'], '--off stops the shadow'],
    [['rollback', '--to', 'yesterday'], 'the version of a policy'],
    [['compare', '--day', 'today'], 'a day such as 2026-11-23'],
  ])('%j is told how it is meant', async (args, message) => {
    expect(await policy(...args)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });

  it('says what AppConfig refused in its own words only', () => {
    const error = new PublishingError('what to do', { cause: new Error('noise') });
    expect(explainError(error)).toEqual({ message: 'what to do', code: 3 });
  });
});
