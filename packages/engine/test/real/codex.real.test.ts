// The real codex from the npm registry against a fake provider. spec: runtimes 10.3, 12.6
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDeferred } from '@puffo/base';
import { replies, waitFor } from '@puffo/testbed';
import { expect, test } from 'vitest';
import type { AskPermission, EngineSession, PermissionRequest } from '../../src/index.ts';
import {
  CODEX_FAILURES,
  CODEX_KEY,
  CODEX_MODEL,
  type CodexWorld,
  createTestEngine,
  openCodexWorld,
  serveTools,
  STALE_REF,
  TOOL_TOKEN,
} from '../codex-world.ts';
import { describeCli, failureOf, findCli, recordTools, takeTurn, testConformance } from './kit.ts';

describeCli('the real codex', findCli(['.bin/codex']), (program) => {
  const open = (): Promise<CodexWorld> => openCodexWorld(program);

  testConformance((world) => ({
    api: 'openai-responses',
    model: CODEX_MODEL,
    staleRef: STALE_REF,
    failures: CODEX_FAILURES,
    openEngine: () => createTestEngine(program, world),
  }));

  test.each([CODEX_MODEL, 'gpt-5.5', 'a-model-of-a-gateway'])(
    'offers our tools in the first request of %s, and calls them without asking anybody',
    async (model) => {
      await using world = await open();
      await using tools = await serveTools(recordTools());
      const asked: PermissionRequest[] = [];
      const engine = world.makeEngine({ permissionMode: 'default' });
      await using session = await engine.openSession({
        systemPrompt: 'Be brief.',
        model,
        tools: tools.host,
        askPermission: answering('deny', asked),
      });
      const call = { name: 'mcp__puffo__send_message', input: { channel: 'c', text: 'Hello' } };
      world.provider.script([replies.toolCall({ ...call, id: 'call_1' }), 'Done.']);
      const { events, end } = await takeTurn(session, 'Say hello');
      expect(world.provider.requests[0]?.toolNames).toContain('mcp__puffo__send_message');
      expect(tools.host.calls).toMatchObject([
        { callId: expect.stringContaining('call_1'), name: 'send_message', input: call.input },
      ]);
      expect(events).toContainEqual({ kind: 'tool_start', callId: 'call_1', name: call.name, input: call.input });
      expect(events).toContainEqual({ kind: 'tool_end', callId: 'call_1', isError: false });
      expect(end.outcome).toEqual({ kind: 'ok' });
      expect(end.usage.inputTokens).toBeGreaterThan(0);
      expect(asked).toEqual([]);
    },
  );

  test('says that a tool failed when its answer says so', async () => {
    await using world = await open();
    await using tools = await serveTools(recordTools(() => ({ text: 'Cannot send: no such channel', isError: true })));
    await using session = await world.makeEngine().openSession({ ...PLAIN, tools: tools.host });
    const call = { name: 'mcp__puffo__send_message', input: { channel: 'c', text: 'Hi' }, id: 'call_1' };
    world.provider.script([replies.toolCall(call), 'It did not work.']);
    const { events } = await takeTurn(session, 'Say hello');
    expect(events).toContainEqual({ kind: 'tool_end', callId: 'call_1', isError: true });
  });

  test('mcp-tools 16: does not begin a session without its tools', async () => {
    await using world = await open();
    await using tools = await serveTools(recordTools());
    const endpoint = { url: 'http://127.0.0.1:9/v1/mcp/agent', token: TOOL_TOKEN };
    const opening = world.makeEngine().openSession({ ...PLAIN, tools: { ...tools.host, endpoint } });
    await expect(opening).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('puffo') });
  });

  test('mcp-tools 2, 7: has no key and no token in its arguments, its files, and the commands of the model', async () => {
    await using world = await open();
    await using tools = await serveTools(recordTools());
    await using session = await world.makeEngine().openSession({ ...PLAIN, tools: tools.host });
    world.provider.script([runs('env'), 'Done.']);
    await takeTurn(session, 'Look around');
    const results = JSON.stringify(world.provider.calls('openai-responses').at(-1)?.raw?.['input']);
    expect(results).toContain('CODEX_HOME=');
    expect(results).not.toContain(CODEX_KEY);
    expect(results).not.toContain(TOOL_TOKEN);
    const [program] = world.programs;
    const line = await readFile(`/proc/${program?.pid}/cmdline`, 'utf8');
    expect(line).toContain('app-server');
    expect(line).not.toContain(CODEX_KEY);
    expect(line).not.toContain(TOOL_TOKEN);
  });

  test('runtimes 63: goes on with a session after its program was killed in the middle of a turn', async () => {
    await using world = await open();
    await using session = await world.makeEngine().openSession(PLAIN);
    world.provider.script(['Noted.']);
    await takeTurn(session, 'My colour is teal.');
    world.provider.script([replies.hang()]);
    const running = takeTurn(session, 'Take your time');
    await world.provider.waitFor(({ rawBody }) => rawBody.includes('Take your time'));
    killGroup(world);
    expect(failureOf((await running).end)).toBe('crashed');
    world.provider.script(['Teal.']);
    const { end } = await takeTurn(session, 'Which colour?');
    expect(end.outcome).toEqual({ kind: 'ok' });
    expect(lastInput(world)).toContain('My colour is teal.');
    expect(world.programs).toHaveLength(2);
  });

  test('ends its program when it is idle, and comes back with its session', async () => {
    await using world = await open();
    await using session = await world.makeEngine({ idleShutdownMs: 50 }).openSession(PLAIN);
    world.provider.script(['Noted.', 'Teal.']);
    await takeTurn(session, 'My colour is teal.');
    await world.programs.at(-1)?.ended;
    await takeTurn(session, 'Which colour?');
    expect(lastInput(world)).toContain('My colour is teal.');
  });

  test('runtimes 63: says bad_session when the thread is gone, and goes on in a new one', async () => {
    await using world = await open();
    await using session = await world.makeEngine().openSession(PLAIN);
    world.provider.script(['Noted.', 'Which?']);
    await takeTurn(session, 'My colour is teal.');
    await world.programs[0]?.stop();
    await forgetThreads(world);
    const lost = await takeTurn(session, 'Which colour?');
    expect(failureOf(lost.end)).toBe('bad_session');
    expect((await takeTurn(session, 'Which colour?')).end.outcome).toEqual({ kind: 'ok' });
    expect(lastInput(world)).not.toContain('teal');
  });

  test('keeps the session when codex does not start for another reason', async () => {
    await using world = await open();
    const engine = world.makeEngine();
    const first = await engine.openSession(PLAIN);
    world.provider.script(['Noted.', 'Teal.']);
    const { end } = await takeTurn(first, 'My colour is teal.');
    await first[Symbol.asyncDispose]();
    const config = join(world.agentDir, '.codex', 'config.toml');
    await writeFile(config, 'model = = 1\n');
    const opening = engine.openSession({ ...PLAIN, resume: end.session });
    await expect(opening).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('config.toml'),
    });
    await writeFile(config, '');
    await using second = await engine.openSession({ ...PLAIN, resume: end.session });
    expect(second.isResumed).toBe(true);
    await takeTurn(second, 'Which colour?');
    expect(lastInput(world)).toContain('My colour is teal.');
  });

  test('takes a changed prompt into a session that goes on', async () => {
    await using world = await open();
    const engine = world.makeEngine();
    const first = await engine.openSession({ ...PLAIN, systemPrompt: 'You are Ada.' });
    world.provider.script(['Noted.', 'Grace.']);
    const { end } = await takeTurn(first, 'Hello');
    expect(lastInput(world)).toContain('You are Ada.');
    await first[Symbol.asyncDispose]();
    await using second = await engine.openSession({ ...PLAIN, systemPrompt: 'You are Grace.', resume: end.session });
    await takeTurn(second, 'Who are you?');
    expect(lastInput(world)).toMatch(/replace all previously provided.*You are Grace\./s);
  });

  test('takes another model into a session that goes on', async () => {
    await using world = await open();
    const engine = world.makeEngine();
    const first = await engine.openSession(PLAIN);
    world.provider.script(['Noted.', 'Teal.']);
    const { end } = await takeTurn(first, 'My colour is teal.');
    await first[Symbol.asyncDispose]();
    await using second = await engine.openSession({ ...PLAIN, model: 'gpt-5.5', resume: end.session });
    await takeTurn(second, 'Which colour?');
    expect(world.provider.calls('openai-responses').at(-1)?.model).toBe('gpt-5.5');
    expect(lastInput(world)).toContain('My colour is teal.');
  });

  test('goes on with its session after a login was renewed', async () => {
    await using world = await open();
    await using session = await world.makeEngine().openSession(PLAIN);
    world.provider.script(['Noted.']);
    await takeTurn(session, 'My colour is teal.');
    world.provider.respond(() => replies.error('authentication'));
    expect(failureOf((await takeTurn(session, 'Which colour?')).end)).toBe('auth');
    world.provider.respond(() => 'Teal.');
    expect((await takeTurn(session, 'Which colour?')).text).toBe('Teal.');
    expect(lastInput(world)).toContain('My colour is teal.');
  });

  test('shows no instructions of the operator from folders above, and those of the workspace', async () => {
    await using world = await open();
    await mkdir(join(world.agentDir, '.git'));
    await writeFile(join(world.agentDir, 'AGENTS.md'), 'Of the operator.');
    await writeFile(join(world.workspaceDir, 'AGENTS.md'), 'Of the workspace.');
    await using session = await world.makeEngine().openSession(PLAIN);
    world.provider.script(['Hi.']);
    await takeTurn(session, 'Hello');
    expect(lastInput(world)).toContain('Of the workspace.');
    expect(lastInput(world)).not.toContain('Of the operator.');
  });

  test('replaces a server of ours that an earlier version wrote, and keeps the rest of the file', async () => {
    await using world = await open();
    await using tools = await serveTools(recordTools());
    const rest = '# Mine\nmodel_verbosity = "low"\n';
    await mkdir(join(world.agentDir, '.codex'));
    const config = join(world.agentDir, '.codex', 'config.toml');
    await writeFile(config, `${rest}[mcp_servers.puffo]\ncommand = "python3"\nargs = ["-m", "old"]\n`);
    await using session = await world.makeEngine().openSession({ ...PLAIN, tools: tools.host });
    expect(session.isResumed).toBe(false);
    expect(await readFile(config, 'utf8')).toBe(rest);
  });

  test.each([
    [401, 'auth'],
    [429, 'rate_limited'],
    [500, 'server_error'],
    [529, 'overloaded'],
  ] as const)('takes a %i of the provider for %s', async (status, failureClass) => {
    await using world = await open();
    await using session = await world.makeEngine().openSession(PLAIN);
    world.provider.respond(() => replies.error('overloaded', { status }));
    const { end } = await takeTurn(session, 'Hello');
    expect(failureOf(end)).toBe(failureClass);
    expect(JSON.stringify(end)).not.toContain(CODEX_KEY);
  });

  test('says that a session is too large, and makes room in the next turn', async () => {
    await using world = await open();
    await using session = await world.makeEngine().openSession(PLAIN);
    world.provider.script([replies.error('prompt_too_long'), 'A summary of it all.', 'Here.']);
    expect(failureOf((await takeTurn(session, 'Hello')).end)).toBe('input_too_large');
    expect((await takeTurn(session, 'And now?')).text).toBe('Here.');
    expect(lastInput(world)).toContain('A summary of it all.');
  });

  test('says that an input is more than it takes, and goes on', async () => {
    await using world = await open();
    await using session = await world.makeEngine().openSession(PLAIN);
    expect(failureOf((await takeTurn(session, 'x'.repeat(2_000_000))).end)).toBe('input_too_large');
    world.provider.script(['Here.']);
    expect((await takeTurn(session, 'Still there?')).text).toBe('Here.');
  });

  test('gives up when the provider cannot be reached at all', async () => {
    await using world = await open();
    const gateway = { baseUrl: 'http://127.0.0.1:9/v1', keyVariable: 'OPENAI_API_KEY' };
    await using session = await world.makeEngine({ gateway }).openSession(PLAIN);
    expect(failureOf((await takeTurn(session, 'Hello')).end)).toBe('network');
  });

  test('runtimes 63: interrupts a turn in which nothing is heard', async () => {
    await using world = await open();
    await using session = await world.makeEngine({ silenceMs: 1000 }).openSession(PLAIN);
    world.provider.script([replies.hang(), 'Here.']);
    expect(failureOf((await takeTurn(session, 'Hello')).end)).toBe('timeout');
    expect((await takeTurn(session, 'Still there?')).text).toBe('Here.');
  });

  test('runtimes 64: asks before a command, shows exactly which, and runs it when it may', async () => {
    await using world = await open();
    const asked: PermissionRequest[] = [];
    await using session = await openAsking(world, 'default', answering('allow', asked));
    world.provider.script([runs('touch made.txt'), 'Done.']);
    await takeTurn(session, 'Make it');
    expect(asked).toMatchObject([{ toolName: 'shell', input: { cwd: world.workspaceDir } }]);
    expect(JSON.stringify(asked[0]?.input)).toContain('touch made.txt');
    await expect(access(join(world.workspaceDir, 'made.txt'))).resolves.toBeUndefined();
  });

  test('does not run what was denied, and goes on', async () => {
    await using world = await open();
    const asked: PermissionRequest[] = [];
    await using session = await openAsking(world, 'default', answering('deny', asked));
    world.provider.script([runs('touch made.txt'), 'I may not.']);
    const { events, text, end } = await takeTurn(session, 'Make it');
    expect(asked).toHaveLength(1);
    expect(events).toContainEqual(expect.objectContaining({ kind: 'tool_end', isError: true }));
    expect([text, end.outcome]).toEqual(['I may not.', { kind: 'ok' }]);
    await expect(access(join(world.workspaceDir, 'made.txt'))).rejects.toThrow('ENOENT');
  });

  test('runs nothing when there is nobody to ask', async () => {
    await using world = await open();
    await using session = await openAsking(world, 'default', undefined);
    world.provider.script([runs('touch made.txt'), 'I may not.']);
    await takeTurn(session, 'Make it');
    await expect(access(join(world.workspaceDir, 'made.txt'))).rejects.toThrow('ENOENT');
  });

  test('changes files of the workspace freely with acceptEdits, and asks elsewhere', async () => {
    await using world = await open();
    const asked: PermissionRequest[] = [];
    await using session = await openAsking(world, 'acceptEdits', answering('deny', asked));
    const outside = join(world.agentDir, 'outside.txt');
    world.provider.script([adds('inside.txt'), adds(outside), 'Done.']);
    await takeTurn(session, 'Change it');
    await expect(access(join(world.workspaceDir, 'inside.txt'))).resolves.toBeUndefined();
    await expect(access(outside)).rejects.toThrow('ENOENT');
    expect(asked).toMatchObject([{ toolName: 'apply_patch', input: { changes: [{ path: outside }] } }]);
  });

  test('calls off a turn that waits for an answer, and its question', async () => {
    await using world = await open();
    const abort = new AbortController();
    let isCalledOff = false;
    await using session = await openAsking(world, 'default', async (_, signal) => {
      signal.addEventListener('abort', () => (isCalledOff = true));
      abort.abort();
      return new Promise(() => undefined);
    });
    world.provider.script([runs('touch made.txt'), 'Here.']);
    expect((await takeTurn(session, 'Make it', { signal: abort.signal })).end.outcome).toEqual({ kind: 'cancelled' });
    expect(isCalledOff).toBe(true);
    expect((await takeTurn(session, 'Still there?')).text).toBe('Here.');
    await expect(access(join(world.workspaceDir, 'made.txt'))).rejects.toThrow('ENOENT');
  });

  test('takes more text while a turn runs, and says when it is too late', async () => {
    await using world = await open();
    await using session = await world.makeEngine().openSession(PLAIN);
    const answer = createDeferred<void>();
    world.provider.script([replies.text('First.', { startAfter: answer.promise }), 'Both.']);
    const running = takeTurn(session, 'First');
    await world.provider.waitFor(({ rawBody }) => rawBody.includes('First'));
    expect(await session.steer?.('And second')).toBe(true);
    answer.resolve();
    expect((await running).text).toContain('Both.');
    expect(lastInput(world)).toContain('And second');
    expect(await session.steer?.('And third')).toBe(false);
  });

  test('makes room in its context', async () => {
    await using world = await open();
    await using session = await world.makeEngine().openSession(PLAIN);
    world.provider.respond(() => 'A summary of it all.');
    await takeTurn(session, 'Hello');
    expect(await session.compact?.(new AbortController().signal)).toBe(true);
    await takeTurn(session, 'Go on');
    expect(lastInput(world)).toContain('A summary of it all.');
  });

  test('leaves no process behind, also none of a command', async () => {
    await using world = await open();
    const session = await world.makeEngine().openSession(PLAIN);
    world.provider.script([runs('sleep 300 & echo $! > pid.part && mv pid.part pid.txt; sleep 300')]);
    const running = takeTurn(session, 'Wait');
    const file = join(world.workspaceDir, 'pid.txt');
    const sleeper = Number(await waitFor(() => readFile(file, 'utf8').catch(() => undefined), 'a command'));
    expect(await isRunning(sleeper)).toBe(true);
    await session[Symbol.asyncDispose]();
    await running;
    await waitFor(async () => !(await isRunning(sleeper)), 'the end of the command');
    const [program] = world.programs;
    expect(() => process.kill(-(program?.pid ?? 0), 0)).toThrow('ESRCH');
  });
});

