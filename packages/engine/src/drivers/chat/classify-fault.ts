// From a provider's error to the class of a failure. Codes say more than statuses, so they are asked first. spec: runtimes 2.8
import type { EngineFailureClass } from '../../spec/engine.ts';
import type { Fault } from './read-fault.ts';

/** `undefined`: it says nothing that a class follows from. */
export function classifyFault(fault: Fault): EngineFailureClass | undefined {
  return classifyMessage(fault) ?? classifyCodes(fault) ?? classifyStatus(fault.status);
}

const CODES: ReadonlyMap<string, EngineFailureClass> = new Map<string, EngineFailureClass>([
  // Anthropic, `error.type`
  ['authentication_error', 'auth'],
  ['permission_error', 'auth'],
  ['billing_error', 'billing'],
  ['not_found_error', 'bad_model'],
  ['request_too_large', 'input_too_large'],
  ['rate_limit_error', 'rate_limited'],
  ['overloaded_error', 'overloaded'],
  ['api_error', 'server_error'],
  ['timeout_error', 'server_error'],
  // OpenAI and those who speak like it, `error.code` or `error.type`
  ['invalid_api_key', 'auth'],
  ['account_deactivated', 'auth'],
  ['insufficient_quota', 'quota'],
  ['billing_hard_limit_reached', 'billing'],
  ['billing_not_active', 'billing'],
  ['model_not_found', 'bad_model'],
  ['context_length_exceeded', 'input_too_large'],
  ['string_above_max_length', 'input_too_large'],
  ['rate_limit_exceeded', 'rate_limited'],
  ['server_is_overloaded', 'overloaded'],
  ['slow_down', 'overloaded'],
  ['service_unavailable_error', 'overloaded'],
  ['server_error', 'server_error'],
  ['content_filter', 'refused'],
  ['content_policy_violation', 'refused'],
  // Google, a reason in `error.details` or `error.status`
  ['API_KEY_INVALID', 'auth'],
  ['API_KEY_EXPIRED', 'auth'],
  ['BILLING_DISABLED', 'billing'],
  ['UNAUTHENTICATED', 'auth'],
  ['PERMISSION_DENIED', 'auth'],
  // "Not in your country without billing", says its documentation.
  ['FAILED_PRECONDITION', 'billing'],
  ['NOT_FOUND', 'bad_model'],
  ['UNAVAILABLE', 'overloaded'],
  ['INTERNAL', 'server_error'],
  ['DEADLINE_EXCEEDED', 'server_error'],
]);

function classifyCodes({ codes, details, message, retryAfterMs }: Fault): EngineFailureClass | undefined {
  const known = codes.map((code) => CODES.get(code)).find((found) => found !== undefined);
  if (known !== undefined || !codes.includes('RESOURCE_EXHAUSTED')) return known;
  // Google has one code for "slow down" and for "that was all for today".
  if (JSON.stringify(details).includes('PerDay')) return 'quota';
  return retryAfterMs === undefined && /^You exceeded your current quota\b/.test(message) ? 'quota' : 'rate_limited';
}

/**
 * Anthropic and Google have no code for these, only the generic one of a bad request. The sentence stands in the error object of
 * a refused request, where no model writes, and is matched from its beginning.
 */
const GENERIC: ReadonlySet<string> = new Set(['invalid_request_error', 'INVALID_ARGUMENT']);
const MESSAGES: readonly (readonly [RegExp, EngineFailureClass])[] = [
  [/^prompt is too long\b/i, 'input_too_large'],
  [/^input length and `max_tokens` exceed context limit\b/i, 'input_too_large'],
  [/^The input token count\b.{0,30} exceeds the maximum number of tokens\b/i, 'input_too_large'],
  [/^Your credit balance is too low\b/i, 'billing'],
];

function classifyMessage({ codes, message }: Fault): EngineFailureClass | undefined {
  const [code] = codes;
  if (code === undefined || !GENERIC.has(code)) return undefined;
  return MESSAGES.find(([pattern]) => pattern.test(message))?.[1];
}

const STATUSES: Readonly<Record<number, EngineFailureClass>> = {
  401: 'auth',
  402: 'billing',
  403: 'auth',
  404: 'bad_model',
  408: 'server_error',
  413: 'input_too_large',
  425: 'server_error',
  429: 'rate_limited',
  503: 'overloaded',
  529: 'overloaded',
};

function classifyStatus(status: number | undefined): EngineFailureClass | undefined {
  if (status === undefined || status < 300) return undefined;
  return STATUSES[status] ?? (status >= 500 ? 'server_error' : 'protocol');
}
