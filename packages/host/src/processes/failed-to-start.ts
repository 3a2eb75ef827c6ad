// Why a program does not run, in words for people.
import { errorCodeOf, reasonOf } from '../files/error-code.ts';
import { HostError } from '../host-error.ts';

export function failedToStart(program: string, cause: unknown): HostError {
  if (errorCodeOf(cause) === 'ENOENT') {
    const message = `Cannot run ${program}: there is no such program, or its folder is missing; install it or check PATH`;
    return new HostError(message, { code: 'no-program', cause });
  }
  return new HostError(`Cannot run ${program} (${reasonOf(cause)}): check that this user may run it`, {
    code: 'not-runnable',
    cause,
  });
}
