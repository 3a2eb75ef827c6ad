// What a result frame of Claude Code says about the turn. Structured fields decide; of its prose only what stands at the very
// beginning of texts that the CLI itself writes. spec: runtimes 2.8, 10.2.5
import { driverFailure } from '../../spec/driver-failure.ts';
import type { EngineFailure, EngineFailureClass } from '../../spec/engine.ts';
import type { ResultFacts } from './read-frame.ts';

/** What frames before it said. */
export interface TurnHints {
  /** Of the synthetic answer. */
  readonly errorWord?: string | undefined;
  readonly lastRetry?: { readonly error: string; readonly status: number | undefined } | undefined;
}

/** `undefined`: the turn went well. */
export function classifyResult(
  result: ResultFacts,
  hints: TurnHints,
  secrets: readonly string[] = [],
): EngineFailure | undefined {
  if (!result.isError && result.subtype === 'success') return undefined;
  const { httpStatus, terminalReason, subtype } = result;
  const words = [subtype, terminalReason, hints.errorWord, result.text, ...result.errors];
  const detail = words.filter((word) => word !== undefined && word !== '').join(': ');
  return driverFailure(findClass(result, hints), detail, { httpStatus, secrets });
}

export function isStaleSession({ errors }: Pick<ResultFacts, 'errors'>): boolean {
  return errors.some((error) => STALE_SESSION.test(error));
}

const STALE_SESSION = /^No conversation found with session ID: /;

const BY_TERMINAL_REASON: ReadonlyMap<string, EngineFailureClass> = new Map([
  ['prompt_too_long', 'input_too_large'],
  ['blocking_limit', 'input_too_large'],
  ['image_error', 'input_too_large'],
]);

const BY_WORD: ReadonlyMap<string, EngineFailureClass> = new Map([
  ['authentication_failed', 'auth'],
  ['cloud_credential_error', 'auth'],
  ['verification_required', 'auth'],
  ['oauth_org_not_allowed', 'billing'],
  ['account_on_hold', 'billing'],
  ['billing_error', 'billing'],
  ['rate_limit', 'rate_limited'],
  ['overloaded', 'overloaded'],
  ['model_not_found', 'bad_model'],
  ['max_output_tokens', 'refused'],
]);

function findClass(result: ResultFacts, { errorWord = '', lastRetry }: TurnHints): EngineFailureClass {
  if (isStaleSession(result)) return 'bad_session';
  const { httpStatus, terminalReason, text } = result;
  const known = BY_TERMINAL_REASON.get(terminalReason) ?? BY_WORD.get(errorWord);
  if (known !== undefined) return known;
  if (text.startsWith('Prompt is too long')) return 'input_too_large';
  if (httpStatus !== undefined) return classOfStatus(httpStatus);
  // It tried again and never got an answer with a status.
  if (lastRetry !== undefined) {
    if (lastRetry.error === 'overloaded') return 'overloaded';
    return lastRetry.status === undefined ? 'network' : classOfStatus(lastRetry.status);
  }
  if (errorWord === 'server_error') return 'server_error';
  return /^API Error: (Unable to connect|Connection error)/.test(text) ? 'network' : 'protocol';
}

function classOfStatus(status: number): EngineFailureClass {
  switch (status) {
    case 401:
    case 403:
      return 'auth';
    case 402:
      return 'billing';
    case 404:
      return 'bad_model';
    case 413:
      return 'input_too_large';
    case 429:
      return 'rate_limited';
    case 529:
      return 'overloaded';
    default:
      return status >= 500 || status === 408 || status === 425 ? 'server_error' : 'refused';
  }
}
