import { AppError } from '@puffo/base';

/** `ENOENT` and the like; `undefined` when it is no error of the system. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof AppError || !(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
