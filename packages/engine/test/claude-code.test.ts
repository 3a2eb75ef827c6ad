// The driver against what the real program said once. Numbers are those of the acceptance statements. spec: runtimes 5, 10.2, 12.4
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isJsonObject, type JsonObject } from '@puffo/base';
import { waitFor } from '@puffo/testbed';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ClaudeCodeOptions,
  createClaudeCodeEngine,
  type EngineEvent,
  type PermissionDecision,
  type PermissionRequest,
  type SessionOptions,
} from '../src/index.ts';
import { createReplayedClaude, readRecording, type ReplayedClaude } from './kit/replayed-claude.ts';

const STALE = { harness: 'claude-code', session_id: '3f2b8a54-6d1e-4c0b-9a77-0c5d2f1e8b90' };
const VERSIONS = ['2.1.197', '2.1.330'] as const;

let agentDir = '';
let claude: ReplayedClaude;

beforeEach(async () => {
  agentDir = await mkdtemp(join(tmpdir(), 'puffo-claude-'));
  claude = createReplayedClaude();
});

afterEach(async () => {
  await rm(agentDir, { recursive: true });
});

function engineOf(options: Partial<ClaudeCodeOptions> = {}) {
  return createClaudeCodeEngine({
    program: '/opt/claude',
    environment: { PATH: '/bin', ANTHROPIC_API_KEY: 'sk-very-secret', IS_SANDBOX: '1' },
    workspaceDir: join(agentDir, 'workspace'),
    agentDir,
    permissionMode: 'bypassPermissions',
    placement: claude,
    idleShutdownMs: 0,
    silenceMs: 0,
    ...options,
  });
}

function open(session: Partial<SessionOptions> = {}, options: Partial<ClaudeCodeOptions> = {}) {
  return engineOf(options).openSession({ systemPrompt: 'Be brief.', model: 'opus', ...session });
}

async function take(turn: AsyncIterable<EngineEvent>, onEvent?: (event: EngineEvent) => void) {
  const events: EngineEvent[] = [];
  for await (const event of turn) {
    events.push(event);
    onEvent?.(event);
  }
  const end = events.at(-1);
  if (end?.kind !== 'turn_end') throw new Error('There is no end');
  const kinds = events.filter(({ kind }) => kind !== 'progress');
  return { events, end, kinds, text: events.map((event) => (event.kind === 'text' ? event.text : '')).join('') };
}

const INPUT = { turnId: 't', text: '- message: Hi' };
const NEVER = new AbortController().signal;

