// Ends a test run with one line that a script can read: `N passed, N failed, N skipped`.

/**
 * A vitest reporter. A test file that cannot be loaded and an error outside of every test count as one failed test
 * each, so that "0 failed" is never said of a run that failed.
 */
export default class TestSummaryReporter {
  #isFiltered = false;

  onInit(vitest) {
    this.#isFiltered = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(testModules, unhandledErrors) {
    const tests = testModules.flatMap((testModule) => [...testModule.children.allTests()]);
    const passed = tests.filter((test) => test.result().state === 'passed');
    const skipped = tests.filter((test) => ['skipped', 'pending'].includes(test.result().state));
    const failedTests = tests.length - passed.length - skipped.length;
    const failed = failedTests + testModules.flatMap((module) => module.errors()).length + unhandledErrors.length;
    // A name filter skips nearly everything, which is not worth a list.
    if (!this.#isFiltered) listSkipped(skipped);
    listRetried(tests);
    if (passed.length + failed === 0) reportEmptyRun();
    console.log(`${passed.length} passed, ${failed} failed, ${skipped.length} skipped`);
  }
}

function listSkipped(tests) {
  for (const test of tests) {
    const { note } = test.result();
    const reason = note ?? (test.options.mode === 'todo' ? 'to be written' : 'no reason given');
    console.log(`skipped: ${test.project.name} > ${test.module.relativeModuleId} > ${test.fullName} (${reason})`);
  }
}

/** Only tests with foreign programs may be tried again, and nobody should have to guess how often that happens. */
function listRetried(tests) {
  for (const test of tests) {
    const { retryCount = 0 } = test.diagnostic() ?? {};
    if (retryCount > 0)
      console.log(`tried again: ${test.project.name} > ${test.module.relativeModuleId} > ${test.fullName}`);
  }
}

function reportEmptyRun() {
  console.error('No test ran, and a run without tests is a failed run');
  process.exitCode = 1;
}
