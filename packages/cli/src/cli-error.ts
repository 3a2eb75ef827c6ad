import { AppError } from '@puffo/base';

/** Why a command could not do what it says, as its exit code tells it. */
export type CliErrorCode = 'failed' | 'usage' | 'not-signed-in' | 'unreachable' | 'refused' | 'stopped';

/** What this package throws. The message is the one sentence that the person reads. */
export class CliError extends AppError<CliErrorCode> {
  override readonly name = 'CliError';

  constructor(code: CliErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { code, ...options });
  }
}