describe.each(VERSIONS)('what Claude Code %s said', (version) => {
  test.each([
    ['rate-limited', 'rate_limited', 429],
    ['overloaded', 'overloaded', 529],
    ['key-refused', 'auth', 401],
    ['forbidden', 'auth', 403],
    ['server-error', 'server_error', 500],
    ['unknown-model', 'bad_model', 404],
    ['prompt-too-long', 'input_too_large', 400],
    ['too-large', 'input_too_large', 413],
    ['no-credit', 'billing', 400],
    ['invalid-request', 'refused', 400],
    ['no-network', 'network', undefined],
  ] as const)('when it was %s is a failure of the class %s, and no text', async (name, failureClass, httpStatus) => {
    claude.play(await readRecording(version, name));
    await using session = await open();
    const { end, text } = await take(session.runTurn(INPUT, NEVER));
    expect(end.outcome).toMatchObject({ kind: 'failed', failure: { failureClass } });
    expect(end.outcome.kind === 'failed' ? end.outcome.failure.httpStatus : 0).toBe(httpStatus);
    expect(text).toBe('');
  });

  test('in a turn with a tool is told in order', async () => {
    claude.play(await readRecording(version, 'tool-call'));
    await using session = await open();
    const { kinds, end } = await take(session.runTurn(INPUT, NEVER));
    const callId = expect.stringMatching(/^toolu_/);
    expect(kinds).toEqual([
      { kind: 'accepted' },
      { kind: 'tool_start', callId, name: 'mcp__puffo__send_message', input: { text: 'x' } },
      { kind: 'tool_end', callId, isError: false },
      { kind: 'text', text: 'Hello there.' },
      end,
    ]);
    expect(end.usage.inputTokens).toBeGreaterThan(20_000);
    expect(end.usage.outputTokens).toBe(38);
    expect(end.session).toMatchObject({ harness: 'claude-code', session_id: expect.stringMatching(/^[\da-f-]{36}$/) });
  });

  test.each([
    ['asked-and-denied', { kind: 'deny', message: 'No' }, { behavior: 'deny', message: 'No' }],
    ['asked-and-allowed', { kind: 'allow', scope: 'once' }, { behavior: 'allow', updatedInput: expect.anything() }],
  ] as const)('when it %s reaches the one who decides', async (name, decision: PermissionDecision, response) => {
    claude.play(await readRecording(version, name));
    const requests: PermissionRequest[] = [];
    await using session = await open(
      {
        async askPermission(request) {
          requests.push(request);
          return decision;
        },
      },
      { permissionMode: 'default' },
    );
    await take(session.runTurn(INPUT, NEVER));
    expect(requests).toMatchObject([{ toolName: 'Bash', description: 'Make a file' }]);
    await waitFor(() => answers(claude).length > 0, 'the answer');
    expect(answers(claude)).toContainEqual(expect.objectContaining({ response }));
  });

  test('when something was added to a turn belongs to that turn', async () => {
    claude.play(await readRecording(version, 'added-to'));
    await using session = await open();
    let added: Promise<boolean> | undefined;
    const { end, text } = await take(session.runTurn(INPUT, NEVER), ({ kind }) => {
      if (kind === 'tool_start') added = session.steer?.('More');
    });
    expect(await added).toBe(true);
    expect(text).toBe('first answer');
    expect(end.outcome.kind).toBe('ok');
    expect(await session.steer?.('Too late')).toBe(false);
  });

  test('when it was interrupted is a turn that was called off', async () => {
    const lines = await readRecording(version, 'interrupted');
    const abort = new AbortController();
    await using session = await open();
    claude.play(lines);
    const running = take(session.runTurn(INPUT, abort.signal));
    abort.abort();
    expect((await running).end.outcome.kind).toBe('cancelled');
  });

  test('when it compacted says so', async () => {
    await using session = await open();
    claude.play(await readRecording(version, 'compacted'));
    expect(await session.compact?.(NEVER)).toBe(true);
  });

  test('about a session that it does not know leads to a new one', async () => {
    claude.failStart({ lines: await readRecording(version, 'stale-session'), stderr: 'No conversation found' });
    await using session = await open({ resume: STALE });
    expect(session.isResumed).toBe(false);
    claude.play(await readRecording(version, 'tool-call'));
    const { end } = await take(session.runTurn(INPUT, NEVER));
    expect(end.outcome.kind).toBe('ok');
    expect(end.session).not.toEqual(STALE);
  });
});

function answers({ told }: ReplayedClaude): readonly JsonObject[] {
  return told.flatMap(({ type, response }) =>
    type === 'control_response' && isJsonObject(response) ? [response] : [],
  );
}

function result(text: string, more: JsonObject = {}): string {
  return JSON.stringify({ type: 'result', subtype: 'success', is_error: false, result: text, ...more });
}

function replay(uuid: string): string {
  return JSON.stringify({ type: 'user', isReplay: true, uuid, message: { role: 'user', content: 'Hi' } });
}

function says(text: string, more: JsonObject = {}): string {
  const message = { model: 'opus', content: [{ type: 'text', text }] };
  return JSON.stringify({ type: 'assistant', parent_tool_use_id: null, message, ...more });
}

