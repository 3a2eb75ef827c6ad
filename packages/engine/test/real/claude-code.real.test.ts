// Claude Code itself, against a provider on loopback. Numbers are those of the acceptance statements. spec: runtimes 10.2, 12.4
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replies, waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import {
  type ClaudeCodeOptions,
  createClaudeCodeEngine,
  createHostPlacement,
  createProgramVersions,
  type EngineSession,
  type PermissionDecision,
  type PermissionRequest,
  type ProgramHandle,
  type ProgramPlacement,
  type SessionOptions,
} from '../../src/index.ts';
import {
  type CliWorld,
  describeCli,
  failureOf,
  findCli,
  openCliWorld,
  recordTools,
  takeTurn,
  testConformance,
  usersTextOf,
} from './kit.ts';

const MODEL = 'claude-sonnet-4-5';
const STALE = '3f2b8a54-6d1e-4c0b-9a77-0c5d2f1e8b90';
const PACKAGE = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`;

describeCli('Claude Code', findCli([`${PACKAGE}/claude`, `${PACKAGE}/claude.exe`, '.bin/claude']), (program) => {
  const versions = createProgramVersions();

  function engineOf(world: CliWorld, options: Partial<ClaudeCodeOptions> = {}) {
    const { agentDir, workspaceDir } = world;
    return createClaudeCodeEngine({
      program,
      environment: environmentOf(world),
      workspaceDir,
      agentDir,
      permissionMode: 'bypassPermissions',
      placement: createHostPlacement(),
      idleShutdownMs: 0,
      silenceMs: 60_000,
      versions,
      ...options,
    });
  }

  function open(world: CliWorld, session: Partial<SessionOptions> = {}, options: Partial<ClaudeCodeOptions> = {}) {
    return engineOf(world, options).openSession({ systemPrompt: 'Be brief.', model: MODEL, ...session });
  }

  describe('as an engine', () => {
    testConformance((world) => ({
      api: 'anthropic',
      model: MODEL,
      staleRef: { harness: 'claude-code', session_id: STALE },
      failures: new Map([
        ['rate_limited', 'rate_limit'],
        ['overloaded', 'overloaded'],
        ['server_error', 'server_error'],
        ['auth', 'authentication'],
        ['bad_model', 'model_not_found'],
        ['billing', 'billing'],
        ['input_too_large', 'prompt_too_long'],
      ] as const),
      openEngine: () => engineOf(world),
    }));
  });

  test('49, mcp-tools 17: offers our tools from the first request on, and passes their calls to us', async () => {
    await using world = await openCliWorld();
    const tools = recordTools();
    await using session = await open(world, { tools });
    const input = { channel: 'ch_1', text: 'Hello, "world"' };
    world.provider.script([
      replies.toolCall({ name: 'mcp__puffo__send_message', input, id: 'toolu_one' }),
      'I said hello.',
    ]);
    const { events, end } = await takeTurn(session, 'Say hello');
    expect(world.provider.calls('anthropic')[0]?.toolNames).toContain('mcp__puffo__send_message');
    expect(tools.calls).toEqual([{ callId: 'toolu_one', name: 'send_message', input }]);
    expect(events).toContainEqual({ kind: 'tool_start', callId: 'toolu_one', name: 'mcp__puffo__send_message', input });
    expect(events).toContainEqual({ kind: 'tool_end', callId: 'toolu_one', isError: false });
    expect(end.outcome).toEqual({ kind: 'ok' });
    expect(world.provider.calls('anthropic').at(-1)?.messages.at(-1)?.toolResults).toMatchObject([
      { text: expect.stringMatching(/^Sent\./), isError: false },
    ]);
  });

  test('tells the model about a tool that failed', async () => {
    await using world = await openCliWorld();
    const tools = recordTools(() => ({ text: 'Cannot send: no such channel; call list_channels', isError: true }));
    await using session = await open(world, { tools });
    const call = replies.toolCall({ name: 'mcp__puffo__send_message', input: { channel: 'x', text: 'y' } });
    world.provider.script([call, 'It did not work.']);
    const { events } = await takeTurn(session, 'Say hello');
    expect(events.filter(({ kind }) => kind === 'tool_end')).toMatchObject([{ isError: true }]);
    const [result] = world.provider.calls('anthropic').at(-1)?.messages.at(-1)?.toolResults ?? [];
    expect(result?.isError).toBe(true);
    // Later versions add a reminder of their own.
    expect(result?.text).toMatch(/^Cannot send: no such channel; call list_channels/);
  });

  test('41: fails a turn as crashed when the program is killed, and goes on with the session in the next', async () => {
    await using world = await openCliWorld();
    const started: ProgramHandle[] = [];
    await using session = await open(world, {}, { placement: recordStarts(started) });
    world.provider.script(['Noted.', replies.hang()]);
    await takeTurn(session, 'My colour is teal.');
    const running = takeTurn(session, 'Which colour?');
    await waitFor(() => world.provider.calls('anthropic').length === 2, 'the second question');
    process.kill(started.at(-1)?.pid ?? 0, 'SIGKILL');
    expect(failureOf((await running).end)).toBe('crashed');
    world.provider.script(['Teal.']);
    const { end, text } = await takeTurn(session, 'Again: which colour?');
    expect(end.outcome).toEqual({ kind: 'ok' });
    expect(text).toBe('Teal.');
    expect(usersTextOf(world.provider, 'anthropic')).toContain('My colour is teal.');
  });

  test('36: fails a turn with bad_session when the transcript is gone, and begins anew in the next', async () => {
    await using world = await openCliWorld();
    const started: ProgramHandle[] = [];
    await using session = await open(world, {}, { placement: recordStarts(started) });
    world.provider.script(['Noted.']);
    const { end } = await takeTurn(session, 'My colour is teal.');
    await started.at(-1)?.stop();
    await rm(join(world.agentDir, '.claude', 'projects'), { recursive: true });
    const lost = await takeTurn(session, 'Which colour?');
    expect(failureOf(lost.end)).toBe('bad_session');
    expect(lost.end.session).toBeNull();
    world.provider.script(['No idea.']);
    const fresh = await takeTurn(session, 'Which colour?');
    expect(fresh.text).toBe('No idea.');
    expect(fresh.end.session).not.toEqual(end.session);
  });

  test('ends an idle program, and wakes it with its session', async () => {
    await using world = await openCliWorld();
    const started: ProgramHandle[] = [];
    await using session = await open(world, {}, { placement: recordStarts(started), idleShutdownMs: 50 });
    world.provider.script(['Noted.', 'Teal.']);
    await takeTurn(session, 'My colour is teal.');
    const first = started.at(-1);
    await first?.ended;
    expect((await takeTurn(session, 'Which colour?')).text).toBe('Teal.');
    expect(usersTextOf(world.provider, 'anthropic')).toContain('My colour is teal.');
    expect(started.at(-1)).not.toBe(first);
  });

  test('43: interrupts a program that says nothing, and fails the turn with timeout', async () => {
    await using world = await openCliWorld();
    await using session = await open(world, {}, { silenceMs: 4000 });
    world.provider.script([replies.hang()]);
    expect(failureOf((await takeTurn(session, 'Hello')).end)).toBe('timeout');
    world.provider.script(['Here.']);
    expect((await takeTurn(session, 'Hello?')).text).toBe('Here.');
  });

  test('takes what is added while a turn runs', async () => {
    await using world = await openCliWorld();
    await using session = await open(world);
    world.provider.script([replies.toolCall({ name: 'Bash', input: { command: 'sleep 1' } }), 'Both done.']);
    world.provider.respond(() => 'And that, too.');
    let steered: Promise<boolean> | undefined;
    const { text, end } = await takeTurn(session, 'Do one', {
      onEvent(event) {
        if (event.kind === 'tool_start') steered = session.steer?.('And do two');
      },
    });
    expect(await steered).toBe(true);
    expect(end.outcome.kind).toBe('ok');
    expect(text).toContain('Both done.');
    expect(JSON.stringify(world.provider.calls('anthropic').at(-1)?.raw)).toContain('And do two');
    expect(await session.steer?.('Too late')).toBe(false);
  });

  test('compacts between turns', async () => {
    await using world = await openCliWorld();
    await using session = await open(world);
    world.provider.respond(() => 'The colour is teal, says the summary.');
    await takeTurn(session, `My colour is teal. ${'Filler. '.repeat(500)}`);
    await takeTurn(session, 'Remember that');
    expect(await session.compact?.(new AbortController().signal)).toBe(true);
    await takeTurn(session, 'Which colour?');
    const seen = usersTextOf(world.provider, 'anthropic');
    expect(seen).toContain('says the summary');
    expect(seen).not.toContain('Filler. Filler.');
  });

  test('55: takes a message that looks like a command as a message', async () => {
    await using world = await openCliWorld();
    await using session = await open(world);
    world.provider.script(['Noted.', 'What do you mean?']);
    await takeTurn(session, 'My colour is teal.');
    expect((await takeTurn(session, '/clear')).text).toBe('What do you mean?');
    const seen = usersTextOf(world.provider, 'anthropic');
    expect(seen).toContain('My colour is teal.');
    expect(seen).toContain('/clear');
  });

  test('38: does not take the answer of a background command for that of a turn', async () => {
    await using world = await openCliWorld();
    const environment = { ...environmentOf(world), CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '0' };
    await using session = await open(world, {}, { environment });
    const input = { command: 'sleep 1', run_in_background: true };
    world.provider.script([replies.toolCall({ name: 'Bash', input }), 'Started.', 'It is done, by the way.']);
    expect((await takeTurn(session, 'Start it')).text).toBe('Started.');
    await waitFor(() => world.provider.remainingReplies === 0, 'the turn that the program begins by itself');
    world.provider.script(['Four.']);
    expect((await takeTurn(session, 'Two and two?')).text).toBe('Four.');
  });

  describe('53: asked for permission', () => {
    const BASH = replies.toolCall({
      name: 'Bash',
      input: { command: 'touch made', description: 'Makes a file' },
      id: 'toolu_b',
    });

    async function ask(world: CliWorld, decision: PermissionDecision | undefined, mode = 'default') {
      const requests: PermissionRequest[] = [];
      const session: EngineSession = await open(
        world,
        {
          tools: recordTools(),
          ...(decision === undefined
            ? {}
            : {
                async askPermission(request) {
                  requests.push(request);
                  return decision;
                },
              }),
        },
        { permissionMode: mode },
      );
      return { session, requests, isMade: () => existsSync(join(world.workspaceDir, 'made')) };
    }

    test('runs what is allowed, and asks again the next time', async () => {
      await using world = await openCliWorld();
      const { session, requests, isMade } = await ask(world, { kind: 'allow', scope: 'once' });
      await using _ = session;
      world.provider.script([BASH, 'Done.', BASH, 'Done.']);
      await takeTurn(session, 'Make it');
      expect(isMade()).toBe(true);
      expect(requests).toMatchObject([
        {
          toolName: 'Bash',
          input: { command: 'touch made', description: 'Makes a file' },
          description: 'Makes a file',
        },
      ]);
      await takeTurn(session, 'Make it again');
      expect(requests.length).toBe(2);
    });

    test('does not ask again for what is allowed for the session', async () => {
      await using world = await openCliWorld();
      const { session, requests } = await ask(world, { kind: 'allow', scope: 'session' });
      await using _ = session;
      world.provider.script([BASH, 'Done.', BASH, 'Done.']);
      await takeTurn(session, 'Make it');
      await takeTurn(session, 'Make it again');
      expect(requests.length).toBe(1);
      expect(existsSync(join(world.workspaceDir, '.claude', 'settings.local.json'))).toBe(false);
    });

    test.each([
      ['what is denied', { kind: 'deny', message: 'The operator said no' }, 'The operator said no'],
      ['anything when nobody can be asked', undefined, 'Nobody is there'],
    ] as const)('does not run %s, and tells the model', async (_, decision, told) => {
      await using world = await openCliWorld();
      const { session, isMade } = await ask(world, decision);
      await using _session = session;
      world.provider.script([BASH, 'A pity.']);
      const { events } = await takeTurn(session, 'Make it');
      expect(isMade()).toBe(false);
      expect(events).toContainEqual({ kind: 'tool_end', callId: 'toolu_b', isError: true });
      expect(JSON.stringify(world.provider.calls('anthropic').at(-1)?.messages.at(-1)?.toolResults)).toContain(told);
    });

    test('never asks for our tools', async () => {
      await using world = await openCliWorld();
      const { session, requests } = await ask(world, { kind: 'deny', message: 'No' });
      await using _ = session;
      const call = replies.toolCall({
        name: 'mcp__puffo__send_message',
        input: { channel: 'x', text: 'y' },
        id: 'toolu_s',
      });
      world.provider.script([call, 'Sent.']);
      const { events } = await takeTurn(session, 'Send it');
      expect(requests).toEqual([]);
      expect(events).toContainEqual({ kind: 'tool_end', callId: 'toolu_s', isError: false });
    });

    test('takes a question back when its turn is called off', async () => {
      await using world = await openCliWorld();
      const turn = new AbortController();
      let question: AbortSignal | undefined;
      await using session = await open(
        world,
        {
          async askPermission(_, signal) {
            question = signal;
            turn.abort();
            await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
            return { kind: 'deny', message: 'Too late' };
          },
        },
        { permissionMode: 'default' },
      );
      world.provider.script([BASH]);
      const { end } = await takeTurn(session, 'Make it', { signal: turn.signal });
      expect(end.outcome.kind).toBe('cancelled');
      expect(question?.aborted).toBe(true);
    });
  });

  test('knows the system prompt that is in force, and leaves no file with it behind', async () => {
    await using world = await openCliWorld();
    const first = await open(world, { systemPrompt: 'You are called Ada.' });
    world.provider.script(['Hello.', 'Hello again.']);
    const { end } = await takeTurn(first, 'Hello');
    await first[Symbol.asyncDispose]();
    await using second = await open(world, { systemPrompt: 'You are called Grace.', resume: end.session });
    await takeTurn(second, 'Hello');
    const { system = '' } = world.provider.calls('anthropic').at(-1) ?? {};
    expect(system).toContain('You are called Grace.');
    expect(system).not.toContain('You are called Ada.');
    expect(await readdir(join(world.agentDir, '.puffo-engine'))).toEqual([]);
  });

  test("48: does not read the operator's own instructions", async () => {
    await using world = await openCliWorld();
    await writeFile(join(world.agentDir, '..', 'CLAUDE.md'), 'PRIVATE-ABOVE');
    await writeFile(join(world.agentDir, '..', '.mcp.json'), '{"mcpServers":{"private":{"command":"false"}}}');
    await writeFile(join(world.workspaceDir, 'CLAUDE.md'), 'OWN-WORDS');
    await using session = await open(world);
    world.provider.script(['Hello.']);
    await takeTurn(session, 'Hello');
    const seen = JSON.stringify(world.provider.calls('anthropic').at(-1)?.raw);
    expect(seen).toContain('OWN-WORDS');
    expect(seen).not.toContain('PRIVATE-ABOVE');
  });

  test('42: takes an answer of several megabytes in one piece', async () => {
    await using world = await openCliWorld();
    await using session = await open(world);
    world.provider.script([replies.large(5_000_000)]);
    expect((await takeTurn(session, 'Much')).text.length).toBeGreaterThan(4_500_000);
  });

  test('leaves no process behind when it is closed in the middle of a command', async () => {
    await using world = await openCliWorld();
    const session = await open(world);
    world.provider.script([replies.toolCall({ name: 'Bash', input: { command: 'echo $$ > pid; sleep 600' } })]);
    const running = takeTurn(session, 'Sleep');
    const pid = await waitFor(() => readPid(join(world.workspaceDir, 'pid')), 'the command');
    await session[Symbol.asyncDispose]();
    expect((await running).end.outcome.kind).toBe('cancelled');
    await waitFor(() => !isAlive(pid), 'the end of the command');
  });

  test('leaves no process behind when it is killed in the middle of a command', async () => {
    await using world = await openCliWorld();
    const started: ProgramHandle[] = [];
    await using session = await open(world, {}, { placement: recordStarts(started) });
    world.provider.script([replies.toolCall({ name: 'Bash', input: { command: 'echo $$ > pid; sleep 600' } })]);
    const running = takeTurn(session, 'Sleep');
    const pid = await waitFor(() => readPid(join(world.workspaceDir, 'pid')), 'the command');
    process.kill(started.at(-1)?.pid ?? 0, 'SIGKILL');
    expect(failureOf((await running).end)).toBe('crashed');
    await waitFor(() => !isAlive(pid), 'the end of the command');
  });
});

function environmentOf({ environment, provider }: CliWorld): Readonly<Record<string, string>> {
  return {
    ...environment,
    ANTHROPIC_BASE_URL: provider.baseUrls.anthropic,
    ANTHROPIC_API_KEY: 'dummy-key-of-a-test',
    CLAUDE_CODE_MAX_RETRIES: '1',
    // Tests run as root.
    IS_SANDBOX: '1',
  };
}

function recordStarts(started: ProgramHandle[]): ProgramPlacement {
  const placement = createHostPlacement();
  return {
    async start(command) {
      const handle = await placement.start(command);
      started.push(handle);
      return handle;
    },
  };
}

async function readPid(path: string): Promise<number | undefined> {
  const text = existsSync(path) ? await readFile(path, 'utf8') : '';
  return text.trim() === '' ? undefined : Number(text);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
