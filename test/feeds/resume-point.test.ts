import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  fileIdentity,
  ResumeError,
  readResumePoint,
  removeResumePoint,
  writeResumePoint,
} from '../../lib/feeds/resume-point.ts';

describe('resume files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'forewarn-resume-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('keep how far a push has come', async () => {
    const path = join(folder, 'calls.resume.json');
    const point = { version: 1 as const, done: ['a'], file: 'b', identity: 'x', line: 12 };
    expect(await readResumePoint(path)).toBeUndefined();
    await writeResumePoint(path, { ...point, line: 7 });
    await writeResumePoint(path, point);
    expect(await readResumePoint(path)).toEqual(point);
    expect(await readdir(folder)).toEqual(['calls.resume.json']);
    await removeResumePoint(path);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(['{', '{"version":2}', '{"version":1,"done":[],"file":"a","identity":"x","line":-1}'])(
    'are refused when they hold %s',
    async (text) => {
      const path = join(folder, 'other.json');
      await writeFile(path, text);
      await expect(readResumePoint(path)).rejects.toThrow(ResumeError);
    },
  );

  it('tell files apart by their beginning', async () => {
    const path = join(folder, 'calls.csv');
    await writeFile(path, 'a'.repeat(5000));
    const before = await fileIdentity(path);
    await appendFile(path, 'more');
    expect(await fileIdentity(path)).toBe(before);
    await writeFile(path, 'b'.repeat(5000));
    expect(await fileIdentity(path)).not.toBe(before);
  });
});
