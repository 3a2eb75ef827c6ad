import { AppError, type ErrorField } from '@puffo/base';
import type { ApiErrorCode } from '@puffo/protocol';

export interface ServerErrorOptions {
  /** Names the member of the request that is wrong, as it is spelled on the wire. */
  readonly field?: string;
  /** Seconds, for `Retry-After`. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
  readonly fields?: Readonly<Record<string, ErrorField>>;
}

/** A refusal that the caller is told about: its code decides the status. spec: wire-protocol 13 */
export class ServerError extends AppError<ApiErrorCode> {
  override readonly name = 'ServerError';
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ApiErrorCode, message: string, options: ServerErrorOptions = {}) {
    const { field, retryAfterSeconds, cause, fields } = options;
    super(message, { code, cause, fields: field === undefined ? { ...fields } : { ...fields, field } });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
