import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { synthesizeLocalStage } from '../../bin/replay/local-stack.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder with the synthesized `local` stage. */
    assemblyDir: string;
  }
}

/** Synthesizes the stage once for all end-to-end tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const assemblyDir = await mkdtemp(join(tmpdir(), 'forewarn-e2e-'));
  await synthesizeLocalStage(assemblyDir);
  project.provide('assemblyDir', assemblyDir);
  return () => rm(assemblyDir, { recursive: true, force: true });
}
