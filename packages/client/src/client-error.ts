import { AppError, type AppErrorOptions } from '@puffo/base';
import type { ApiErrorCode } from '@puffo/protocol';

export type ClientErrorCode =
  /** No answer came: refused, reset, no such host, no trust in its certificate. */
  | 'unreachable'
  | 'timeout'
  /** The caller's signal. */
  | 'aborted'
  /** Signed requests are never sent on to where a server points. */
  | 'redirected'
  | 'answer-too-large'
  /** It is not what the protocol says. */
  | 'answer-invalid'
  /** A list that says it has more and does not go on. */
  | 'no-progress'
  /** 401, also with a fresh subkey. */
  | 'unauthorized'
  /** Any other 4xx: `apiCode` says which. */
  | 'refused'
  | 'rate-limited'
  /** 5xx. */
  | 'server-failed'
  /** The caller gave something that cannot be sent. */
  | 'invalid-input'
  /** Another root vouches for a slug than the one that is pinned. */
  | 'changed-root'
  /** A certificate chain that does not verify. */
  | 'untrusted'
  | 'unknown-person'
  /** Nobody is left to send to. */
  | 'no-recipients'
  | 'file-too-large'
  | 'file-damaged'
  /** What should be on disk cannot be read or written. */
  | 'store-failed'
  | 'closed';

export interface ClientErrorOptions extends AppErrorOptions<ClientErrorCode> {
  /** HTTP status. */
  readonly status?: number;
  /** What the server called it. */
  readonly apiCode?: ApiErrorCode | undefined;
  /** The member of the request that the server names. */
  readonly apiField?: string | undefined;
  /** The server's own wish, already bounded. */
  readonly retryAfterMs?: number | undefined;
}

/** `retryable`: the same call may succeed later without a change. */
export class ClientError extends AppError<ClientErrorCode> {
  readonly status: number | undefined;
  readonly apiCode: ApiErrorCode | undefined;
  readonly apiField: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ClientErrorOptions) {
    super(message, options);
    this.status = options.status;
    this.apiCode = options.apiCode;
    this.apiField = options.apiField;
    this.retryAfterMs = options.retryAfterMs;
  }
}
