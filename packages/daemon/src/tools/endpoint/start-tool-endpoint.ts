// The tools of all agents for engines that are programs: MCP over HTTP, on this machine only. spec: mcp-tools 3.3
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, type Logger, type Random, systemClock } from '@puffo/base';
import { createMcpResponder, type ToolEndpoint as EngineEndpoint, type ToolHost } from '@puffo/engine';
import { DaemonError } from '../../daemon-error.ts';
import { answerToolRequest, type ToolRequestAnswer } from './answer-tool-request.ts';
import { type CallLimits, createCallLimits } from './call-limits.ts';
import { createToolTokens, type ToolTokens } from './tool-tokens.ts';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 256;
const HEADERS_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 60_000;

export interface ToolEndpointServer extends AsyncDisposable {
  readonly port: number;
  /** For one engine process of the agent. Revoke it when the process ends. */
  issue(agentId: string, host: ToolHost): IssuedEndpoint;
}

/** For `ToolHost.endpoint`. */
export interface IssuedEndpoint extends EngineEndpoint {
  /** What it asked for and is not over is called off. */
  revoke(): void;
}

export interface ToolEndpointOptions {
  /** Of this machine. */
  readonly bindHost: string;
  readonly random: Random;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Absent: a free one. */
  readonly port?: number;
}

export async function startToolEndpoint(options: ToolEndpointOptions): Promise<ToolEndpointServer> {
  const { bindHost, random, logger, clock = systemClock, port = 0 } = options;
  if (!LOOPBACK.has(bindHost)) {
    const message = `Cannot offer tools on ${bindHost}: they speak for agents; use 127.0.0.1`;
    throw new DaemonError(message, { code: 'invalid-argument' });
  }
  const tokens = createToolTokens(random);
  const limits = new Map<string, CallLimits>();
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      requireHostHeader: false,
    },
    (request, response) => void handle(request, response, { tokens, logger }),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(port, bindHost);
  // Rejects with the error, when there is one.
  await once(server, 'listening');
  server.on('error', ({ message }) => logger.error('tool-endpoint-failed', { error: message }));
  const { port: ownPort } = server.address() as AddressInfo;
  const origin = `http://${bindHost === '::1' ? '[::1]' : bindHost}:${ownPort}`;
  let closing: Promise<void> | undefined;

  function limitsOf(agentId: string): CallLimits {
    const known = limits.get(agentId) ?? createCallLimits(clock);
    limits.set(agentId, known);
    return known;
  }

  return {
    port: ownPort,
    issue(agentId, host) {
      const responder = createMcpResponder(limitsOf(agentId).limit(host), { random });
      const issued = tokens.issue({ agentId, responder });
      return { ...issued, url: `${origin}/v1/mcp/${encodeURIComponent(agentId)}` };
    },
    [Symbol.asyncDispose]() {
      tokens.revokeAll();
      closing ??= close(server);
      return closing;
    },
  };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { tokens, logger }: { readonly tokens: ToolTokens; readonly logger: Logger },
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  let answer: ToolRequestAnswer;
  try {
    answer = await answerToolRequest(request, { tokens, signal: gone.signal });
  } catch (error) {
    // Who asks has left in the middle of it; or a mistake of ours, of which they learn nothing.
    logger.debug('tool-request-failed', { error: error instanceof Error ? error.name : 'unknown' });
    answer = { status: 500, body: { error: 'the request cannot be answered' } };
  }
  send(response, answer);
}

function send(response: ServerResponse, { status, body, headers = {} }: ToolRequestAnswer): void {
  if (response.destroyed) return;
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    ...(bytes === undefined ? {} : { 'Content-Type': 'application/json; charset=utf-8' }),
    'Content-Length': bytes?.length ?? 0,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(bytes);
}
