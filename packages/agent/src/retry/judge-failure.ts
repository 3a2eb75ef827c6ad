// What follows from a failed turn: by the class of its failure, never by its prose. spec: runtimes 2.8
import { type Backoff, backoffDelay, type Random } from '@puffo/base/light';

export const FAILURE_CLASSES = [
  'rate_limited',
  'overloaded',
  'server_error',
  'network',
  'auth',
  'billing',
  'quota',
  'input_too_large',
  'bad_session',
  'bad_model',
  'refused',
  'crashed',
  'timeout',
  'protocol',
  'cancelled',
] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

export type FailureVerdict =
  /** The same messages again, alone and not before `delayMs` have passed; others go on meanwhile. */
  | { readonly kind: 'retry'; readonly delayMs: number }
  /** Kept until the credentials change. */
  | { readonly kind: 'hold'; readonly until: 'credentials' }
  /** Over, and people are told so. */
  | { readonly kind: 'give-up' };

interface RetryRow {
  /** Turns that a message may be part of, all in all. */
  readonly attempts: number;
  readonly backoff: Backoff;
}

const PROVIDER_BUSY: RetryRow = { attempts: 4, backoff: { firstMs: 45_000, maxMs: 180_000, minMs: 15_000 } };
const ONCE_MORE: RetryRow = { attempts: 2, backoff: { firstMs: 2000, maxMs: 2000 } };

const TABLE: Readonly<Record<FailureClass, RetryRow | 'hold' | 'give-up'>> = {
  rate_limited: PROVIDER_BUSY,
  overloaded: PROVIDER_BUSY,
  server_error: PROVIDER_BUSY,
  network: PROVIDER_BUSY,
  auth: 'hold',
  billing: 'hold',
  quota: 'hold',
  input_too_large: ONCE_MORE,
  bad_session: ONCE_MORE,
  bad_model: 'give-up',
  refused: 'give-up',
  crashed: ONCE_MORE,
  timeout: 'give-up',
  protocol: ONCE_MORE,
  cancelled: 'give-up',
};

/** A provider that asks for more patience is given up on: somebody waits for an answer. */
const MAX_RETRY_AFTER_MS = 15 * 60_000;

export interface FailedTurn {
  readonly failureClass: FailureClass;
  /** Turns that have failed so far, this one included. */
  readonly attempts: number;
  /** The provider's own wish. */
  readonly retryAfterMs?: number | undefined;
}

export function judgeFailure({ failureClass, attempts, retryAfterMs }: FailedTurn, random: Random): FailureVerdict {
  const row = TABLE[failureClass];
  if (row === 'hold') return { kind: 'hold', until: 'credentials' };
  if (row === 'give-up' || attempts >= row.attempts) return { kind: 'give-up' };
  if (retryAfterMs !== undefined && retryAfterMs > MAX_RETRY_AFTER_MS) return { kind: 'give-up' };
  return { kind: 'retry', delayMs: Math.max(backoffDelay(row.backoff, attempts - 1, random), retryAfterMs ?? 0) };
}
