import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FakeProvider, type ProviderErrorName, replies, startFakeProvider, waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import { createHermesEngine } from '../src/drivers/hermes/create-hermes-engine.ts';
import type { HermesEngineOptions } from '../src/drivers/hermes/hermes-options.ts';
import {
  type Engine,
  type EngineFailureClass,
  type EngineHarness,
  engineChecks,
  type ProgramCommand,
  type ProgramHandle,
} from '../src/index.ts';
import { createHostPlacement } from '../src/program/create-host-placement.ts';
import { takeTurn } from './kit/chat-cases.ts';

const STAND_IN = fileURLToPath(new URL('../fixtures/hermes/stand-in-hermes.mjs', import.meta.url));
// oxlint-disable-next-line node/no-process-env -- where programs are found, and nothing else of it
const SEARCH_PATH = process.env['PATH'] ?? '';
const KEY = 'sk-hermes-test-77aa10';
const SESSION = { systemPrompt: 'Be brief.', model: 'claude-opus-4-6' };

interface HermesWorld extends AsyncDisposable {
  readonly provider: FakeProvider;
  readonly agentDir: string;
  readonly started: readonly { readonly command: ProgramCommand; readonly handle: ProgramHandle }[];
  createEngine(more?: Partial<HermesEngineOptions>): Engine;
}

async function openWorld(): Promise<HermesWorld> {
  const provider = await startFakeProvider();
  const agentDir = await mkdtemp(join(tmpdir(), 'puffo-hermes-'));
  const workspaceDir = join(agentDir, 'workspace');
  await mkdir(workspaceDir);
  const started: { readonly command: ProgramCommand; readonly handle: ProgramHandle }[] = [];
  const onHost = createHostPlacement();
  return {
    provider,
    agentDir,
    started,
    createEngine: (more) =>
      createHermesEngine({
        program: STAND_IN,
        provider: 'anthropic',
        agentId: 'bot-1',
        environment: {
          PATH: SEARCH_PATH,
          HOME: agentDir,
          ANTHROPIC_API_KEY: KEY,
          ANTHROPIC_BASE_URL: provider.baseUrls.anthropic,
        },
        workspaceDir,
        agentDir,
        permissionMode: 'bypassPermissions',
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
      }),
    async [Symbol.asyncDispose]() {
      await provider[Symbol.asyncDispose]();
      await rm(agentDir, { recursive: true, force: true });
    },
  };
}

const PROVOKED: ReadonlyMap<EngineFailureClass, ProviderErrorName> = new Map([
  ['overloaded', 'overloaded'],
  ['server_error', 'server_error'],
  ['rate_limited', 'rate_limit'],
  ['auth', 'authentication'],
  ['bad_model', 'model_not_found'],
] as const);

function harnessOf({ provider, createEngine }: HermesWorld): EngineHarness {
  return {
    engine: createEngine(),
    model: SESSION.model,
    staleRef: { harness: 'hermes', provider: 'openai', sessionId: 'of_another_vendor' },
    failures: [...PROVOKED.keys()],
    answer: (text) => provider.script([text]),
    fail: (failureClass) => provider.script([replies.error(PROVOKED.get(failureClass) ?? 'server_error')]),
    hang: () => provider.script([replies.hang()]),
    countAsked: () => provider.calls('anthropic').length,
    lastSeen: () =>
      (provider.calls('anthropic').at(-1)?.messages ?? [])
        .filter(({ role }) => role === 'user')
        .map(({ text }) => text)
        .join('\n'),
    remake: () => createEngine(),
  };
}

