// The body of an answer that is no success. spec: wire-protocol 13.1, 13.2
import { isJsonObject } from '@puffo/base';
import { LIMITS } from '../limits.ts';
import type { OpenEnum } from './answer-fields.ts';

export interface ApiErrorRow {
  readonly code: string;
  readonly status: number;
  readonly when: string;
}

export const API_ERRORS = [
  { code: 'INVALID_PAYLOAD', status: 400, when: 'a body, an event payload or a route that does not fit' },
  { code: 'DEVICE_NOT_FOUND', status: 400, when: 'a subkey of a device that is not known' },
  { code: 'UNAUTHORIZED', status: 401, when: 'the caller is not proven' },
  { code: 'FORBIDDEN', status: 403, when: 'the caller may not do this' },
  { code: 'NOT_FOUND', status: 404, when: 'nothing of this name, or nothing the caller may see' },
  { code: 'BLOB_NOT_FOUND', status: 404, when: 'no blob of this id, or not yet' },
  { code: 'CONFLICT', status: 409, when: 'the id has other content, or the state does not allow it' },
  { code: 'GONE', status: 410, when: 'a token or link that expired' },
  { code: 'FILE_TOO_LARGE', status: 413, when: 'a blob above the limit' },
  { code: 'MESSAGE_TOO_LONG', status: 413, when: 'an envelope above the limit' },
  { code: 'RATE_LIMITED', status: 429, when: 'too often; `Retry-After` in seconds' },
  { code: 'SLOW_MODE', status: 429, when: 'a channel in slow mode; `retry_after_ms` in the body' },
  { code: 'INTERNAL', status: 500, when: 'the fault of the server' },
] as const satisfies readonly ApiErrorRow[];

export type ApiErrorCode = (typeof API_ERRORS)[number]['code'];

/** What a server writes. */
export interface ApiErrorBody {
  readonly error: ApiErrorCode;
  /** For people. No secrets, no ciphertext. */
  readonly message: string;
  readonly retry_after_ms?: number;
  /** The member of the request that is wrong, as it is spelled there. An addition of ours. */
  readonly field?: string;
}

/** What a client could read; nothing of it is certain. The text is foreign: escape it before showing it. */
export interface ReadErrorBody {
  readonly code: OpenEnum<ApiErrorCode> | undefined;
  readonly message: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly field: string | undefined;
}

const FIELD_NAME = /^[A-Za-z0-9_.[\]-]{1,128}$/;

/** Never fails: the status already says that the call failed, and proxies answer with whatever they like. */
export function readErrorBody(value: unknown): ReadErrorBody {
  if (!isJsonObject(value)) return { code: undefined, message: undefined, retryAfterMs: undefined, field: undefined };
  const { error, message, retry_after_ms: wait, field } = value;
  return {
    code: typeof error === 'string' && error.length <= LIMITS.opaqueIdCharacters ? error : undefined,
    message: typeof message === 'string' ? message.slice(0, LIMITS.errorTextCharacters) : undefined,
    retryAfterMs: typeof wait === 'number' && Number.isSafeInteger(wait) && wait >= 0 ? wait : undefined,
    field: typeof field === 'string' && FIELD_NAME.test(field) ? field : undefined,
  };
}
