// The Claude Agent SDK itself, against a provider on loopback. Numbers are those of the acceptance statements.
// spec: runtimes 4, 12.3
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replies, waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import {
  type AgentSdkEngineOptions,
  createAgentSdkEngine,
  createHostPlacement,
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
const KEY = 'sk-ant-test-0123456789';
const STALE = '3f2b8a54-6d1e-4c0b-9a77-0c5d2f1e8b90';
const SDK = '@anthropic-ai/claude-agent-sdk/sdk.mjs';
const PLATFORM = `claude-code-${process.platform}-${process.arch}`;

/** The smaller program of the two that are installed. */
const claude = findCli([`@anthropic-ai/${PLATFORM}/claude`, `@anthropic-ai/${PLATFORM}/claude.exe`]);

describeCli('the Claude Agent SDK', findCli([SDK]), (sdkFile) => {
  const sdkFolder = sdkFile.slice(0, -join('node_modules', SDK).length);
  const program = claude.kind === 'found' ? claude.program : undefined;

  function engineOf(
    { agentDir, workspaceDir, environment, provider }: CliWorld,
    options: Partial<AgentSdkEngineOptions>,
  ) {
    return createAgentSdkEngine({
      sdkFolder,
      program,
      environment: {
        ...environment,
        ANTHROPIC_API_KEY: KEY,
        ANTHROPIC_BASE_URL: provider.baseUrls.anthropic,
        CLAUDE_CODE_MAX_RETRIES: '1',
      },
      agentDir,
      workspaceDir,
      placement: createHostPlacement(),
      silenceMs: 60_000,
      // The provider takes a request without any tool for a side job.
      allowedTools: ['Glob'],
      maxTurns: 10,
      ...options,
    });
  }

  function open(world: CliWorld, session: Partial<SessionOptions> = {}, options: Partial<AgentSdkEngineOptions> = {}) {
    return engineOf(world, options).openSession({ systemPrompt: 'Be brief.', model: MODEL, ...session });
  }

  describe('as an engine', () => {
    testConformance((world) => ({
      api: 'anthropic',
      model: MODEL,
      staleRef: { harness: 'claude-agent-sdk', session_id: STALE },
      failures: new Map([
        ['rate_limited', 'rate_limit'],
        ['overloaded', 'overloaded'],
        ['server_error', 'server_error'],
        ['auth', 'authentication'],
        ['bad_model', 'model_not_found'],
        ['input_too_large', 'prompt_too_long'],
      ] as const),
      openEngine: () => engineOf(world, {}),
    }));
  });

  test('30: with nothing allowed, our tools work and there are no others', async () => {
    await using world = await openCliWorld();
    const tools = recordTools();
    await using session = await open(world, { tools }, { allowedTools: [] });
    const input = { channel: 'ch_1', text: 'Hello, "world"' };
    const send = replies.toolCall({ name: 'mcp__puffo__send_message', input, id: 'toolu_one' });
    const bash = replies.toolCall({ name: 'Bash', input: { command: 'touch made' }, id: 'toolu_two' });
    const read = replies.toolCall({ name: 'Read', input: { file_path: '/etc/hostname' }, id: 'toolu_three' });
    world.provider.script([send, bash, read, 'I said hello.']);
    const { events, end } = await takeTurn(session, 'Say hello');
    expect(world.provider.calls('anthropic')[0]?.toolNames).toEqual(['mcp__puffo__send_message']);
    expect(tools.calls).toEqual([{ callId: 'toolu_one', name: 'send_message', input }]);
    expect(events.filter(({ kind }) => kind === 'tool_end')).toEqual([
      { kind: 'tool_end', callId: 'toolu_one', isError: false },
      { kind: 'tool_end', callId: 'toolu_two', isError: true },
      { kind: 'tool_end', callId: 'toolu_three', isError: true },
    ]);
    expect(existsSync(join(world.workspaceDir, 'made'))).toBe(false);
    expect(end.outcome).toEqual({ kind: 'ok' });
  });

  test('31: what is allowed is done, what is not is refused, reads as well', async () => {
    await using world = await openCliWorld();
    await writeFile(join(world.workspaceDir, 'note'), 'The colour is teal.');
    await using session = await open(world, {}, { allowedTools: ['Bash(touch *)'] });
    const call = (id: string, command: string) => replies.toolCall({ name: 'Bash', input: { command }, id });
    const read = replies.toolCall({
      name: 'Read',
      input: { file_path: join(world.workspaceDir, 'note') },
      id: 'toolu_r',
    });
    world.provider.script([call('toolu_1', 'touch one'), call('toolu_2', 'touch two; id'), read, 'Done.']);
    const { events } = await takeTurn(session, 'Make them');
    expect(events.flatMap((event) => (event.kind === 'tool_end' ? [[event.callId, event.isError]] : []))).toEqual([
      ['toolu_1', false],
      ['toolu_2', true],
      ['toolu_r', true],
    ]);
    expect(existsSync(join(world.workspaceDir, 'one'))).toBe(true);
    expect(existsSync(join(world.workspaceDir, 'two'))).toBe(false);
    const told = JSON.stringify(world.provider.calls('anthropic').at(-1)?.messages);
    expect(told).toContain('Bash(touch *)');
    expect(told).not.toContain('The colour is teal.');
  });

  test('32: a turn that asks the model too often fails, and the session goes on', async () => {
    await using world = await openCliWorld();
    await using session = await open(world, { tools: recordTools() }, { maxTurns: 1 });
    const input = { channel: 'x', text: 'y' };
    world.provider.script([replies.toolCall({ name: 'mcp__puffo__send_message', input })]);
    const { end } = await takeTurn(session, 'Say it');
    expect(end.outcome).toMatchObject({ kind: 'failed', failure: { detail: expect.stringContaining('max_turns') } });
    world.provider.script(['Here.']);
    expect((await takeTurn(session, 'Still there?')).text).toBe('Here.');
  });

  test('fails a turn as crashed when the program is killed, and goes on with the session in the next', async () => {
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
    expect((await takeTurn(session, 'Again: which colour?')).text).toBe('Teal.');
    expect(usersTextOf(world.provider, 'anthropic')).toContain('My colour is teal.');
  });

  test('fails a turn with bad_session when the transcript is gone, and begins anew in the next', async () => {
    await using world = await openCliWorld();
    await using session = await open(world);
    world.provider.script(['Noted.']);
    await takeTurn(session, 'My colour is teal.');
    await rm(join(world.agentDir, '.claude', 'projects'), { recursive: true });
    const lost = await takeTurn(session, 'Which colour?');
    expect(failureOf(lost.end)).toBe('bad_session');
    expect(lost.end.session).toBeNull();
    world.provider.script(['No idea.']);
    expect((await takeTurn(session, 'Which colour?')).text).toBe('No idea.');
  });

  test('gives up a provider that says nothing, and leaves no process behind', async () => {
    await using world = await openCliWorld();
    const started: ProgramHandle[] = [];
    await using session = await open(world, {}, { placement: recordStarts(started), silenceMs: 4000 });
    world.provider.script([replies.hang()]);
    expect(failureOf((await takeTurn(session, 'Hello')).end)).toBe('timeout');
    await started.at(-1)?.ended;
    world.provider.script(['Here.']);
    expect((await takeTurn(session, 'Hello?')).text).toBe('Here.');
    await started.at(-1)?.ended;
  });

  test('gives the program nothing but what it was given, and none of the files above it', async () => {
    await using world = await openCliWorld();
    await writeFile(join(world.agentDir, '..', 'CLAUDE.md'), 'Private: the operator likes teal.');
    await using session = await open(world, { systemPrompt: 'You are called Ada.' });
    world.provider.script(['Hello.', 'What do you mean?']);
    await takeTurn(session, 'Hello');
    const [first] = world.provider.calls('anthropic');
    expect(first?.credential?.value).toBe(KEY);
    expect(first?.system).toContain('You are called Ada.');
    expect(first?.rawBody).not.toContain('likes teal');
    await takeTurn(session, '/clear');
    expect(usersTextOf(world.provider, 'anthropic')).toContain('/clear');
  });

  test('knows the system prompt that is in force', async () => {
    await using world = await openCliWorld();
    const first = await open(world, { systemPrompt: 'You are called Ada.' });
    world.provider.script(['Hello.', 'Hello again.']);
    const { end } = await takeTurn(first, 'Hello');
    await using second = await open(world, { systemPrompt: 'You are called Grace.', resume: end.session });
    expect(second.isResumed).toBe(true);
    await takeTurn(second, 'Hello');
    const { system = '' } = world.provider.calls('anthropic').at(-1) ?? {};
    expect(system).toContain('You are called Grace.');
    expect(system).not.toContain('You are called Ada.');
  });

  describe('asked for permission', () => {
    test('does not ask again for what is allowed for the session', async () => {
      await using world = await openCliWorld();
      let asked = 0;
      const askPermission = (): Promise<PermissionDecision> => {
        asked++;
        return Promise.resolve({ kind: 'allow', scope: 'session' });
      };
      await using session = await open(world, { askPermission }, { asksOperator: true });
      const bash = replies.toolCall({ name: 'Bash', input: { command: 'touch made' } });
      world.provider.script([bash, 'Done.', bash, 'Done.']);
      await takeTurn(session, 'Make it');
      await takeTurn(session, 'Make it again');
      expect(asked).toBe(1);
    });

    test.each([
      ['runs what is allowed', { kind: 'allow', scope: 'once' }, true],
      ['does not run what is denied', { kind: 'deny', message: 'The operator said no' }, false],
    ] as const)('%s', async (_, decision: PermissionDecision, isRun) => {
      await using world = await openCliWorld();
      const requests: PermissionRequest[] = [];
      const askPermission = (request: PermissionRequest) => {
        requests.push(request);
        return Promise.resolve(decision);
      };
      await using session = await open(world, { askPermission }, { asksOperator: true });
      const input = { command: 'touch made' };
      world.provider.script([replies.toolCall({ name: 'Bash', input, id: 'toolu_b' }), 'So be it.']);
      const { events } = await takeTurn(session, 'Make it');
      expect(requests).toMatchObject([{ toolName: 'Bash', input }]);
      expect(existsSync(join(world.workspaceDir, 'made'))).toBe(isRun);
      expect(events).toContainEqual({ kind: 'tool_end', callId: 'toolu_b', isError: !isRun });
      const told = JSON.stringify(world.provider.calls('anthropic').at(-1)?.messages.at(-1)?.toolResults);
      if (!isRun) expect(told).toContain('The operator said no');
    });
  });
});

function recordStarts(started: ProgramHandle[]): ProgramPlacement {
  const host = createHostPlacement();
  return {
    async start(command) {
      const handle = await host.start(command);
      started.push(handle);
      return handle;
    },
  };
}
