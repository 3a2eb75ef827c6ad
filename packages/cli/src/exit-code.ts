// What a command's end says to the program that called it. Documented in docs/puffo-cli.md.
import type { CliErrorCode } from './cli-error.ts';

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

export const EXIT_CODES = {
  done: 0,
  failed: 1,
  usage: 2,
  'not-signed-in': 3,
  unreachable: 4,
  refused: 5,
  /** As a shell reports Ctrl-C. */
  stopped: 130,
} as const satisfies Readonly<Record<CliErrorCode | 'done', number>>;
