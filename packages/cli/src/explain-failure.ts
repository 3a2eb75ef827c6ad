// What a failure means for the person: one sentence and an exit code, or the admission that it is ours.
import { AppError } from '@puffo/base';
import { ClientError, type ClientErrorCode } from '@puffo/client';
import type { ApiErrorCode } from '@puffo/protocol';
import { SqlError } from '@puffo/sql';
import { CliError, type CliErrorCode } from './cli-error.ts';
import { EXIT_CODES, type ExitCode } from './exit-code.ts';
import { cleanName } from './output/clean-text.ts';

export interface Explanation {
  readonly text: string;
  readonly exitCode: ExitCode;
  /** Nothing that a person could repair: the text is a stack. */
  readonly isDefect: boolean;
}

const MAX_SENTENCE_CHARACTERS = 500;

const ENDINGS: Readonly<Record<ClientErrorCode, CliErrorCode>> = {
  unreachable: 'unreachable',
  timeout: 'unreachable',
  redirected: 'unreachable',
  'answer-too-large': 'unreachable',
  'answer-invalid': 'unreachable',
  'no-progress': 'unreachable',
  'server-failed': 'unreachable',
  aborted: 'stopped',
  unauthorized: 'refused',
  refused: 'refused',
  'rate-limited': 'refused',
  'invalid-input': 'failed',
  'changed-root': 'failed',
  untrusted: 'failed',
  'unknown-person': 'failed',
  'no-recipients': 'failed',
  'file-too-large': 'failed',
  'file-damaged': 'failed',
  'store-failed': 'failed',
  closed: 'failed',
};

/** What to do, where the error itself cannot know it. */
const ADVICE: Partial<Readonly<Record<ClientErrorCode, string>>> = {
  timeout: 'the server does not answer in time, try again',
  redirected: 'give the address that the server really has with --server',
  'answer-invalid': 'check that --server is the address of a chat server',
  'server-failed': 'try again, and tell its administrator if it stays so',
  unauthorized: 'check the clock of this machine, and whether this identity or device was revoked or disabled',
  'rate-limited': 'wait a moment and try again',
  'changed-root': 'compare fingerprints with that person by another way before you go on',
};

/** What the client says of an answer, with the sentence of the server in it. */
const ANSWERED = /the server answered (\d{3} [A-Z_]+) \("([^]+)"\)$/;

const ADVICE_BY_API_CODE: Partial<Readonly<Record<ApiErrorCode, string>>> = {
  INVALID_PAYLOAD: 'change what you typed',
  FORBIDDEN: 'ask somebody who may do it',
  NOT_FOUND: 'check the name',
  BLOB_NOT_FOUND: 'ask the sender to send the file again',
  CONFLICT: 'look how it is now',
  GONE: 'begin again',
  FILE_TOO_LARGE: 'make the file smaller',
  MESSAGE_TOO_LONG: 'shorten it, or send it as a file with --file',
};

const FILES: Readonly<Record<string, string>> = {
  EACCES: 'this user may not use it, change its owner or choose another place',
  EPERM: 'this user may not use it, change its owner or choose another place',
  EROFS: 'the disk is read-only, choose another place',
  ENOTDIR: 'a part of this path is a file, choose another place',
  EEXIST: 'it exists already, choose another place',
  EISDIR: 'it is a folder, name a file',
  ENOENT: 'there is no such file or folder, check the path',
  ENOSPC: 'the disk is full, make room',
  EDQUOT: 'the disk quota is used up, make room',
};

export function explainFailure(error: unknown): Explanation {
  if (error instanceof CliError) return explained(error.message, error.code);
  if (error instanceof ClientError) return explained(withAdvice(error), ENDINGS[error.code]);
  if (error instanceof SqlError) {
    return explained(`${error.message}: another puffo-cli may use it, try again`, 'failed');
  }
  if (error instanceof AppError) return explained(error.message, 'failed');
  const text = explainFile(error);
  if (text !== undefined) return explained(text, 'failed');
  const stack = error instanceof Error ? (error.stack ?? error.message) : 'Unknown failure';
  return { text: stack, exitCode: EXIT_CODES.failed, isDefect: true };
}

/** Parts of a message may come from the server. */
function explained(message: string, ending: CliErrorCode): Explanation {
  return { text: cleanName(message, MAX_SENTENCE_CHARACTERS), exitCode: EXIT_CODES[ending], isDefect: false };
}

function withAdvice({ message, code, apiCode }: ClientError): string {
  const [, answer, sentence] = ANSWERED.exec(message) ?? [];
  const what = sentence === undefined ? message : `The server refused (${answer}): ${sentence}`;
  const advice = (apiCode === undefined ? undefined : ADVICE_BY_API_CODE[apiCode]) ?? ADVICE[code];
  return advice === undefined ? what : `${what.replace(/\.$/, '')}; ${advice}`;
}

function explainFile(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const why = FILES[error.code];
  if (why === undefined) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'a file';
  return `Cannot use ${path}: ${why}`;
}
