// One request of a command, one answer: who asks, for what, and what came of it.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError, isJsonObject, type JsonValue, type KeyedMutex, type Logger, safeParseJson } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';
import type { OperationContext } from '../operations/context.ts';
import type { LiveAgent, Supervisor } from '../supervisor/supervisor.ts';
import { isOperationName, type OperationName } from './control-operations.ts';
import type { ControlAnswer } from './control-protocol.ts';
import { runOperation } from './run-operation.ts';

const MAX_BODY_BYTES = 256 * 1024;
const MAX_DEPTH = 8;
/** What a person waits for an agent to come online. */
const SETTLE_MS = 20_000;
const OPERATION_PATH = /^\/v1\/operations\/([a-z-]{1,40})$/;
const STATUS_PATH = '/v1/status';

export interface AnswerDeps {
  readonly context: OperationContext;
  readonly supervisor: Pick<Supervisor, 'reconcile' | 'list' | 'settle' | 'changeApproval'>;
  readonly pid: number;
  readonly logger: Logger;
  /** Secret. */
  readonly token: string;
  readonly byAgent: KeyedMutex<string>;
  /** Aborted when the daemon ends. */
  readonly closing: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: ControlAnswer | ControlStatus;
}

export interface ControlStatus {
  readonly pid: number;
  readonly agents: readonly LiveAgent[];
}

export async function answerControl(request: IncomingMessage, deps: AnswerDeps): Promise<HttpAnswer> {
  const { method, url = '', headers } = request;
  if (!isToken(headers.authorization, deps.token)) return refuse(401, 'not-found', 'the token is wrong');
  if (url === STATUS_PATH && method === 'GET') {
    return { status: 200, body: { pid: deps.pid, agents: deps.supervisor.list() } };
  }
  const [, name] = OPERATION_PATH.exec(url) ?? [];
  if (method !== 'POST' || name === undefined || !isOperationName(name)) {
    return refuse(404, 'not-found', 'there is no such operation');
  }
  const text = await readBody(request);
  if (text === undefined) return refuse(413, 'invalid-argument', `the body has more than ${MAX_BODY_BYTES} bytes`);
  const parsed = safeParseJson(text, { maxLength: MAX_BODY_BYTES, maxDepth: MAX_DEPTH, integers: 'safe' });
  if (parsed.kind === 'refused') return refuse(400, 'invalid-argument', 'the body is no JSON');
  try {
    return { status: 200, body: await operate(name, parsed.value, deps) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const code = error instanceof DaemonError ? error.code : 'failed';
    return refuse(code === 'invalid-argument' ? 400 : 409, code, error.message);
  }
}

async function operate(name: OperationName, input: JsonValue, deps: AnswerDeps): Promise<ControlAnswer> {
  const warnings: string[] = [];
  const context = { ...deps.context, warn: (text: string) => void warnings.push(text), signal: deps.closing };
  const { result, settles } = await deps.byAgent.run(nameAgent(input), () =>
    runOperation(name, input, { context, supervisor: deps.supervisor }),
  );
  const agent = settles === undefined ? undefined : await settle(settles, deps);
  return { kind: 'done', result, warnings, agent };
}

/** Whom it is about; what has no id is refused by the operation. */
function nameAgent(input: JsonValue): string {
  const id = isJsonObject(input) ? input['id'] : undefined;
  return typeof id === 'string' ? id : '';
}

/** `undefined`: the daemon ends, and its agents with it. */
async function settle(id: string, { supervisor, closing }: AnswerDeps): Promise<LiveAgent | undefined> {
  if (closing.aborted) return undefined;
  let stop: (() => void) | undefined;
  const closed = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    closing.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([supervisor.settle(id, { timeoutMs: SETTLE_MS }), closed]);
  } finally {
    if (stop !== undefined) closing.removeEventListener('abort', stop);
  }
}

/** `undefined`: it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) continue;
    length += chunk.length;
    // The rest is taken and forgotten: who sends it could not be told otherwise.
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return length > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString('utf8');
}

/** In the same time for every wrong one. */
function isToken(authorization: string | undefined, token: string): boolean {
  return timingSafeEqual(hash(authorization ?? ''), hash(`Bearer ${token}`));
}

/** Of one length, whatever was given. */
function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refuse(status: number, code: 'not-found' | DaemonError['code'], message: string): HttpAnswer {
  return { status, body: { kind: 'failed', code, message } };
}