describe('a turn with Claude Code', () => {
  test('38, 39: does not take the answer of a turn that the program began by itself', async () => {
    claude.play([
      says('In the background'),
      result('In the background'),
      replay('__TURN__'),
      says('For you'),
      result('For you'),
    ]);
    await using session = await open();
    expect((await take(session.runTurn(INPUT, NEVER))).text).toBe('For you');
  });

  test('40: does not say what helpers of the agent say, but tells what they do', async () => {
    const call = { type: 'tool_use', id: 'toolu_h', name: 'mcp__puffo__send_message', input: {} };
    const helper = { parent_tool_use_id: 'toolu_p' };
    claude.play([
      replay('__TURN__'),
      says('To my boss', helper),
      JSON.stringify({ type: 'assistant', ...helper, message: { model: 'opus', content: [call] } }),
      says('To you'),
      result('To you'),
    ]);
    await using session = await open();
    const { text, events } = await take(session.runTurn(INPUT, NEVER));
    expect(text).toBe('To you');
    expect(events).toContainEqual(expect.objectContaining({ kind: 'tool_start', callId: 'toolu_h' }));
  });

  test('passes by what it cannot read', async () => {
    claude.play(['', 'Warning: something', '{"type":"news"}', '[1]', replay('__TURN__'), says('Here'), result('Here')]);
    await using session = await open();
    expect((await take(session.runTurn(INPUT, NEVER))).text).toBe('Here');
  });

  test('35, 41: goes on with the same conversation after a crash', async () => {
    const init = JSON.stringify({ type: 'system', subtype: 'init', session_id: STALE.session_id });
    claude.play([init, replay('__TURN__')]);
    await using session = await open();
    const { end } = await take(session.runTurn(INPUT, NEVER), ({ kind }) => {
      if (kind === 'accepted') claude.kill();
    });
    expect(end.outcome).toMatchObject({ kind: 'failed', failure: { failureClass: 'crashed' } });
    claude.play([replay('__TURN__'), says('Back'), result('Back')]);
    expect((await take(session.runTurn(INPUT, NEVER))).text).toBe('Back');
    expect(claude.commands.at(-1)?.args.join(' ')).toContain(`--resume ${STALE.session_id}`);
  });

  test('that meets silence is interrupted and fails with timeout', async () => {
    claude.play([replay('__TURN__')]);
    await using session = await open({}, { silenceMs: 20 });
    const { end } = await take(session.runTurn(INPUT, NEVER), ({ kind }) => {
      if (kind !== 'accepted') return;
      void waitFor(() => claude.told.some(isInterrupt), 'the interruption').then(() => claude.kill());
    });
    expect(end.outcome).toMatchObject({ kind: 'failed', failure: { failureClass: 'timeout' } });
  });

  test('37: fails with the reason when the program does not start, and keeps the session', async () => {
    claude.play([
      JSON.stringify({ type: 'system', subtype: 'init', session_id: STALE.session_id }),
      replay('__TURN__'),
      result(''),
    ]);
    await using session = await open();
    const before = await take(session.runTurn(INPUT, NEVER));
    claude.kill();
    claude.failStart({ stderr: "error: unknown option '--x' sk-very-secret" });
    const { end } = await take(session.runTurn(INPUT, NEVER));
    expect(end.outcome).toMatchObject({ kind: 'failed', failure: { failureClass: 'protocol' } });
    const detail = end.outcome.kind === 'failed' ? end.outcome.failure.detail : '';
    expect(detail).toContain('unknown option');
    expect(detail).not.toContain('sk-very-secret');
    expect(end.session).toEqual(before.end.session);
  });
});

function isInterrupt({ request }: JsonObject): boolean {
  return isJsonObject(request) && request['subtype'] === 'interrupt';
}

describe('a session of Claude Code', () => {
  test('34: takes two turns with one process, and knows its id after the first', async () => {
    const init = JSON.stringify({ type: 'system', subtype: 'init', session_id: STALE.session_id });
    await using session = await open();
    claude.play([init, replay('__TURN__'), result('')]);
    claude.play([init, replay('__TURN__'), result('')]);
    expect((await take(session.runTurn(INPUT, NEVER))).end.session).toEqual(STALE);
    await take(session.runTurn(INPUT, NEVER));
    expect(claude.commands.length).toBe(2);
  });

  test('33: starts nothing but the question for the version before its first turn', async () => {
    await using _ = await open();
    expect(claude.commands.map(({ args }) => args)).toEqual([['--version']]);
  });

  test('ends its program when it is idle, and when it is closed', async () => {
    const session = await open({}, { idleShutdownMs: 1 });
    claude.play([replay('__TURN__'), result('')]);
    await take(session.runTurn(INPUT, NEVER));
    await waitFor(() => claude.running === 0, 'the end of the idle program');
    claude.play([replay('__TURN__'), result('')]);
    await take(session.runTurn(INPUT, NEVER));
    await session[Symbol.asyncDispose]();
    expect(claude.running).toBe(0);
    expect(await readdir(join(agentDir, '.puffo-engine'))).toEqual([]);
  });

  test('is refused by a version that is too old', async () => {
    claude = createReplayedClaude('2.0.14 (Claude Code)');
    await expect(open()).rejects.toThrow('update Claude Code to 2.1.197 or later');
  });

  test.runIf(process.getuid?.() === 0)('is refused to root without a sandbox, in one sentence', async () => {
    await expect(open({}, { environment: { PATH: '/bin' } })).rejects.toThrow(
      /as root: .*; run the daemon as an ordinary user/,
    );
  });

  test.each(['plan', 'Default', 'yolo'])('54: is refused with the permission mode %s', (permissionMode) => {
    expect(() => engineOf({ permissionMode })).toThrow('Cannot use runtime.permission_mode');
  });
});
