// What every driver has to do, as named checks: a test file makes a harness per check and runs them one by one. A check that fails
// throws `EngineError` with the code `not-conforming`. spec: runtimes 2.9
import { contextChecks } from './context-checks.ts';
import type { ConformanceCheck } from './engine-harness.ts';
import { endingChecks } from './ending-checks.ts';
import { turnChecks } from './turn-checks.ts';

export const engineChecks: readonly ConformanceCheck[] = [...turnChecks, ...contextChecks, ...endingChecks];
