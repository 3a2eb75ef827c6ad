// What a failure means for the person, and for the program that called. spec: daemon-and-cli 4.1
import { AppError } from '@puffo/base';
import { DaemonError, type DaemonErrorCode } from '@puffo/daemon/home';
import { cleanName } from '../output/clean-text.ts';
import { VERSION } from '../version.ts';
import type { ExitCode } from './agent-command.ts';

const MAX_CHARACTERS = 1000;

const EXIT_CODES: Readonly<Record<DaemonErrorCode, ExitCode>> = {
  'invalid-argument': 2,
  'not-found': 2,
  'already-exists': 2,
  'missing-program': 2,
  'timed-out': 3,
  'invalid-file': 1,
  running: 1,
  failed: 1,
};

export interface AgentExplanation {
  readonly text: string;
  readonly exitCode: ExitCode;
}

export function explainAgentFailure(error: unknown): AgentExplanation {
  if (error instanceof DaemonError) return explained(error.message, EXIT_CODES[error.code]);
  if (error instanceof AppError) return explained(error.message, 1);
  if (error instanceof Error && 'syscall' in error && 'code' in error) {
    const path = 'path' in error && typeof error.path === 'string' ? error.path : 'a file';
    const message = `Cannot use ${path} (${String(error.code)}): check that it exists, that this user may use it, and that the disk has room`;
    return explained(message, 1);
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : 'Unknown failure';
  return { text: `This is a defect of puffo-agent ${VERSION}, please report it:\n${stack}`, exitCode: 1 };
}

function explained(message: string, exitCode: ExitCode): AgentExplanation {
  return { text: `error: ${cleanName(message, MAX_CHARACTERS)}`, exitCode };
}
