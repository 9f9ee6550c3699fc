import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** This run's own; the end-to-end tests make it and remove it. */
const accessRecordsDir = join(tmpdir(), `forewarn-access-${process.pid}`);

export default defineConfig({
  test: {
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/deploy/**', 'test/permissions/**'],
          setupFiles: ['test/property-seed.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'end-to-end',
          testTimeout: 120_000,
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/synthesized-stage.ts'],
          setupFiles: ['test/property-seed.ts'],
          // Not the default, which a single worker takes last.
          sequence: { groupOrder: 1 },
          provide: { accessRecordsDir },
        },
      },
      {
        extends: true,
        test: {
          name: 'permissions',
          include: ['test/permissions/**/*.test.ts'],
          // After all others: it judges what the end-to-end tests did.
          sequence: { groupOrder: 2 },
          provide: { accessRecordsDir },
        },
      },
    ],
  },
});
