import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** By name: the first file brings in the family that the others look at. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}

export default defineConfig({
  test: {
    include: ['e2e/**/*.test.ts'],
    reporters: ['default', './tests/summary.ts'],
    environment: 'node',
    globalSetup: ['e2e/setup.ts'],
    // One browser and one server for all: the files run one after the other.
    fileParallelism: false,
    sequence: { sequencer: ByName },
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // A second, which is usual, is not long on a machine that does other things too.
    expect: { poll: { timeout: 30_000 } },
  },
});
