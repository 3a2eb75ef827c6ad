// A command asks the daemon that runs. Where none can be asked, the command works on files, as 0.7.2 does.
import { request as startRequest } from 'node:http';
import { safeParseJson } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';
import type { Home } from '../home/home.ts';
import type { LiveAgent } from '../supervisor/supervisor.ts';
import { readControlAddress } from './control-address.ts';
import {
  CONTROL_OPERATIONS,
  type ControlInputs,
  type ControlResults,
  type OperationName,
} from './control-operations.ts';
import type { ControlAddress } from './control-protocol.ts';
import { readAnswer } from './read-answer.ts';

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 16;
const CONNECT_MS = 5000;
/** A turn that is under way may take its time to end. */
const ANSWER_MS = 120_000;
/** Of a daemon that knows us not, or that does not know this operation: it was not done. */
const NOT_DONE: ReadonlySet<number> = new Set([401, 404]);

export interface DaemonCall<Name extends OperationName> {
  readonly operation: Name;
  readonly input: ControlInputs[Name];
  readonly signal?: AbortSignal | undefined;
}

export type DaemonReply<Name extends OperationName> =
  /** Nobody was asked. */
  | { readonly kind: 'unreachable' }
  /** Somebody was, and did not answer: whether it was done has to be looked up. It must not be done again. */
  | { readonly kind: 'lost' }
  | {
      readonly kind: 'done';
      readonly result: ControlResults[Name];
      readonly warnings: readonly string[];
      readonly agent: LiveAgent | undefined;
    };

/** Fails with what the operation refused. */
export async function callDaemon<Name extends OperationName>(
  home: Pick<Home, 'folder'>,
  { operation, input, signal }: DaemonCall<Name>,
): Promise<DaemonReply<Name>> {
  const address = await readControlAddress(home);
  if (address === undefined) return { kind: 'unreachable' };
  const response = await post(address, { path: `/v1/operations/${operation}`, body: JSON.stringify(input), signal });
  if (response.kind !== 'answered') return response;
  if (NOT_DONE.has(response.status)) return { kind: 'unreachable' };
  const answer = safeReadAnswer(response.text);
  if (answer === undefined) return { kind: 'lost' };
  if (answer.kind === 'failed') throw new DaemonError(answer.message, { code: answer.code });
  const { result, warnings, agent } = answer;
  return { kind: 'done', result: CONTROL_OPERATIONS[operation].readResult(result), warnings, agent };
}

function safeReadAnswer(text: string) {
  const parsed = safeParseJson(text, { maxLength: MAX_ANSWER_BYTES, maxDepth: MAX_DEPTH, integers: 'any' });
  if (parsed.kind === 'refused') return undefined;
  try {
    return readAnswer(parsed.value);
  } catch (error) {
    if (error instanceof DaemonError) return undefined;
    throw error;
  }
}

interface Post {
  readonly path: string;
  readonly body: string;
  readonly signal: AbortSignal | undefined;
}

type Posted =
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'answered'; readonly status: number; readonly text: string };

/** Rejects only when `signal` is aborted. */
function post({ socket, token }: ControlAddress, { path, body, signal }: Post): Promise<Posted> {
  return new Promise((resolve, reject) => {
    let isConnected = false;
    const request = startRequest({
      socketPath: socket,
      // One connection for one question.
      agent: false,
      method: 'POST',
      path,
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        Connection: 'close',
      },
      ...(signal === undefined ? {} : { signal }),
    });
    const connecting = setTimeout(() => request.destroy(), CONNECT_MS);
    const answering = setTimeout(() => request.destroy(), ANSWER_MS);
    function end(posted: Posted): void {
      clearTimeout(connecting);
      clearTimeout(answering);
      resolve(posted);
    }
    request.once('socket', (connection) => {
      connection.once('connect', () => {
        isConnected = true;
        clearTimeout(connecting);
      });
    });
    request.once('error', (error) => {
      if (signal?.aborted === true) reject(error);
      end({ kind: isConnected ? 'lost' : 'unreachable' });
    });
    request.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_ANSWER_BYTES) request.destroy();
      });
      response.once('end', () => end({ kind: 'answered', status: response.statusCode ?? 0, text }));
      // Cut off before its end.
      response.once('close', () => end({ kind: 'lost' }));
      response.once('error', () => end({ kind: 'lost' }));
    });
    request.end(body);
  });
}
