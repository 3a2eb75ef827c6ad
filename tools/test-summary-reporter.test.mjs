import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import TestSummaryReporter from './test-summary-reporter.mjs';

const lines = [];

beforeEach(() => {
  lines.length = 0;
  for (const method of /** @type {const} */ (['log', 'error'])) {
    vi.spyOn(console, method).mockImplementation((line) => lines.push(line));
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

function fakeTest(state, note, retryCount = 0) {
  return {
    diagnostic: () => ({ retryCount }),
    fullName: `a ${state} test`,
    module: { relativeModuleId: 'a.test.ts' },
    project: { name: 'base' },
    options: { mode: state === 'skipped' ? 'skip' : 'run' },
    result: () => ({ state, note }),
  };
}

/** The lines that the reporter prints for one test file, and the exit code it asks for. */
function report({ tests, moduleErrors = [], unhandledErrors = [], testNamePattern }) {
  const exitCode = process.exitCode;
  const reporter = new TestSummaryReporter();
  reporter.onInit({ config: { testNamePattern } });
  reporter.onTestRunEnd([{ children: { allTests: () => tests }, errors: () => moduleErrors }], unhandledErrors);
  const asked = process.exitCode;
  process.exitCode = exitCode;
  return { lines: [...lines], exitCode: asked };
}

describe('the line at the end of a test run', () => {
  test('counts what passed, failed and was skipped', () => {
    const tests = ['passed', 'passed', 'failed', 'skipped'].map((state) => fakeTest(state));
    expect(report({ tests }).lines.at(-1)).toBe('2 passed, 1 failed, 1 skipped');
  });

  test('counts a file that cannot be loaded and an error outside of the tests', () => {
    const errors = { moduleErrors: [new Error('no module')], unhandledErrors: [new Error('too late')] };
    expect(report({ tests: [fakeTest('passed')], ...errors }).lines).toEqual(['1 passed, 2 failed, 0 skipped']);
  });

  test('comes after the skipped tests with their reasons', () => {
    const tests = [fakeTest('passed'), fakeTest('skipped'), fakeTest('skipped', 'no Docker here')];
    expect(report({ tests }).lines).toEqual([
      'skipped: base > a.test.ts > a skipped test (no reason given)',
      'skipped: base > a.test.ts > a skipped test (no Docker here)',
      '1 passed, 0 failed, 2 skipped',
    ]);
  });

  test('comes after the tests that were tried again', () => {
    expect(report({ tests: [fakeTest('passed', undefined, 1)] }).lines).toEqual([
      'tried again: base > a.test.ts > a passed test',
      '1 passed, 0 failed, 0 skipped',
    ]);
  });

  test('has no list of skipped tests before it when a name was asked for', () => {
    const tests = [fakeTest('passed'), fakeTest('skipped')];
    expect(report({ tests, testNamePattern: /x/ }).lines).toEqual(['1 passed, 0 failed, 1 skipped']);
  });

  test.each([[[]], [[fakeTest('skipped')]]])('belongs to a failed run when no test ran', (tests) => {
    const { lines: printed, exitCode } = report({ tests });
    expect(printed).toContain('No test ran, and a run without tests is a failed run');
    expect(exitCode).toBe(1);
  });
});
