// Steps that an agent can do without: what goes wrong is a line in the log, and the agent starts. spec: daemon-and-cli 3.3
import { AppError, type Logger } from '@puffo/base';
import { codeOf } from './error-code.ts';

/** `undefined`: it did not work, for a reason that lies outside of the program. */
export async function attempt<Result>(
  step: string,
  logger: Logger,
  work: () => Result | Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    logger.warn('preparation-incomplete', { step, reason });
    return undefined;
  }
}

/** For people. `undefined`: a mistake of the program. */
export function reasonOf(error: unknown): string | undefined {
  if (error instanceof AppError) return error.message;
  return error instanceof Error && codeOf(error) !== undefined ? error.message : undefined;
}
