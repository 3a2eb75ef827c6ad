// What a failed attempt means for the message: wait and try again, or never. spec: wire-protocol 9.22, 13.2
import { LIMITS, ProtocolError } from '@puffo/protocol';
import { ClientError, type ClientErrorCode } from '../client-error.ts';

export type FailureJudgement =
  | { readonly kind: 'retry'; readonly retryAfterMs: number | undefined; readonly error: ClientError }
  | { readonly kind: 'failed'; readonly error: ClientError };

/** No word of the server about the message: it may have it, or the network answered in its place. */
const AMBIGUOUS: ReadonlySet<ClientErrorCode> = new Set([
  'unreachable',
  'timeout',
  'redirected',
  'answer-too-large',
  'answer-invalid',
  'no-progress',
  'rate-limited',
  'server-failed',
  'store-failed',
]);

/** Earlier than the window of the server, because its clock is not ours. */
const STALE_AFTER_MS = LIMITS.clockWindowMs - 60_000;

/**
 * A server may refuse a fresh subkey, or anybody, for a moment; and each attempt renews the subkey once. A device that is
 * not let in so often is not let in. spec: wire-protocol 5.5
 */
const UNAUTHORIZED_ATTEMPTS = 5;

/** `tries`: failed attempts before this one. */
export function judgeFailure(error: unknown, tries: number): FailureJudgement {
  const known = toClientError(error);
  const isRefusedForNow = known.code === 'unauthorized' && tries + 1 < UNAUTHORIZED_ATTEMPTS;
  const mayPass = known.retryable || AMBIGUOUS.has(known.code) || isWrongClock(known) || isRefusedForNow;
  return mayPass ? { kind: 'retry', retryAfterMs: known.retryAfterMs, error: known } : { kind: 'failed', error: known };
}

/** Somebody will set it. */
function isWrongClock({ code, fields }: ClientError): boolean {
  return code === 'unauthorized' && fields['clockSkewMs'] !== undefined;
}

/** For the record: what the server called it, else what we do. */
export function failureCodeOf(error: ClientError): string {
  return error.apiCode ?? error.code;
}

/**
 * Whether the server refused the message only because it is old. It takes a message late when it knows the id, so one that
 * it refuses for its time was never accepted, and may be sealed again. Older servers do not say which member is wrong.
 */
export function isStale(error: unknown, sealed: { readonly sentAt: number; readonly now: number }): boolean {
  if (!(error instanceof ClientError) || error.code !== 'refused' || error.apiCode !== 'INVALID_PAYLOAD') return false;
  return error.apiField === 'sent_at' || Math.abs(sealed.now - sealed.sentAt) > STALE_AFTER_MS;
}

function toClientError(error: unknown): ClientError {
  if (error instanceof ClientError) return error;
  if (error instanceof ProtocolError) {
    const code = error.code === 'no_recipients' ? 'no-recipients' : 'invalid-input';
    return new ClientError(error.message, { code, cause: error });
  }
  // Everything on the way has typed errors, except the stores that callers bring along.
  return new ClientError('Cannot send message now: its record cannot be read or written', {
    code: 'store-failed',
    retryable: true,
    cause: error,
  });
}
