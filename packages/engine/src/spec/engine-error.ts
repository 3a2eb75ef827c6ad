import { AppError, type AppErrorOptions } from '@puffo/base';

export type EngineErrorCode =
  /** What the caller configured cannot work: no key, no model, an address that is none. */
  | 'bad-option'
  /** What is needed to run is missing or does not start. */
  | 'unavailable'
  /** A provider or program sends more than is taken. */
  | 'too-much-output'
  /** A driver breaks the contract; thrown by the conformance checks only. */
  | 'not-conforming';

/** What keeps an engine from opening a session. Failures of turns are values: `EngineFailure`. */
export class EngineError extends AppError<EngineErrorCode> {
  override readonly name = 'EngineError';

  constructor(message: string, options: AppErrorOptions<EngineErrorCode>) {
    super(message, options);
  }
}
