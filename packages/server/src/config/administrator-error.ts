import { AppError } from '@puffo/base';

/** `usage`: the command line; `settings`: a value, or two that contradict; `state`: the machine or the data. */
export type AdministratorErrorCode = 'usage' | 'settings' | 'state';

/** What an administrator can repair: one sentence that says how, without secrets. */
export class AdministratorError extends AppError<AdministratorErrorCode> {
  override readonly name = 'AdministratorError';

  constructor(code: AdministratorErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { code, ...options });
  }
}
