import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    reporters: ['default', './tests/summary.ts'],
    environment: 'node',
    globalSetup: ['e2e/setup.ts'],
    // One browser and one server for all: the files run one after the other.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
