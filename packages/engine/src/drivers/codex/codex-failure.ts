// What codex says when a turn fails, as one of our classes: its own word first, then the status of the provider, its prose only
// where it has nothing else. spec: runtimes 2.8, 10.3.2
import { isJsonObject, type JsonObject } from '@puffo/base';
import { driverFailure } from '../../spec/driver-failure.ts';
import type { EngineFailure, EngineFailureClass } from '../../spec/engine.ts';
import { countIn, textIn } from './read-frame.ts';

/** `error`: of `turn/completed`. `secrets`: taken out of what is kept of its text. */
export function codexFailure(error: JsonObject, secrets: readonly string[]): EngineFailure {
  const message = textIn(error, 'message');
  const info = error['codexErrorInfo'];
  const httpStatus = readStatus(info);
  const failureClass = classify({ info, httpStatus, message });
  return driverFailure(failureClass, message === '' ? 'codex gave no reason' : message, { httpStatus, secrets });
}

interface Found {
  readonly info: unknown;
  readonly httpStatus: number | undefined;
  readonly message: string;
}

function classify({ info, httpStatus, message }: Found): EngineFailureClass {
  if (typeof info === 'string' && info === 'usageLimitExceeded') return /billing/i.test(message) ? 'billing' : 'quota';
  const named = typeof info === 'string' ? BY_WORD.get(info) : undefined;
  if (named !== undefined) return named;
  if (httpStatus !== undefined) return classOfStatus(httpStatus);
  if (isJsonObject(info) && Object.keys(info).some((word) => CONNECTION_WORDS.has(word))) return 'network';
  return classOfMessage(message);
}

const BY_WORD: ReadonlyMap<string, EngineFailureClass> = new Map([
  ['unauthorized', 'auth'],
  ['rateLimitExceeded', 'rate_limited'],
  ['serverOverloaded', 'overloaded'],
  ['flexUnavailable', 'overloaded'],
  ['policyCapacityUnavailable', 'overloaded'],
  ['internalServerError', 'server_error'],
  ['contextWindowExceeded', 'input_too_large'],
  ['sessionBudgetExceeded', 'quota'],
  ['modelNotFound', 'bad_model'],
  ['threadRollbackFailed', 'bad_session'],
  ['cyberPolicy', 'refused'],
  ['misalignmentPolicyViolation', 'refused'],
  ['inferenceHookDenied', 'refused'],
  ['tooManyDenials', 'refused'],
  ['badRequest', 'protocol'],
]);

const CONNECTION_WORDS: ReadonlySet<string> = new Set([
  'httpConnectionFailed',
  'responseStreamConnectionFailed',
  'responseStreamDisconnected',
  'responseTooManyFailedAttempts',
]);

function readStatus(info: unknown): number | undefined {
  if (!isJsonObject(info)) return undefined;
  for (const detail of Object.values(info)) {
    const status = isJsonObject(detail) ? countIn(detail, 'httpStatusCode') : 0;
    if (status !== 0) return status;
  }
  return undefined;
}

const BY_STATUS: ReadonlyMap<number, EngineFailureClass> = new Map([
  [401, 'auth'],
  [402, 'billing'],
  [403, 'auth'],
  [404, 'bad_model'],
  [408, 'network'],
  [413, 'input_too_large'],
  [425, 'overloaded'],
  [429, 'rate_limited'],
  [503, 'overloaded'],
  [529, 'overloaded'],
]);

function classOfStatus(status: number): EngineFailureClass {
  return BY_STATUS.get(status) ?? (status >= 500 ? 'server_error' : 'protocol');
}

/** Its own words of today; whoever is misled by a new one treats it as a request that the provider did not like. */
function classOfMessage(message: string): EngineFailureClass {
  if (/^(stream disconnected|Connection failed|timeout waiting)/i.test(message)) return 'network';
  if (message.startsWith('Missing environment variable')) return 'auth';
  return 'protocol';
}
