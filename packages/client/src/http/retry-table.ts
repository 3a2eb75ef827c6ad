// What is sent again, when, and within which bounds. Data first; the decision below reads nothing else.
import { backoffDelay, type Random } from '@puffo/base';
import { type EndpointName, getEndpoint, LIMITS } from '@puffo/protocol';
import type { ClientError } from '../client-error.ts';

const SECOND_MS = 1000;
const MIB = 1024 * 1024;

/** Besides reading: doing these twice with the same request is the same as doing them once. */
const REPEATABLE: ReadonlySet<EndpointName> = new Set([
  // The id in the body or path names what is done. spec: wire-protocol 8.2, 9.22, 9.24, 11.3, 14.2
  'sendMessage',
  'sendFresh',
  'acknowledgeMessages',
  'postEvents',
  'startRun',
  'endRun',
  'endRuns',
  // The same certificate or revocation again is answered as the first. spec: wire-protocol 9.4, 9.6, 9.7, 9.8
  'bindSlug',
  'registerSubkey',
  'revokeDevice',
  'revokeAgent',
  // A state of the caller's own is set, whatever it was. spec: wire-protocol 9.12, 9.20, 9.27, 14.3
  'sendHeartbeat',
  'updateProfile',
  'updateMemberSettings',
  'allow',
  'block',
]);

/** Fresh news soon make them worthless: nobody waits for the limit of beats to pass. spec: wire-protocol 11.2 */
const NOT_WORTH_WAITING: ReadonlySet<EndpointName> = new Set(['sendHeartbeat']);

const BYTES: ReadonlySet<EndpointName> = new Set(['uploadBlob', 'getBlob']);

export interface EndpointPolicy {
  /** `unknown`: also what may have been done already; `none`: only what certainly was not. */
  readonly resendsAfter: FailureEffect;
  /** How often it is sent at most. */
  readonly attempts: number;
  readonly attemptTimeoutMs: number;
  /** For the call with everything in it. */
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  /** Whether it is sent again after 429. */
  readonly waitsForLimits: boolean;
}

/** What a failed request may have done: certainly nothing, or nobody knows. */
export type FailureEffect = 'none' | 'unknown';

const DEFAULT_POLICY = {
  attempts: 4,
  attemptTimeoutMs: 15 * SECOND_MS,
  timeoutMs: 60 * SECOND_MS,
  waitsForLimits: true,
} as const;
/** 8 MiB over a slow line. */
const BYTES_TIMEOUTS = { attemptTimeoutMs: 120 * SECOND_MS, timeoutMs: 300 * SECOND_MS } as const;
/** Never paged: everything that is pending, in one answer. spec: wire-protocol 9.23 */
const PENDING_BOUNDS = { ...BYTES_TIMEOUTS, maxAnswerBytes: 64 * MIB } as const;

/** `query`: an upload can be repeated when it has a name. spec: wire-protocol 14.7 */
export function policyOf(name: EndpointName, query?: unknown): EndpointPolicy {
  const { method } = getEndpoint(name);
  const isRepeatable = method === 'GET' || REPEATABLE.has(name) || (name === 'uploadBlob' && isNamedUpload(query));
  return {
    ...DEFAULT_POLICY,
    resendsAfter: isRepeatable ? 'unknown' : 'none',
    waitsForLimits: !NOT_WORTH_WAITING.has(name),
    maxAnswerBytes: method === 'GET' ? 16 * MIB : 2 * MIB,
    ...(BYTES.has(name) ? BYTES_TIMEOUTS : {}),
    ...(name === 'getBlob' ? { maxAnswerBytes: LIMITS.blobBytes } : {}),
    ...(name === 'listPending' ? PENDING_BOUNDS : {}),
  };
}

function isNamedUpload(query: unknown): boolean {
  if (typeof query !== 'object' || query === null || !('transaction_id' in query)) return false;
  return typeof query.transaction_id === 'string';
}

export interface AnswerStatus {
  readonly status: number;
  /** Whether the body is an error of the protocol, and not of something in between. */
  readonly isOurs: boolean;
}

/** Statuses that say that nothing was done. */
const UNPROCESSED: ReadonlySet<number> = new Set([401, 408, 425, 429]);
/** The server does not know what this is, and will not learn it in a moment. */
const HOPELESS: ReadonlySet<number> = new Set([501, 505]);

export function effectOfStatus({ status, isOurs }: AnswerStatus): FailureEffect {
  return UNPROCESSED.has(status) || (status === 503 && isOurs) ? 'none' : 'unknown';
}

export function isRetryableStatus(status: number): boolean {
  if (status >= 500) return !HOPELESS.has(status);
  return status === 408 || status === 425 || status === 429;
}

const BACKOFF = { firstMs: 500, maxMs: 8 * SECOND_MS, minMs: 50 } as const;
/** A server that asks for more gets its caller, who may have something else to do. */
const MAX_WAIT_MS = 60 * SECOND_MS;

export interface FailedAttempt {
  readonly error: ClientError;
  readonly effect: FailureEffect;
  readonly policy: EndpointPolicy;
  /** 1 after the first. */
  readonly sent: number;
  /** Of the whole call. */
  readonly remainingMs: number;
  readonly random: Random;
}

/** How long to wait before it is sent again; `undefined`: it is not. */
export function planResend(failed: FailedAttempt): number | undefined {
  const { error, effect, policy, sent, remainingMs, random } = failed;
  if (!error.retryable || sent >= policy.attempts) return undefined;
  if (effect === 'unknown' && policy.resendsAfter === 'none') return undefined;
  if (error.code === 'rate-limited' && !policy.waitsForLimits) return undefined;
  const wished = error.retryAfterMs ?? 0;
  if (wished > MAX_WAIT_MS) return undefined;
  const waitMs = wished + backoffDelay(BACKOFF, sent - 1, random);
  return waitMs < remainingMs ? waitMs : undefined;
}
