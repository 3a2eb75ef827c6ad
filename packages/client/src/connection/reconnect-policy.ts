// What follows the end of a connection, or of an attempt to get one. spec: wire-protocol 10.7
import { backoffDelay, type Random } from '@puffo/base';
import { closeActionOf } from '@puffo/protocol';

/** A connection that lived so long has proven that there is nothing to be careful about. */
const STABLE_MS = 60_000;
/** At least a second after every end, whatever its code says: a server that closes politely must not be called in a loop. */
const PAUSE = { firstMs: 2000, maxMs: 60_000, minMs: 1000 } as const;
/** A server may ask for more patience than that, but not for ever. */
const MAX_ASKED_MS = 5 * 60_000;

export interface Ended {
  /** `undefined`: it did not come to a socket. */
  readonly code: number | undefined;
  /** How long it was open; 0: never. */
  readonly livedMs: number;
  /** The server's own wish. */
  readonly retryAfterMs?: number | undefined;
}

export type AfterEnd =
  | { readonly kind: 'stop' }
  | {
      readonly kind: 'retry';
      readonly waitMs: number;
      /** To be passed in the next time. */
      readonly failures: number;
    };

export interface PolicyInput {
  /** Ends in a row, before this one, without a stable connection. */
  readonly failures: number;
  readonly random: Random;
}

export function judgeEnd({ code, livedMs, retryAfterMs = 0 }: Ended, { failures, random }: PolicyInput): AfterEnd {
  if (code !== undefined && closeActionOf(code) === 'stop') return { kind: 'stop' };
  const inARow = livedMs >= STABLE_MS ? 0 : failures;
  return {
    kind: 'retry',
    waitMs: Math.max(backoffDelay(PAUSE, inARow, random), Math.min(retryAfterMs, MAX_ASKED_MS)),
    failures: inARow + 1,
  };
}
