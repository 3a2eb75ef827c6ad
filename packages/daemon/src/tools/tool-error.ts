// What a tool refuses, in words for the model: what is wrong, then what to do. spec: mcp-tools 3.6
import { AppError } from '@puffo/base';
import { ClientError, type ClientErrorCode } from '@puffo/client';
import { HostError } from '@puffo/host';
import { SqlError } from '@puffo/sql';
import { DaemonError, type DaemonErrorCode } from '../daemon-error.ts';

export type ToolErrorCode =
  /** An argument is missing, of the wrong type or out of range. */
  | 'invalid_argument'
  | 'not_found'
  | 'forbidden'
  /** The root belongs elsewhere, the name is taken. */
  | 'conflict'
  | 'too_large'
  /** Server or store cannot be reached, or not in time; nothing was done. */
  | 'unavailable'
  /** This runtime cannot do it. */
  | 'unsupported'
  | 'unknown_outcome'
  | 'internal';

export class ToolError extends AppError<ToolErrorCode> {
  override readonly name = 'ToolError';

  constructor(code: ToolErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { code, cause: options.cause });
  }
}

type Words = readonly [ToolErrorCode, string];

const OFFLINE: Words = ['unavailable', 'Cannot reach the chat server: nothing was sent; try again later'];
const INTERNAL: Words = [
  'internal',
  'Cannot run this tool: something unexpected happened; try once more, then tell your operator',
];
const NO_STORE: Words = [
  'unavailable',
  'Cannot use the message store of this agent: try again later, then tell your operator',
];
const NO_FILE: Words = ['unavailable', 'Cannot use a file of this agent: look at it, or tell your operator'];
const NOT_THERE: Words = ['not_found', 'Cannot find that: it does not exist, or you are not in it; see list_channels'];

const CLIENT: Readonly<Record<ClientErrorCode, Words>> = {
  unreachable: OFFLINE,
  timeout: OFFLINE,
  aborted: OFFLINE,
  redirected: OFFLINE,
  'server-failed': OFFLINE,
  'rate-limited': OFFLINE,
  'answer-invalid': OFFLINE,
  'answer-too-large': OFFLINE,
  'no-progress': OFFLINE,
  'store-failed': OFFLINE,
  closed: OFFLINE,
  unauthorized: ['forbidden', 'Cannot do this: the server does not let this agent in; tell your operator'],
  refused: ['forbidden', 'Cannot do this: the server refused it; you may not be a member, ask for an invitation'],
  'unknown-person': ['not_found', 'Cannot find this person: nobody has that slug; check it with get_user_info'],
  'changed-root': ['forbidden', 'Cannot write to this person: their keys cannot be trusted; tell your operator'],
  untrusted: ['forbidden', 'Cannot write to this person: their keys cannot be trusted; tell your operator'],
  'no-recipients': ['not_found', 'Cannot send this: nobody there has a device to read it on'],
  'file-too-large': ['too_large', 'Cannot send this file: it is too large; split it'],
  'file-damaged': ['unavailable', 'Cannot open this file: it is damaged; ask the sender to send it again'],
  'invalid-input': ['invalid_argument', 'Cannot send this: it is not something that can be sent; change it'],
};

const DAEMON_LATER: Words = ['unavailable', 'Cannot do this now: try again later'];
const DAEMON: Readonly<Record<DaemonErrorCode, Words>> = {
  'invalid-argument': ['invalid_argument', 'Cannot do this: an argument does not fit; check it'],
  'not-found': ['not_found', 'Cannot find that: check the id'],
  'already-exists': ['conflict', 'Cannot do this: it exists already; choose another name'],
  'invalid-file': [
    'conflict',
    'Cannot use a file or folder of this agent: a link or something else is in its place; look at it',
  ],
  'missing-program': DAEMON_LATER,
  'timed-out': DAEMON_LATER,
  running: DAEMON_LATER,
  failed: DAEMON_LATER,
};

/** Never the words of a server, a path of the host or a stack. */
export function toolErrorOf(error: unknown): ToolError {
  if (error instanceof ToolError) return error;
  const [code, message] = wordsFor(error);
  return new ToolError(code, message, { cause: error });
}

function wordsFor(error: unknown): Words {
  if (error instanceof ClientError) return error.status === 404 ? NOT_THERE : CLIENT[error.code];
  if (error instanceof DaemonError) return DAEMON[error.code];
  if (error instanceof HostError) return NO_FILE;
  return error instanceof SqlError || isSqliteError(error) ? NO_STORE : INTERNAL;
}

function isSqliteError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_');
}
