import { AppError, type AppErrorOptions } from '@puffo/base/light';

export type HostErrorCode =
  /** It exists and cannot be read: permissions, a broken disk. */
  | 'unreadable'
  | 'unwritable'
  | 'too-large'
  /** It is not UTF-8. */
  | 'not-text'
  /** A folder, a pipe or a device stands where a file should be. */
  | 'not-a-file'
  | 'not-a-folder'
  /** A secret is not written through or over a link. */
  | 'symbolic-link'
  /** Another process holds a lock longer than the caller wants to wait. */
  | 'locked'
  /** It is not installed, or not on PATH. */
  | 'no-program'
  | 'not-runnable';

/** What the operating system refuses. Messages name the path and what to do. */
export class HostError extends AppError<HostErrorCode> {
  override readonly name = 'HostError';

  constructor(message: string, options: AppErrorOptions<HostErrorCode>) {
    super(message, options);
  }
}
