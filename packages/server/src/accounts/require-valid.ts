import type { Verdict } from '@puffo/protocol';
import { ServerError } from '../errors.ts';

/** What was verified, or a refusal of the request with the verifier's sentence. */
export function requireValid<Value>(verdict: Verdict<Value>): Value {
  if (verdict.kind === 'valid') return verdict.value;
  const { reason, message, field } = verdict;
  throw new ServerError('INVALID_PAYLOAD', message, { ...(field === undefined ? {} : { field }), fields: { reason } });
}
