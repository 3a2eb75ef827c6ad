export type ErrorField = string | number | boolean;

export interface AppErrorOptions<Code extends string> {
  readonly code: Code;
  /** Whether the same call may succeed later without a change. How long to wait is the caller's table. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
  /** Facts for logs and clients. Never secrets, never message content. */
  readonly fields?: Readonly<Record<string, ErrorField>>;
}

/**
 * The base of every package's own error class. `message` is a sentence for people ("Cannot open envelope: …"),
 * `code` and `fields` are for programs.
 */
export abstract class AppError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly retryable: boolean;
  readonly fields: Readonly<Record<string, ErrorField>>;

  constructor(message: string, options: AppErrorOptions<Code>) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    this.fields = options.fields ?? {};
  }
}
