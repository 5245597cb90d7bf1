import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/** The closing line that the project's test script adds up: "N passed, N failed". A file that could not run is one failure. */
export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: TestRunEndReason) {
    const results = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const passed = results.filter((state) => state === 'passed').length;
    const broken = modules.filter((module) => module.errors().length > 0).length;
    const stopped = reason === 'interrupted' ? 1 : 0;
    console.log(`${passed} passed, ${results.length - passed + broken + errors.length + stopped} failed`);
  }
}
