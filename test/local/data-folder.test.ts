import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder } from '../../lib/local/kept/data-folder.ts';

const OWNER = { stackName: 'Forewarn-test', version: '1.2.3' };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forewarn-data-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a data folder', () => {
  it('is for one local cloud at a time, and says whose it is', () => {
    const first = openDataFolder(join(folder, 'new', 'data'), OWNER);
    const second = () => openDataFolder(join(folder, 'new', 'data'), OWNER);
    expect(second).toThrow(
      expect.objectContaining({
        code: 'data-folder-in-use',
        message: expect.stringContaining(`in use by process ${process.pid}`),
      }),
    );
    first.release();
    second().release();
  });

  it('is for one stack and one version', () => {
    openDataFolder(folder, OWNER).release();
    expect(() => openDataFolder(folder, { ...OWNER, stackName: 'Forewarn-dev' })).toThrow(
      expect.objectContaining({
        code: 'data-folder-foreign',
        message: `${folder} holds the data of Forewarn-test, not of Forewarn-dev`,
      }),
    );
    expect(() => openDataFolder(folder, { ...OWNER, version: '2.0.0' })).toThrow(
      expect.objectContaining({
        code: 'data-folder-foreign',
        message: expect.stringContaining('was written by version 1.2.3 (format 1)'),
      }),
    );
    openDataFolder(folder, OWNER).release();
  });

  it('is none that holds something else, which is left as it was', async () => {
    await writeFile(join(folder, 'thesis.txt'), 'chapter 1');
    expect(() => openDataFolder(folder, OWNER)).toThrow(
      expect.objectContaining({
        code: 'data-folder-foreign',
        message: expect.stringContaining('holds thesis.txt'),
      }),
    );
    expect(await readdir(folder)).toEqual(['thesis.txt']);
    await rm(join(folder, 'thesis.txt'));
    await writeFile(join(folder, 'data.json'), '{');
    expect(() => openDataFolder(folder, OWNER)).toThrow(
      expect.objectContaining({ code: 'data-folder-foreign' }),
    );
  });
});