describe('the driver of Hermes with a stand-in for the program', () => {
  test.each(engineChecks.map(({ name, run }) => ({ name, run })))('$name', async ({ run }) => {
    await using world = await openWorld();
    await expect(run(harnessOf(world))).resolves.toBeUndefined();
  });

  test('says nothing on the command line, and the system prompt with the first turn only', async () => {
    await using world = await openWorld();
    await using session = await world.createEngine().openSession(SESSION);
    world.provider.script(['One.', 'Two.']);
    await takeTurn(session, '- message: Hello');
    await takeTurn(session, '- message: Again');
    const users = world.provider
      .calls('anthropic')
      .at(-1)
      ?.messages.filter(({ role }) => role === 'user');
    expect(users?.map(({ text }) => text)).toEqual(['Be brief.\n\n---\n\n- message: Hello', '- message: Again']);
    expect(JSON.stringify(world.started.map(({ command }) => command.args))).not.toMatch(/Hello|Again|brief/);
  });

  test('says that a session is bad when the program does not know it, and begins anew with the next turn', async () => {
    await using world = await openWorld();
    const resume = { harness: 'hermes', provider: 'anthropic', sessionId: 'long_gone' };
    await using session = await world.createEngine().openSession({ ...SESSION, resume });
    expect((await takeTurn(session, 'Hello')).failure?.failureClass).toBe('bad_session');
    world.provider.script(['Hello.']);
    expect((await takeTurn(session, 'Hello')).texts).toEqual(['Hello.']);
  });

  test('fails with auth without a key, and runs nothing', async () => {
    await using world = await openWorld();
    await using session = await world.createEngine({ environment: {} }).openSession(SESSION);
    expect((await takeTurn(session, 'Hello')).failure?.failureClass).toBe('auth');
    expect(world.started).toEqual([]);
  });

  test('fails with crashed when the program is killed, and keeps the session from before', async () => {
    await using world = await openWorld();
    await using session = await world.createEngine().openSession(SESSION);
    world.provider.script(['Noted.', replies.hang()]);
    await takeTurn(session, 'My colour is teal');
    const killed = takeTurn(session, 'Never answered');
    await waitFor(() => world.provider.calls('anthropic').length === 2, 'the second question to the model');
    process.kill(-(world.started[1]?.handle.pid ?? 0), 'SIGKILL');
    expect((await killed).failure?.failureClass).toBe('crashed');
    world.provider.script(['Teal.']);
    expect((await takeTurn(session, 'Which colour?')).texts).toEqual(['Teal.']);
    expect(world.provider.calls('anthropic').at(-1)?.messages[0]?.text).toContain('teal');
  });

  test('leaves no process behind when a turn is called off', async () => {
    await using world = await openWorld();
    await using session = await world.createEngine().openSession(SESSION);
    world.provider.script([replies.hang()]);
    const abort = new AbortController();
    const running = takeTurn(session, 'Take your time', abort.signal);
    await waitFor(() => world.provider.calls('anthropic').length === 1, 'a question to the model');
    abort.abort();
    expect((await running).end.outcome.kind).toBe('cancelled');
    expect(() => process.kill(-(world.started[0]?.handle.pid ?? 0), 0)).toThrow('ESRCH');
  });

  test('ends a program that prints nothing for too long', async () => {
    await using world = await openWorld();
    await using session = await world.createEngine({ silenceMs: 500 }).openSession(SESSION);
    world.provider.respond(() => replies.hang());
    expect((await takeTurn(session, 'Hello')).failure?.failureClass).toBe('timeout');
  });

  test('refuses to run in a mode that asks', async () => {
    await using world = await openWorld();
    expect(() => world.createEngine({ permissionMode: 'default' })).toThrow(/it cannot ask/);
  });

  test('names the tools in its configuration without the token, and keeps what else stands there', async () => {
    await using world = await openWorld();
    await mkdir(join(world.agentDir, '.hermes'));
    const path = join(world.agentDir, '.hermes', 'config.yaml');
    await writeFile(path, 'model: x\nmcp_servers:\n    other:\n        command: true\n');
    const endpoint = { url: 'http://127.0.0.1:1/v1/mcp/bot-1', token: 'tool-token-5f' };
    const tools = {
      instructions: '',
      listTools: () => [],
      callTool: () => Promise.resolve({ text: '', isError: false }),
      endpoint,
    };
    await using session = await world.createEngine().openSession({ ...SESSION, tools });
    const config = await readFile(path, 'utf8');
    expect(config).toContain('mcp_servers:\n    puffo: {"url":"http://127.0.0.1:1/v1/mcp/bot-1"');
    expect(config).toContain('    other:\n        command: true\n');
    expect(config).not.toContain(endpoint.token);
    world.provider.script(['Hello.']);
    await takeTurn(session, 'Hello');
    expect(world.started[0]?.command.environment['PUFFO_TOOL_TOKEN']).toBe(endpoint.token);
  });
});
