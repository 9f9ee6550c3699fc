import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { BREAKS } from './breaks.ts';

const COMMAND = fileURLToPath(new URL('run-gameday.ts', import.meta.url));

const gameday = (...args: string[]) =>
  spawnSync(process.execPath, [COMMAND, ...args], {
    encoding: 'utf8',
    // Nothing to fit the table to.
    env: { ...process.env, COLUMNS: '' },
  });

describe('npm run gameday', () => {
  test('lists what it breaks, and breaks nothing for it', () => {
    const { status, stderr, stdout } = gameday('--list');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const { expected, name } of BREAKS) {
      expect(stdout).toContain(name);
      for (const alarm of expected) expect(stdout).toContain(alarm);
    }
  });

  test('says which breaks there are to whoever asks for another', () => {
    const { status, stderr } = gameday('--only', 'earthquake');
    expect(status).toBe(2);
    expect(stderr).toMatch(/There is no earthquake; there are bad-records, .*workflows-fail/);
  });
});
