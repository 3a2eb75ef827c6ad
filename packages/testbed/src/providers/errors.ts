import { AppError, type ErrorField } from '@puffo/base';

export type FakeProviderErrorCode =
  /** Nothing that the test waited for came in time. */
  | 'wait_timed_out'
  /** The provider was closed while somebody waited. */
  | 'provider_closed'
  /** The other side is gone, so there is nobody to answer. Never leaves the package. */
  | 'client_gone';

/** What a test did wrong, or what did not happen in a test. */
export class FakeProviderError extends AppError<FakeProviderErrorCode> {
  override readonly name = 'FakeProviderError';

  constructor(code: FakeProviderErrorCode, message: string, fields: Readonly<Record<string, ErrorField>> = {}) {
    super(message, { code, fields });
  }
}
