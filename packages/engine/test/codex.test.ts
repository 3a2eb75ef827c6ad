// The driver against recorded frames of the real program. spec: runtimes 10.3
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createCodexEngine } from '../src/drivers/codex/create-codex-engine.ts';
import type { EngineFailureClass, EngineSession, PermissionRequest, SessionOptions } from '../src/index.ts';
import { createReplay, readRecording, type RecordedFrame, type Replay, splitPrograms } from './codex-replay.ts';
import { STALE_REF } from './codex-world.ts';
import { failureOf, recordTools, takeTurn } from './real/kit.ts';

const PLAIN = { systemPrompt: 'Be brief.', model: 'gpt-6.1-sol' };
const SECRET = 'sk-secret-0123456789';

interface Opened extends AsyncDisposable {
  readonly session: EngineSession;
  readonly replay: Replay;
  readonly agentDir: string;
}

interface Wanted extends Partial<SessionOptions> {
  readonly permissionMode?: string;
}

async function open(replay: Replay, { permissionMode = '', ...options }: Wanted = {}): Promise<Opened> {
  const agentDir = await mkdtemp(join(tmpdir(), 'codex-replay-'));
  const engine = createCodexEngine({
    program: 'codex',
    environment: { CODEX_HOME: '/agent/.codex', OPENAI_API_KEY: SECRET },
    workspaceDir: '/agent/workspace',
    agentDir,
    permissionMode,
    placement: replay,
    idleShutdownMs: 0,
    silenceMs: 0,
  });
  const session = await engine.openSession({ ...PLAIN, ...options }).catch(async (error: unknown) => {
    await rm(agentDir, { recursive: true });
    throw error;
  });
  return {
    session,
    replay,
    agentDir,
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]();
      await rm(agentDir, { recursive: true });
    },
  };
}

describe('a recorded turn with a tool', () => {
  test('is told as it was', async () => {
    await using opened = await open(createReplay([await readRecording('tool-turn')]));
    const { events } = await takeTurn(opened.session, 'Say hello');
    const input = { channel: 'c', text: 'Hello' };
    expect(events.filter(({ kind }) => kind !== 'progress')).toEqual([
      { kind: 'accepted' },
      { kind: 'text', text: 'I say hello.' },
      { kind: 'tool_start', callId: 'call_1', name: 'mcp__puffo__send_message', input },
      { kind: 'tool_end', callId: 'call_1', isError: false },
      { kind: 'text', text: 'Done.' },
      expect.objectContaining({ kind: 'turn_end', outcome: { kind: 'ok' } }),
    ]);
    expect(events.at(-1)).toMatchObject({
      usage: { inputTokens: 22_221, outputTokens: 45 },
      session: { codex: '01a20408-9754-7002-b8cd-2adc4f493b16' },
    });
    expect(opened.replay.surprises).toEqual([]);
  });

  test('leaves the prompt in a file, and the token in the environment', async () => {
    const endpoint = { url: 'http://127.0.0.1:4100/v1/mcp/agent', token: 'tool-token-0123456789' };
    const replay = createReplay([await readRecording('tool-turn')]);
    await using opened = await open(replay, { tools: { ...recordTools(), endpoint } });
    expect(await readFile(join(opened.agentDir, '.codex', 'AGENTS.md'), 'utf8')).toBe('Be brief.');
    const [command] = replay.commands;
    expect(command?.environment).toMatchObject({ PUFFO_TOOL_TOKEN: endpoint.token, CODEX_HOME: '/agent/.codex' });
    const line = command?.args.join(' ') ?? '';
    expect(line).toContain(endpoint.url);
    for (const secret of [endpoint.token, SECRET, 'Be brief.']) expect(line).not.toContain(secret);
    expect(command?.folder).toBe('/agent/workspace');
  });

  test.each([
    ['after its answer began', 'item/agentMessage/delta', true],
    ['before anything was heard of it', 'turn/start', false],
  ] as const)('that crashes %s says so', async (_, method, isAccepted) => {
    const frames = await readRecording('tool-turn');
    const cut = frames.slice(0, frames.findIndex(({ frame }) => frame['method'] === method) + 1);
    await using opened = await open(createReplay([cut], true));
    const { events, end } = await takeTurn(opened.session, 'Say hello');
    expect(failureOf(end)).toBe('crashed');
    expect(events.some(({ kind }) => kind === 'accepted')).toBe(isAccepted);
    expect(JSON.stringify(end)).toContain('It broke with [redacted]');
  });
});

describe('recorded questions', () => {
  test('are asked with the exact arguments, and answered as decided', async () => {
    const asked: PermissionRequest[] = [];
    const replay = createReplay([await readRecording('permission-turn')]);
    await using opened = await open(replay, {
      permissionMode: 'default',
      async askPermission(request) {
        asked.push(request);
        return request.toolName === 'shell' ? { kind: 'deny', message: 'No' } : { kind: 'allow', scope: 'once' };
      },
    });
    const { events, end } = await takeTurn(opened.session, 'Make it');
    expect(end.outcome).toEqual({ kind: 'ok' });
    expect(asked.map(({ toolName, input }) => ({ toolName, input }))).toEqual([
      { toolName: 'shell', input: { command: "/bin/bash -lc 'touch made.txt'", cwd: '/agent/workspace' } },
      {
        toolName: 'apply_patch',
        input: { changes: [{ path: '/agent/workspace/p.txt', kind: { type: 'add' }, diff: 'hi\n' }] },
      },
    ]);
    expect(new Set(asked.map(({ requestId }) => requestId)).size).toBe(2);
    expect(events.flatMap((event) => (event.kind === 'tool_end' ? [event.isError] : []))).toEqual([true, false]);
    expect(replay.surprises).toEqual([]);
  });
});