const PLAIN = { systemPrompt: 'Be brief.', model: CODEX_MODEL };

function openAsking(
  world: CodexWorld,
  permissionMode: string,
  askPermission: AskPermission | undefined,
): Promise<EngineSession> {
  return world.makeEngine({ permissionMode }).openSession({ ...PLAIN, askPermission });
}

function answering(answer: 'allow' | 'deny', asked: PermissionRequest[]): AskPermission {
  return async (request) => {
    asked.push(request);
    return answer === 'allow' ? { kind: 'allow', scope: 'once' } : { kind: 'deny', message: 'No' };
  };
}

/** How models of today run commands: from a script. */
function runs(command: string) {
  const script = `text(await tools.exec_command({ cmd: ${JSON.stringify(command)} }));`;
  return replies.toolCall({ name: 'exec', input: { input: script } });
}

function adds(path: string) {
  const patch = `*** Begin Patch\n*** Add File: ${path}\n+hi\n*** End Patch\n`;
  const script = `text(await tools.apply_patch(${JSON.stringify(patch)}));`;
  return replies.toolCall({ name: 'exec', input: { input: script } });
}

function lastInput({ provider }: CodexWorld): string {
  return JSON.stringify(provider.calls('openai-responses').at(-1)?.raw?.['input']).replaceAll('\\n', '\n');
}

/** What has ended and is not yet collected counts as ended. */
async function isRunning(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return state !== undefined && !state.includes(') Z ');
}

function killGroup({ programs }: CodexWorld): void {
  const pid = programs.at(-1)?.pid;
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

async function forgetThreads({ agentDir }: CodexWorld): Promise<void> {
  const folder = join(agentDir, '.codex');
  for (const name of await readdir(folder)) {
    if (name !== 'config.toml') await rm(join(folder, name), { recursive: true, force: true });
  }
}
