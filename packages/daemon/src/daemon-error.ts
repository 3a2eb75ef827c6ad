import { AppError, type AppErrorOptions } from '@puffo/base/light';

export type DaemonErrorCode =
  /** What was asked for is no valid value. */
  | 'invalid-argument'
  | 'not-found'
  | 'already-exists'
  /** A file of the home says something that cannot be meant. */
  | 'invalid-file'
  | 'missing-program'
  | 'timed-out'
  /** A daemon has this home. */
  | 'running'
  | 'failed';

/** What an operation refuses. One sentence, without secrets. */
export class DaemonError extends AppError<DaemonErrorCode> {
  override readonly name = 'DaemonError';

  constructor(message: string, options: AppErrorOptions<DaemonErrorCode>) {
    super(message, options);
  }
}
