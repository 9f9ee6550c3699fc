import { defineConfig } from 'vitest/config';

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
          exclude: ['test/e2e/**', 'test/deploy/**'],
          setupFiles: ['test/property-seed.ts'],
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
        },
      },
    ],
  },
});
