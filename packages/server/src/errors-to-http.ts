// The one place where failures become answers. spec: wire-protocol 13.1
import { API_ERRORS, type ApiErrorBody, type ApiErrorCode, ProtocolError } from '@puffo/protocol';
import { ServerError } from './errors.ts';

export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ApiErrorBody;
  /** Whether it is our fault, and so belongs into the log with its cause. */
  readonly isDefect: boolean;
}

const INTERNAL_BODY: ApiErrorBody = { error: 'INTERNAL', message: 'The server failed; it is not your request' };

export function errorToHttp(error: unknown): ErrorAnswer {
  if (error instanceof ServerError) {
    const headers: Record<string, string> =
      error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(error.retryAfterSeconds)) };
    return {
      status: statusOf(error.code),
      headers,
      body: { error: error.code, message: error.message, ...fieldOf(error.fields['field']) },
      isDefect: false,
    };
  }
  if (error instanceof ProtocolError) {
    const code: ApiErrorCode = error.code === 'too_large' ? 'MESSAGE_TOO_LONG' : 'INVALID_PAYLOAD';
    const body = { error: code, message: error.message, ...fieldOf(error.field) };
    return { status: statusOf(code), headers: {}, body, isDefect: false };
  }
  return { status: 500, headers: {}, body: INTERNAL_BODY, isDefect: true };
}

/** Clients can correct what they can find. */
function fieldOf(field: unknown): { readonly field?: string } {
  return typeof field === 'string' ? { field } : {};
}

function statusOf(code: ApiErrorCode): number {
  return API_ERRORS.find((row) => row.code === code)?.status ?? 500;
}
