// An agent of Gemini CLI that nobody misses afterwards: its folders, a provider on loopback, and tools behind an endpoint.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JsonValue, safeParseJson } from '@puffo/base';
import { type FakeProvider, type ProviderErrorName, replies, startFakeProvider } from '@puffo/testbed';
import { createGeminiCliEngine } from '../src/drivers/gemini-cli/create-gemini-cli-engine.ts';
import type {
  Engine,
  EngineFailureClass,
  EngineHarness,
  ProgramCommand,
  ProgramEngineOptions,
  ProgramHandle,
  ToolCall,
  ToolHost,
} from '../src/index.ts';
import { createMcpResponder } from '../src/mcp/answer-mcp.ts';
import { createHostPlacement } from '../src/program/create-host-placement.ts';

export interface GeminiWorld extends AsyncDisposable {
  readonly provider: FakeProvider;
  /** Above the agent's folder, as the operator's home is. */
  readonly operatorDir: string;
  readonly agentDir: string;
  readonly workspaceDir: string;
  /** What was started, the oldest first. */
  readonly started: readonly Started[];
  createEngine(more?: Partial<ProgramEngineOptions>): Engine;
  harness(): EngineHarness;
}

export interface Started {
  readonly command: ProgramCommand;
  readonly handle: ProgramHandle;
}

// oxlint-disable-next-line node/no-process-env -- where programs are found, and nothing else of it
export const SEARCH_PATH = process.env['PATH'] ?? '';
export const MODEL = 'gemini-2.5-pro';
export const KEY = 'dummy-gemini-key-5b1d';

const PROVOKED: ReadonlyMap<EngineFailureClass, ProviderErrorName> = new Map([
  ['overloaded', 'overloaded'],
  ['server_error', 'server_error'],
  ['rate_limited', 'rate_limit'],
  ['quota', 'billing'],
  ['auth', 'authentication'],
  ['bad_model', 'model_not_found'],
  ['input_too_large', 'prompt_too_long'],
] as const);

export async function openGeminiWorld(program: string): Promise<GeminiWorld> {
  const provider = await startFakeProvider();
  const operatorDir = await mkdtemp(join(tmpdir(), 'puffo-gemini-'));
  await chmod(operatorDir, 0o700);
  const agentDir = join(operatorDir, 'agent');
  const workspaceDir = join(agentDir, 'workspace');
  await mkdir(workspaceDir, { recursive: true });
  const started: Started[] = [];
  const onHost = createHostPlacement();

  function createEngine(more: Partial<ProgramEngineOptions> = {}): Engine {
    return createGeminiCliEngine({
      program,
      environment: {
        PATH: SEARCH_PATH,
        HOME: agentDir,
        GEMINI_API_KEY: KEY,
        GOOGLE_GEMINI_BASE_URL: provider.baseUrls.google,
      },
      workspaceDir,
      agentDir,
      permissionMode: 'default',
      placement: {
        async start(command) {
          const handle = await onHost.start(command);
          started.push({ command, handle });
          return handle;
        },
      },
      idleShutdownMs: 0,
      silenceMs: 0,
      ...more,
    });
  }

  return {
    provider,
    operatorDir,
    agentDir,
    workspaceDir,
    started,
    createEngine,
    harness: () => harnessOf(provider, createEngine),
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map(({ handle }) => handle.stop()));
      await provider[Symbol.asyncDispose]();
      await rm(operatorDir, { recursive: true, force: true });
    },
  };
}

function harnessOf(provider: FakeProvider, createEngine: () => Engine): EngineHarness {
  return {
    engine: createEngine(),
    model: MODEL,
    staleRef: { harness: 'gemini-cli', sessionId: '00000000-0000-4000-8000-000000000000' },
    failures: [...PROVOKED.keys()],
    answer: (text) => provider.script([text]),
    fail: (failureClass) => provider.script([replies.error(PROVOKED.get(failureClass) ?? 'server_error')]),
    hang: () => provider.script([replies.hang()]),
    countAsked: () => provider.calls('google').length,
    lastSeen: () => seenFromUsers(provider),
    remake: createEngine,
  };
}

/** Everything that the model saw from users when it was asked last. */
export function seenFromUsers(provider: FakeProvider): string {
  const messages = provider.calls('google').at(-1)?.messages ?? [];
  return messages
    .filter(({ role }) => role === 'user')
    .map(({ text }) => text)
    .join('\n');
}

export interface ServedTools extends AsyncDisposable {
  readonly host: ToolHost;
  readonly calls: readonly ToolCall[];
}

const TOKEN = 'tool-token-91c2a7';
const BODY_LIMITS = { maxLength: 1024 * 1024, maxDepth: 50, integers: 'any' } as const;

/** `send_message`, which refuses to say "nothing", behind an endpoint as the daemon has one. */
export async function serveTools(): Promise<ServedTools> {
  const calls: ToolCall[] = [];
  const host: ToolHost = {
    instructions: 'Speak with send_message.',
    listTools: () => [
      {
        name: 'send_message',
        description: 'Says something in a channel',
        inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
        isReadOnly: false,
      },
    ],
    callTool(call) {
      calls.push(call);
      const isError = JSON.stringify(call.input).includes('nothing');
      return Promise.resolve({ text: isError ? 'Cannot send: there is nothing to say' : 'Posted msg_1', isError });
    },
  };
  const responder = createMcpResponder(host);
  const server = createServer((request, response) => {
    void readBody(request).then(async (body) => {
      const isKnown = request.headers.authorization === `Bearer ${TOKEN}`;
      const reply = isKnown && request.method === 'POST' ? await responder.answer(body) : undefined;
      const refused = isKnown ? 405 : 401;
      response.writeHead(reply === undefined ? (request.method === 'POST' && isKnown ? 202 : refused) : 200, {
        'content-type': 'application/json',
      });
      response.end(reply === undefined ? undefined : JSON.stringify(reply));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: { ...host, endpoint: { url: `http://127.0.0.1:${port}/v1/mcp/agent`, token: TOKEN } },
    calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<JsonValue> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const parsed = safeParseJson(Buffer.concat(chunks).toString('utf8'), BODY_LIMITS);
  return parsed.kind === 'value' ? parsed.value : null;
}
