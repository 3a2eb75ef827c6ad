// The engine of the Claude Agent SDK with a stand-in for the SDK, which is not installed everywhere. The SDK itself:
// test/real/claude-agent-sdk.real.test.ts. spec: runtimes 4
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type AgentSdkEngineOptions, createAgentSdkEngine, type ProgramPlacement } from '../src/index.ts';
import { takeTurn } from './kit/chat-cases.ts';

const SESSION = { systemPrompt: '', model: 'claude-sonnet-4-5' };
const ID = '3f2b8a54-6d1e-4c0b-9a77-0c5d2f1e8b90';

/** The stand-in starts nothing. */
const PLACEMENT: ProgramPlacement = { start: () => Promise.reject(new Error('Nothing is started here')) };

interface World extends AsyncDisposable {
  readonly folder: string;
  readonly options: AgentSdkEngineOptions;
}

/** `module`: what the installed package is made of; absent: nothing is installed. */
async function openWorld(module?: string): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'puffo-sdk-'));
  if (module !== undefined) {
    const place = join(folder, 'node_modules', '@anthropic-ai', 'claude-agent-sdk');
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'package.json'), '{"type":"module","exports":"./sdk.mjs"}');
    await writeFile(join(place, 'sdk.mjs'), module);
  }
  return {
    folder,
    options: {
      sdkFolder: folder,
      environment: { ANTHROPIC_API_KEY: 'sk-ant-secret-0123' },
      agentDir: folder,
      workspaceDir: folder,
      placement: PLACEMENT,
      silenceMs: 20_000,
      allowedTools: [],
      maxTurns: 10,
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** An SDK that says `messages`, then throws as the real one does when `fails`. */
function sdkOf(messages: readonly object[], { fails = false } = {}): string {
  const end = fails ? "throw new Error('Claude Code returned an error result');" : '';
  return `export async function* query() { for (const each of ${JSON.stringify(messages)}) yield each; ${end} }`;
}

const INIT = { type: 'system', subtype: 'init', session_id: ID };

describe('what cannot work is refused with what to do', () => {
  test('no SDK', async () => {
    await using world = await openWorld();
    await expect(createAgentSdkEngine(world.options).openSession(SESSION)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('npm install'),
    });
  });

  test('something else in its place', async () => {
    await using world = await openWorld('export const ask = 1;');
    await expect(createAgentSdkEngine(world.options).openSession(SESSION)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('something else'),
    });
  });

  test.each([
    ['no key', { environment: {} }, /runtime\.api_key/],
    ['no turns', { maxTurns: 0 }, /max_turns/],
    ['half a turn', { maxTurns: 1.5 }, /max_turns/],
  ] as const)('%s', async (_, change, message) => {
    await using world = await openWorld();
    expect(() => createAgentSdkEngine({ ...world.options, ...change })).toThrow(message);
  });
});

test('a turn says what the agent says, not what its helpers say', async () => {
  const usage = { input_tokens: 7, output_tokens: 3 };
  const say = (text: string, parent: string | null) => ({
    type: 'assistant',
    parent_tool_use_id: parent,
    message: { model: 'm', content: [{ type: 'text', text }] },
  });
  const result = { type: 'result', subtype: 'success', is_error: false, result: 'Hello.', session_id: ID, usage };
  await using world = await openWorld(sdkOf([INIT, say('Of a helper.', 'toolu_1'), say('Hello.', null), result]));
  await using session = await createAgentSdkEngine(world.options).openSession(SESSION);
  const { texts, end } = await takeTurn(session, 'Hello');
  expect(texts).toEqual(['Hello.']);
  expect(end).toMatchObject({
    outcome: { kind: 'ok' },
    usage: { inputTokens: 7, outputTokens: 3 },
    session: { harness: 'claude-agent-sdk', session_id: ID },
  });
});

test('32: what the SDK throws after a result is only its echo', async () => {
  const result = { type: 'result', subtype: 'error_max_turns', is_error: true, errors: [], session_id: ID };
  await using world = await openWorld(sdkOf([INIT, result], { fails: true }));
  await using session = await createAgentSdkEngine(world.options).openSession(SESSION);
  const { failure } = await takeTurn(session, 'Hello');
  expect(failure).toMatchObject({ detail: expect.stringContaining('error_max_turns') });
});

test('a session that is unknown is forgotten, and a program that just ends has crashed', async () => {
  const errors = [`No conversation found with session ID: ${ID}`];
  const stale = { type: 'result', subtype: 'error_during_execution', is_error: true, errors };
  await using world = await openWorld(sdkOf([INIT, stale], { fails: true }));
  await using session = await createAgentSdkEngine(world.options).openSession(SESSION);
  const turn = await takeTurn(session, 'Hello');
  expect(turn.failure).toMatchObject({ failureClass: 'bad_session' });
  expect(turn.end.session).toBeNull();
  await using other = await openWorld(sdkOf([INIT], { fails: true }));
  await using crashing = await createAgentSdkEngine(other.options).openSession(SESSION);
  expect((await takeTurn(crashing, 'Hello')).failure).toMatchObject({ failureClass: 'crashed' });
});
