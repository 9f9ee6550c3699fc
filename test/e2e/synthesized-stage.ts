import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { synthesizeLocalStage } from '../../bin/replay/local-stack.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder with the synthesized `local` stage. */
    assemblyDir: string;
    /** Folder where end-to-end tests leave what roles did, for the tests of permissions. */
    accessRecordsDir: string;
  }
}

/** Synthesizes the stage once for all end-to-end tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const assemblyDir = await mkdtemp(join(tmpdir(), 'forewarn-e2e-'));
  await synthesizeLocalStage(assemblyDir);
  project.provide('assemblyDir', assemblyDir);
  const { accessRecordsDir } = project.getProvidedContext();
  await mkdir(accessRecordsDir, { recursive: true });
  return async () => {
    for (const folder of [assemblyDir, accessRecordsDir]) {
      await rm(folder, { recursive: true, force: true });
    }
  };
}
