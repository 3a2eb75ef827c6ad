// Where a running daemon takes commands: HTTP over a private local socket, whose address and secret stand in a private file.
// Without it commands edit files, and the daemon follows within an interval.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { createCloser, createKeyedMutex, encodeBase64url, type Logger, type Random } from '@puffo/base';
import type { OperationContext } from '../operations/context.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import { type AnswerDeps, answerControl, type HttpAnswer } from './answer-control.ts';
import { controlFolder, removeControlAddress, writeControlAddress } from './control-address.ts';
import type { ControlAddress } from './control-protocol.ts';
import { choosePlace, listenAt, removePlace } from './control-socket.ts';

const TOKEN_BYTES = 32;
const MAX_CONNECTIONS = 64;
const MAX_HEADER_BYTES = 8 * 1024;
const HEADERS_TIMEOUT_MS = 5000;
/** Until the whole request is there; the answer may take longer. */
const REQUEST_TIMEOUT_MS = 10_000;
const CLOSE_GRACE_MS = 2000;

export interface ControlServer extends AsyncDisposable {
  readonly address: ControlAddress;
}

export interface ControlServerOptions {
  /** Of the daemon. What an operation warns of goes to who asked for it. */
  readonly context: OperationContext;
  readonly supervisor: Pick<Supervisor, 'reconcile' | 'list' | 'settle' | 'changeApproval'>;
  readonly pid: number;
  readonly random: Random;
  readonly logger: Logger;
  /** For homes whose path is too long for a socket. */
  readonly temporaryFolder?: string;
}

/** The daemon has the home: it holds the pid file. */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { context, pid, random, logger, temporaryFolder = tmpdir() } = options;
  const { home, platform } = context;
  const token = encodeBase64url(random.bytes(TOKEN_BYTES));
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  const deps: AnswerDeps = { ...options, token, byAgent: createKeyedMutex<string>(), closing: closing.signal };
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => {
      const handling = handle(request, response, deps).finally(() => running.delete(handling));
      running.add(handling);
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  const place = await choosePlace({ folder: controlFolder(home), temporaryFolder, platform, random });
  const closer = createCloser();
  closer.defer(() => removePlace(place));
  const address = { pid, socket: place.path, token };
  try {
    await listenAt(server, place, platform);
    closer.defer(() => close(server, running));
    // Connections that cannot be accepted, for want of file handles: the others go on.
    server.on('error', ({ message }) => logger.error('control-failed', { error: message }));
    await writeControlAddress(home, address);
    closer.defer(() => removeControlAddress(home, address));
  } catch (error) {
    await closer[Symbol.asyncDispose]();
    throw error;
  }
  let disposing: Promise<void> | undefined;
  return {
    address,
    [Symbol.asyncDispose]() {
      closing.abort();
      disposing ??= Promise.resolve(closer[Symbol.asyncDispose]());
      return disposing;
    },
  };
}

/** Who has asked is told, as far as that goes quickly. The system removes the socket with it. */
async function close(server: Server, running: ReadonlySet<Promise<void>>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(late);
  await Promise.all(running);
}

/** Never rejects. */
async function handle(request: IncomingMessage, response: ServerResponse, deps: AnswerDeps): Promise<void> {
  const { logger } = deps;
  // Who asked has gone; what was asked for is done all the same.
  response.on('error', () => undefined);
  const answer = await answerSafely(request, deps);
  logger.debug('control-request', { method: request.method, path: request.url?.slice(0, 100), status: answer.status });
  send(response, answer);
}

async function answerSafely(request: IncomingMessage, deps: AnswerDeps): Promise<HttpAnswer> {
  try {
    return await answerControl(request, deps);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    deps.logger.error('control-failed', { error: reason });
    return { status: 500, body: { kind: 'failed', code: 'failed', message: `Cannot do this: ${reason}` } };
  }
}

function send(response: ServerResponse, { status, body }: HttpAnswer): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': bytes.length,
    Connection: 'close',
  });
  response.end(bytes);
}
