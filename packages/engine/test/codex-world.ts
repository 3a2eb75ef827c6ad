// A throw-away agent of codex: a world of the kit, the programs that were started in it, and tools on a loopback port.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JsonValue, safeParseJson } from '@puffo/base';
import type { ProviderErrorName } from '@puffo/testbed';
import type { CodexEngineOptions } from '../src/drivers/codex/codex-options.ts';
import { createCodexEngine } from '../src/drivers/codex/create-codex-engine.ts';
import type { Engine, EngineFailureClass, ToolHost } from '../src/index.ts';
import { createMcpResponder } from '../src/mcp/answer-mcp.ts';
import { createHostPlacement } from '../src/program/create-host-placement.ts';
import type { ProgramHandle, ProgramPlacement } from '../src/program/program-placement.ts';
import { type CliWorld, openCliWorld } from './real/kit.ts';

export const CODEX_MODEL = 'gpt-6.1-sol';
export const CODEX_KEY = 'sk-test-2b6c1f0e9d8a4753';
export const TOOL_TOKEN = 'tool-token-8d1c5b7f';
export const STALE_REF = { codex: '01a203ed-ed96-70b2-abcd-eaedef0a0f4d' };

/** Not `input_too_large`: codex makes room by itself in the turn after it. */
export const CODEX_FAILURES: ReadonlyMap<EngineFailureClass, ProviderErrorName> = new Map([
  ['overloaded', 'overloaded'],
  ['server_error', 'server_error'],
  ['rate_limited', 'rate_limit'],
  ['auth', 'authentication'],
  ['bad_model', 'model_not_found'],
  ['billing', 'billing'],
] as const);

export interface CodexWorld extends CliWorld {
  /** Programs that were started, oldest first. */
  readonly programs: readonly ProgramHandle[];
  makeEngine(more?: Partial<CodexEngineOptions>): Engine;
}

export async function openCodexWorld(program: string): Promise<CodexWorld> {
  const world = await openCliWorld();
  const programs: ProgramHandle[] = [];
  const placement = recordPrograms(programs);
  return {
    ...world,
    programs,
    makeEngine: (more = {}) => createTestEngine(program, world, { placement, ...more }),
    async [Symbol.asyncDispose]() {
      await Promise.all(programs.map((each) => each.stop()));
      await world[Symbol.asyncDispose]();
    },
  };
}

export function createTestEngine(program: string, world: CliWorld, more: Partial<CodexEngineOptions> = {}): Engine {
  const { environment, workspaceDir, agentDir, provider } = world;
  return createCodexEngine({
    program,
    environment: { ...environment, OPENAI_API_KEY: CODEX_KEY },
    workspaceDir,
    agentDir,
    permissionMode: '',
    placement: createHostPlacement(),
    idleShutdownMs: 0,
    silenceMs: 60_000,
    gateway: { baseUrl: provider.baseUrls.openai, keyVariable: 'OPENAI_API_KEY' },
    ...more,
  });
}

function recordPrograms(programs: ProgramHandle[]): ProgramPlacement {
  const host = createHostPlacement();
  return {
    async start(command) {
      const program = await host.start(command);
      programs.push(program);
      return program;
    },
  };
}

export interface ToolServer<Host extends ToolHost> extends AsyncDisposable {
  /** With the address. */
  readonly host: Host;
}

/** As the daemon serves them to one program. */
export async function serveTools<Host extends ToolHost>(host: Host): Promise<ToolServer<Host>> {
  const responder = createMcpResponder(host);
  const server = createServer((request, response) => {
    void (async () => {
      const isAllowed = request.headers.authorization === `Bearer ${TOOL_TOKEN}`;
      const reply = isAllowed ? await responder.answer(await readBody(request)) : undefined;
      const status = reply === undefined ? 202 : 200;
      response.writeHead(isAllowed ? status : 401, { 'content-type': 'application/json' });
      response.end(reply === undefined ? '' : JSON.stringify(reply));
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: { ...host, endpoint: { url: `http://127.0.0.1:${port}/v1/mcp/agent`, token: TOOL_TOKEN } },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readBody(request: IncomingMessage): Promise<JsonValue> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const limits = { maxLength: 1_000_000, maxDepth: 50, integers: 'any' } as const;
  const parsed = safeParseJson(Buffer.concat(chunks).toString(), limits);
  return parsed.kind === 'value' ? parsed.value : null;
}
