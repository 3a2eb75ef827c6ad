// The local service through which tools of agents read their history. spec: daemon-and-cli 5, D-25, D-39, D-45
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger, Random } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';
import type { Home } from '../home/home.ts';
import { type Answer, type AnswerContext, answerRequest } from './answer-request.ts';
import { createHistoryPool } from './history-pool.ts';
import { createServiceTokens } from './service-tokens.ts';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);
const MAX_HEADER_BYTES = 8192;
const MAX_CONNECTIONS = 128;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_MS = 5000;
const MAX_LOGGED_CHARACTERS = 300;

export interface DataService extends AsyncDisposable {
  /** Where it really listens: for the tools of agents. */
  readonly url: string;
  readonly port: number;
  /** The same one until the agent is forgotten. Secret. */
  issueToken(agentId: string): string;
  /** Before an agent is archived or deleted: its token ends, and its file is closed. */
  forget(agentId: string): Promise<void>;
}

export interface DataServiceOptions {
  readonly home: Pick<Home, 'agent'>;
  /** Of this machine: anything else would show everybody's messages to the network. */
  readonly bindHost: string;
  /** 0: a free one. Also a free one when somebody else has it. */
  readonly port: number;
  readonly random: Random;
  readonly logger: Logger;
}

export async function startDataService(options: DataServiceOptions): Promise<DataService> {
  const { home, bindHost, random, logger } = options;
  if (!LOOPBACK.has(bindHost)) {
    const message = `Cannot start data service on ${bindHost}: it shows private messages; set data_service.bind_host to 127.0.0.1`;
    throw new DaemonError(message, { code: 'invalid-argument' });
  }
  const tokens = createServiceTokens(random);
  const histories = createHistoryPool(home);
  const context = { tokens, histories, logger };
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Who leaves it out is refused as everybody with a wrong one is.
      requireHostHeader: false,
    },
    (request, response) => void handle(request, response, context),
  );
  server.maxConnections = MAX_CONNECTIONS;
  const port = await listenSomewhere(server, options);
  // Connections that cannot be accepted, for want of file handles: the others go on.
  server.on('error', ({ message }) => logger.error('data-service-failed', { error: message }));
  let closing: Promise<void> | undefined;
  return {
    port,
    url: `http://${bindHost === '::1' ? '[::1]' : bindHost}:${port}`,
    issueToken: (agentId) => tokens.issue(agentId),
    async forget(agentId) {
      tokens.revoke(agentId);
      await histories.release(agentId);
    },
    [Symbol.asyncDispose]() {
      closing ??= close(server).then(() => histories[Symbol.asyncDispose]());
      return closing;
    },
  };
}

/** Returns its port. spec: daemon-and-cli D-25 */
async function listenSomewhere(server: Server, { bindHost, port, logger }: DataServiceOptions): Promise<number> {
  try {
    return await listen(server, { host: bindHost, port });
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!isTaken || port === 0) throw error;
    const free = await listen(server, { host: bindHost, port: 0 });
    logger.warn('data-service-port-taken', { wanted: port, used: free });
    return free;
  }
}

async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<number> {
  server.listen(port, host);
  // Rejects with the error, when there is one.
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

async function handle(request: IncomingMessage, response: ServerResponse, context: AnswerContext): Promise<void> {
  const startedAt = performance.now();
  const answer = await answerSafely(request, context);
  send(response, { answer, isHead: request.method === 'HEAD' });
  context.logger.info('data-service-request', {
    method: request.method,
    path: request.url?.slice(0, MAX_LOGGED_CHARACTERS),
    status: answer.status,
    seconds: Math.round(performance.now() - startedAt) / 1000,
  });
}

async function answerSafely(request: IncomingMessage, context: AnswerContext): Promise<Answer> {
  try {
    return await answerRequest(request, context);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    context.logger.error('data-service-failed', { error: reason });
    return { status: 500, body: { error: 'lookup failed: the request cannot be answered' } };
  }
}

function send(
  response: ServerResponse,
  { answer, isHead }: { readonly answer: Answer; readonly isHead: boolean },
): void {
  const { status, body, headers = {} } = answer;
  const isText = typeof body === 'string';
  const bytes = Buffer.from(isText ? body : JSON.stringify(body));
  response.writeHead(status, {
    'Content-Type': isText ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8',
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(isHead ? undefined : bytes);
}