describe('recorded failures', () => {
  const EXPECTED: readonly EngineFailureClass[] = [
    ...(['auth', 'auth', 'rate_limited', 'server_error', 'overloaded', 'overloaded', 'input_too_large'] as const),
    ...(['billing', 'bad_model', 'protocol', 'network', 'server_error', 'input_too_large'] as const),
  ];

  test('have their classes, and are not said', async () => {
    const turns = splitTurns(await readRecording('failed-turns'));
    expect(turns).toHaveLength(EXPECTED.length);
    const found = [];
    for (const frames of turns) {
      await using opened = await open(createReplay([frames]));
      const { end, text } = await takeTurn(opened.session, 'Hello');
      found.push(failureOf(end));
      expect(text).toBe('');
      expect(opened.replay.surprises).toEqual([]);
    }
    expect(found).toEqual(EXPECTED);
  });

  test('runtimes 65: of the login end the program, so that the next turn reads a renewed one', async () => {
    const [refused = [], , limited = []] = splitTurns(await readRecording('failed-turns'));
    for (const [frames, count] of [
      [refused, 1],
      [limited, 0],
    ] as const) {
      await using opened = await open(createReplay([frames]));
      await takeTurn(opened.session, 'Hello');
      expect(opened.replay.endings).toHaveLength(count);
    }
  });

  /** The beginning of the recording with each of its turns, one at a time. */
  function splitTurns(frames: readonly RecordedFrame[]): readonly (readonly RecordedFrame[])[] {
    const starts = frames.flatMap(({ frame }, index) => (frame['method'] === 'turn/start' ? [index] : []));
    const head = frames.slice(0, starts[0]);
    return starts.map((start, index) => [...head, ...frames.slice(start, starts[index + 1]).map(renumber)]);
  }

  /** The first turn is the third request. */
  function renumber({ direction, frame }: RecordedFrame): RecordedFrame {
    return { direction, frame: frame['id'] === undefined ? frame : { ...frame, id: 3 } };
  }
});

describe('a thread that codex does not know', () => {
  test('is begun anew when the session is opened', async () => {
    const replay = createReplay(splitPrograms(await readRecording('unknown-thread')));
    await using opened = await open(replay, { resume: STALE_REF });
    expect(opened.session.isResumed).toBe(false);
    expect((await takeTurn(opened.session, 'Hello')).text).toBe('Hello.');
    expect(replay.surprises).toEqual([]);
  });

  test('is not taken for one when codex says something else', async () => {
    const [first = []] = splitPrograms(await readRecording('unknown-thread'));
    const frames = first.map((each): RecordedFrame =>
      each.frame['error'] === undefined
        ? each
        : { ...each, frame: { id: 2, error: { code: -32_603, message: 'failed to load configuration' } } },
    );
    const opening = open(createReplay([frames]), { resume: STALE_REF });
    await expect(opening).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('says bad_session in the middle of a session that had one', async () => {
    const [refusal = [], fresh = []] = splitPrograms(await readRecording('unknown-thread'));
    const id = fresh.find(({ frame }) => frame['id'] === 2 && frame['result'] !== undefined);
    const known = withThread(fresh, STALE_REF.codex).filter((_, index) => index < fresh.indexOf(id ?? fresh[0]!) + 1);
    const resumed = known.map((each, index) => (index === 3 ? (refusal[3] ?? each) : each));
    const replay = createReplay([resumed, refusal, fresh], true);
    await using opened = await open(replay, { resume: STALE_REF });
    expect(opened.session.isResumed).toBe(true);
    expect(failureOf((await takeTurn(opened.session, 'Hello')).end)).toBe('bad_session');
    expect((await takeTurn(opened.session, 'Hello')).text).toBe('Hello.');
  });

  function withThread(frames: readonly RecordedFrame[], threadId: string): readonly RecordedFrame[] {
    return frames.map((each) =>
      each.frame['id'] === 2 && each.direction === 'received'
        ? { ...each, frame: { id: 2, result: { thread: { id: threadId } } } }
        : each,
    );
  }
});

describe('a recorded turn that was called off', () => {
  test('is interrupted, and cancelled', async () => {
    const replay = createReplay([await readRecording('interrupted-turn')]);
    await using opened = await open(replay);
    const abort = new AbortController();
    const { end, text } = await takeTurn(opened.session, 'Take your time', {
      signal: abort.signal,
      onEvent: ({ kind }) => {
        if (kind === 'accepted') abort.abort();
      },
    });
    expect([end.outcome.kind, text]).toEqual(['cancelled', '']);
    expect(replay.surprises).toEqual([]);
  });
});

describe('the options of codex', () => {
  function create(more: object): unknown {
    return createCodexEngine({
      program: 'codex',
      environment: {},
      workspaceDir: '/w',
      agentDir: '/a',
      permissionMode: '',
      placement: createReplay([]),
      idleShutdownMs: 0,
      silenceMs: 0,
      ...more,
    });
  }

  test.each(['plan', 'auto', 'Default', 'bypass'])('have no permission mode %s, instead of approving all', (mode) => {
    expect(() => create({ permissionMode: mode })).toThrow(
      `Cannot use codex: codex has no permission mode "${mode}"; set it to one of bypassPermissions, default,`,
    );
  });

  test.each([{ baseUrl: 'file:///etc' }, { baseUrl: 'nowhere' }, { keyVariable: 'A=B' }, { keyVariable: '' }])(
    'refuse a gateway with %o',
    (wrong) => {
      const gateway = { baseUrl: 'http://127.0.0.1:1/v1', keyVariable: 'KEY', ...wrong };
      expect(() => create({ gateway })).toThrow('Cannot use codex: ');
    },
  );
});
