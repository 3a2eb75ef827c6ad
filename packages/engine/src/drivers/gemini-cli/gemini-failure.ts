// From what Gemini CLI answers instead of a turn to a failure. Its code is the HTTP status of the provider, mostly.
// spec: runtimes 2.8, 10.4
import { isJsonArray, isJsonObject, type JsonObject, safeParseJson } from '@puffo/base';
import { driverFailure } from '../../spec/driver-failure.ts';
import type { EngineFailure, EngineFailureClass } from '../../spec/engine.ts';
import type { AcpError } from './read-acp-message.ts';

/** `secrets` are taken out of the detail. */
export function geminiFailure(error: AcpError, secrets: readonly string[]): EngineFailure {
  const said = readSaid(error);
  const httpStatus = said.code >= 400 && said.code <= 599 ? said.code : undefined;
  const retryAfterMs = readWish(said.message);
  const failureClass = classify(said, retryAfterMs);
  return driverFailure(failureClass, `Gemini CLI says ${said.code}: ${said.message}`, {
    httpStatus,
    retryAfterMs,
    secrets,
  });
}

/** Whether it says, and nothing else, that there is no such session. */
export function isUnknownSession({ message }: AcpError): boolean {
  return /^(Invalid session identifier|No previous sessions found|Session not found|Failed to (find|load) session)\b/.test(
    message,
  );
}

interface Said {
  readonly code: number;
  readonly message: string;
  readonly reasons: readonly string[];
}

const BODY_LIMITS = { maxLength: 64 * 1024, maxDepth: 16, integers: 'any' } as const;

/** The message is the body of the provider's answer in some cases, and its sentence in others. */
function readSaid({ code, message }: AcpError): Said {
  const parsed = safeParseJson(message, BODY_LIMITS);
  const body = parsed.kind === 'value' && isJsonObject(parsed.value) ? parsed.value['error'] : undefined;
  if (!isJsonObject(body)) return { code, message, reasons: [] };
  const { message: sentence } = body;
  return { code, message: typeof sentence === 'string' ? sentence : message, reasons: readReasons(body) };
}

function readReasons({ status, details = [] }: JsonObject): readonly string[] {
  const found = isJsonArray(details) ? details.filter(isJsonObject).map(({ reason }) => reason) : [];
  return [...found, status].filter((reason) => typeof reason === 'string');
}

const REASONS: ReadonlyMap<string, EngineFailureClass> = new Map<string, EngineFailureClass>([
  ['API_KEY_INVALID', 'auth'],
  ['API_KEY_EXPIRED', 'auth'],
  ['BILLING_DISABLED', 'billing'],
  ['UNAUTHENTICATED', 'auth'],
  ['PERMISSION_DENIED', 'auth'],
  ['FAILED_PRECONDITION', 'billing'],
  ['NOT_FOUND', 'bad_model'],
  ['UNAVAILABLE', 'overloaded'],
]);

const STATUSES: ReadonlyMap<number, EngineFailureClass> = new Map<number, EngineFailureClass>([
  // Authentication required: there is no key, or no login.
  [-32_000, 'auth'],
  [-32_602, 'bad_session'],
  [401, 'auth'],
  [402, 'billing'],
  [403, 'auth'],
  [404, 'bad_model'],
  [413, 'input_too_large'],
  [503, 'overloaded'],
]);

/** What it calls 400 or 500 and what is none. The sentences are of the provider or of the program; no model writes there. */
const SENTENCES: readonly (readonly [RegExp, EngineFailureClass])[] = [
  [/^The input token count\b.{0,30} exceeds the maximum number of tokens\b/i, 'input_too_large'],
  // A transcript in which calls and results do not fit together stays like that.
  [/^Please ensure that (the number of )?function (call|response)\b/i, 'bad_session'],
  [/^API key (not valid|expired)\b/i, 'auth'],
  [/^models\/\S+ is not found for API version\b/, 'bad_model'],
  [/^(terminated|fetch failed|other side closed|socket hang up|exception .*sending request)\b/i, 'network'],
  [/\b(ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|UND_ERR_\w+)\b/, 'network'],
];

function classify({ code, message, reasons }: Said, retryAfterMs: number | undefined): EngineFailureClass {
  if (code === 429) return classifyLimit(message, retryAfterMs);
  const bySentence = SENTENCES.find(([pattern]) => pattern.test(message))?.[1];
  const byReason = reasons.map((reason) => REASONS.get(reason)).find((found) => found !== undefined);
  return bySentence ?? byReason ?? STATUSES.get(code) ?? (code >= 500 && code <= 599 ? 'server_error' : 'protocol');
}

/** One status for "slow down" and for "that was all for today". */
function classifyLimit(message: string, retryAfterMs: number | undefined): EngineFailureClass {
  const isQuota = /^You (exceeded|have exhausted) your\b/.test(message) || /\bPerDay\b/.test(message);
  return isQuota && retryAfterMs === undefined ? 'quota' : 'rate_limited';
}

/** The program's own words. */
function readWish(message: string): number | undefined {
  const seconds = /\bSuggested retry after (\d{1,7}(?:\.\d{1,6})?)s\b/.exec(message)?.[1];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000);
}
