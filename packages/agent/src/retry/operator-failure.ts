// Failures that no patience ends: somebody has to change a key, an account or a setting. spec: runtimes 2.8
import type { FailureClass } from './judge-failure.ts';

const OPERATOR_FAILURES = ['auth', 'billing', 'quota', 'bad_model'] as const satisfies readonly FailureClass[];
export type OperatorFailure = (typeof OPERATOR_FAILURES)[number];

export function isOperatorFailure(failureClass: FailureClass): failureClass is OperatorFailure {
  return OPERATOR_FAILURES.some((each) => each === failureClass);
}
