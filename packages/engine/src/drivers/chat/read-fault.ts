// What an error of the SDK says in typed members: status, codes, headers. Providers wrap them differently, and an error in the
// middle of a stream arrives as the bare object.
import { type Clock, isJsonArray, isJsonObject, type JsonObject, type JsonValue, safeParseJson } from '@puffo/base';
import { APICallError } from 'ai';
import { MAX_ERROR_BYTES } from './limits.ts';

export interface Fault {
  readonly status: number | undefined;
  /** The provider's names for it, the most exact first. */
  readonly codes: readonly string[];
  /** Of the error object, never of a model. Not for logs: it may quote what was sent. */
  readonly message: string;
  readonly retryAfterMs: number | undefined;
  /** Google's `details`. */
  readonly details: readonly JsonObject[];
}

export function readFault(error: unknown, clock: Clock): Fault {
  if (!APICallError.isInstance(error)) return toFault(findErrorObject(error), {});
  const body = safeParseJson(error.responseBody ?? '', JSON_LIMITS);
  const object = findErrorObject(body.kind === 'value' ? body.value : undefined);
  const wish = readHeaderWish(error.responseHeaders ?? {}, clock);
  return toFault(object, { status: error.statusCode, retryAfterMs: wish });
}

const JSON_LIMITS = { maxLength: MAX_ERROR_BYTES, maxDepth: 16, integers: 'any' } as const;

/** `{error: {…}}`, an array of that, or the inner object alone. */
function findErrorObject(value: unknown): JsonObject {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (!isJsonObject(first)) return {};
  const inner = first['error'] ?? null;
  return isJsonObject(inner) ? inner : first;
}

interface Outside {
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
}

function toFault(object: JsonObject, { status, retryAfterMs }: Outside): Fault {
  const { code, type, statusCode, message } = object as { readonly [name: string]: JsonValue | undefined };
  const details = (object['details'] ?? null) as JsonValue;
  const found = isJsonArray(details) ? details.filter(isJsonObject) : [];
  return {
    status: status ?? [statusCode, code].find(isHttpStatus),
    codes: [...found.map((detail) => detail['reason']), code, type, object['status']].filter(isCode),
    message: typeof message === 'string' ? message : '',
    retryAfterMs: retryAfterMs ?? readDetailWish(found),
    details: found,
  };
}

function isHttpStatus(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599;
}

/** Names are short words: what looks otherwise is text of somebody, and has no place in a log. */
function isCode(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z_.]{0,47}$/.test(value);
}

/** A wish beyond that is no different from never. */
const MAX_WISH_MS = 30 * 24 * 3600 * 1000;

/** `Date.parse` alone takes almost anything for a date. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

function readHeaderWish(headers: Readonly<Record<string, string>>, clock: Clock): number | undefined {
  const ms = toWish(headers['retry-after-ms'], 1);
  if (ms !== undefined) return ms;
  const header = headers['retry-after'];
  const seconds = toWish(header, 1000);
  if (seconds !== undefined || header === undefined) return seconds;
  const at = HTTP_DATE.test(header) ? Date.parse(header) : NaN;
  return Number.isNaN(at) ? undefined : Math.min(Math.max(at - clock(), 0), MAX_WISH_MS);
}

function readDetailWish(details: readonly JsonObject[]): number | undefined {
  const [delay] = details.map((detail) => detail['retryDelay']).filter((value) => typeof value === 'string');
  return delay?.endsWith('s') === true ? toWish(delay.slice(0, -1), 1000) : undefined;
}

function toWish(text: string | undefined, unitMs: number): number | undefined {
  if (text === undefined || !/^\d{1,15}(\.\d{1,15})?$/.test(text.trim())) return undefined;
  return Math.min(Math.ceil(Number(text) * unitMs), MAX_WISH_MS);
}
