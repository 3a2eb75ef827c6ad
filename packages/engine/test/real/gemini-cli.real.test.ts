import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replies, waitFor } from '@puffo/testbed';
import { expect, test } from 'vitest';
import { type AskPermission, engineChecks, type PermissionRequest } from '../../src/index.ts';
import {
  type GeminiWorld,
  KEY,
  MODEL,
  openGeminiWorld,
  SEARCH_PATH,
  seenFromUsers,
  serveTools,
} from '../gemini-world.ts';
import { takeTurn } from '../kit/chat-cases.ts';
import { describeCli, findCli } from './kit.ts';

const CLI = findCli(['.bin/gemini']);

const NAMES = engineChecks.map(({ name, run }) => ({ name, run }));
const SESSION = { systemPrompt: 'Be brief.', model: MODEL };

describeCli('Gemini CLI', CLI, (program) => {
  test.each(NAMES)('$name', async ({ run }) => {
    await using world = await openGeminiWorld(program);
    await expect(run(world.harness())).resolves.toBeUndefined();
    expect(world.provider.unexpected).toEqual([]);
  });

  test('runtimes 66, mcp-tools 7: calls a tool of the daemon, and says how it went', async () => {
    await using world = await openGeminiWorld(program);
    await using tools = await serveTools();
    await using session = await world.createEngine().openSession({ ...SESSION, tools: tools.host });
    world.provider.script([callSend('hello'), callSend('nothing'), 'Done.']);
    const { events, end, texts } = await takeTurn(session, 'Say hello');
    expect(end.outcome).toEqual({ kind: 'ok' });
    expect(texts).toEqual(['Done.']);
    expect(tools.calls.map(({ input }) => input)).toEqual([{ text: 'hello' }, { text: 'nothing' }]);
    const begun = events.filter((event) => event.kind === 'tool_start');
    expect(begun.map(({ name, input }) => ({ name, input }))).toEqual([
      { name: 'mcp_puffo_send_message', input: { text: 'hello' } },
      { name: 'mcp_puffo_send_message', input: { text: 'nothing' } },
    ]);
    const ends = events.filter((event) => event.kind === 'tool_end');
    expect(ends.map(({ isError }) => isError)).toEqual([false, true]);
  });

  test('runtimes 66: goes on after it was killed in the middle of a turn, with its tools and without what was not answered', async () => {
    await using world = await openGeminiWorld(program);
    await using tools = await serveTools();
    const engine = world.createEngine();
    const session = await engine.openSession({ ...SESSION, tools: tools.host });
    world.provider.script([callSend('hello'), 'Teal it is.', replies.hang()]);
    await takeTurn(session, 'My colour is teal');
    const killed = takeTurn(session, 'This is never answered');
    await waitFor(() => world.provider.calls('google').length === 3, 'the third question to the model');
    process.kill(-(world.started[0]?.handle.pid ?? 0), 'SIGKILL');
    const { failure, end } = await killed;
    expect(failure?.failureClass).toBe('crashed');
    await session[Symbol.asyncDispose]();

    await using again = await world.createEngine().openSession({ ...SESSION, resume: end.session, tools: tools.host });
    expect(again.isResumed).toBe(true);
    world.provider.script([callSend('again'), 'Teal.']);
    expect((await takeTurn(again, 'Which colour?')).texts).toEqual(['Teal.']);
    expect(seenFromUsers(world.provider)).toContain('My colour is teal');
    expect(seenFromUsers(world.provider)).not.toContain('This is never answered');
    expect(world.provider.unexpected).toEqual([]);
  });

  test('starts again by itself after it was killed between two turns, and knows what was said', async () => {
    await using world = await openGeminiWorld(program);
    await using session = await world.createEngine().openSession(SESSION);
    world.provider.script(['Noted.', 'Teal.']);
    await takeTurn(session, 'My colour is teal');
    const [first] = world.started;
    process.kill(-(first?.handle.pid ?? 0), 'SIGKILL');
    await first?.handle.ended;
    expect((await takeTurn(session, 'Which colour?')).texts).toEqual(['Teal.']);
    expect(seenFromUsers(world.provider)).toContain('My colour is teal');
    expect(world.started).toHaveLength(2);
  });

  test('keeps a session through several restarts in the same minute', async () => {
    await using world = await openGeminiWorld(program);
    let ref: Awaited<ReturnType<typeof takeTurn>>['end']['session'] | undefined;
    for (const word of ['one', 'two', 'three']) {
      const session = await world.createEngine().openSession({ ...SESSION, resume: ref });
      expect(session.isResumed).toBe(ref !== undefined);
      world.provider.script([`Noted ${word}.`]);
      ref = (await takeTurn(session, `Word ${word}`)).end.session;
      await session[Symbol.asyncDispose]();
    }
    expect(seenFromUsers(world.provider)).toMatch(/Word one[^]*Word two[^]*Word three/);
  });

  test('says that a session is bad when it is gone, and begins a new one with the next turn', async () => {
    await using world = await openGeminiWorld(program);
    const engine = world.createEngine();
    const session = await engine.openSession(SESSION);
    world.provider.script(['Noted.', 'Hello.']);
    await takeTurn(session, 'My colour is teal');
    await killAndForget(world);
    expect((await takeTurn(session, 'Which colour?')).failure?.failureClass).toBe('bad_session');
    expect((await takeTurn(session, 'Hello')).texts).toEqual(['Hello.']);
    await session[Symbol.asyncDispose]();
  });

  test('tells how long the provider wants to be left alone, and does not ask again by itself', async () => {
    await using world = await openGeminiWorld(program);
    await using session = await world.createEngine().openSession(SESSION);
    world.provider.script([replies.error('rate_limit', { retryAfterSeconds: 7 })]);
    const { failure } = await takeTurn(session, 'Hello');
    expect(failure).toMatchObject({ failureClass: 'rate_limited', httpStatus: 429, retryAfterMs: 7000 });
    expect(world.provider.calls('google')).toHaveLength(1);
  });

  test('takes a wrong key for what it is, and keeps it out of the detail', async () => {
    await using world = await openGeminiWorld(program);
    await using session = await world.createEngine().openSession(SESSION);
    world.provider.script([replies.error('invalid_key', { message: `API key not valid: ${KEY}` })]);
    const { failure } = await takeTurn(session, 'Hello');
    expect(failure?.failureClass).toBe('auth');
    expect(failure?.detail).not.toContain(KEY);
  });

  test('fails with auth when there is no key', async () => {
    await using world = await openGeminiWorld(program);
    const environment = { PATH: SEARCH_PATH, HOME: world.agentDir };
    await using session = await world.createEngine({ environment }).openSession(SESSION);
    expect((await takeTurn(session, 'Hello')).failure?.failureClass).toBe('auth');
  });
});

describeCli('Gemini CLI, asking for permission', CLI, (program) => {
  const decisions: readonly [string, Awaited<ReturnType<AskPermission>>, boolean][] = [
    ['does not run a command that was denied', { kind: 'deny', message: 'No' }, false],
    ['runs a command that was allowed', { kind: 'allow', scope: 'once' }, true],
  ];

  test.each(decisions)('%s', async (_, decision, isRun) => {
    await using world = await openGeminiWorld(program);
    const asked: PermissionRequest[] = [];
    const session = await world.createEngine().openSession({
      ...SESSION,
      askPermission(request) {
        asked.push(request);
        return Promise.resolve(decision);
      },
    });
    world.provider.script([callShell('touch made.txt'), 'Done.']);
    const { events, end } = await takeTurn(session, 'Make a file');
    expect(end.outcome).toEqual({ kind: 'ok' });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ toolName: 'run_shell_command', description: 'touch made.txt' });
    expect(existsSync(join(world.workspaceDir, 'made.txt'))).toBe(isRun);
    expect(events.find((event) => event.kind === 'tool_end')).toMatchObject({ isError: !isRun });
    await session[Symbol.asyncDispose]();
  });

  test('can be resumed after a command was denied', async () => {
    await using world = await openGeminiWorld(program);
    const session = await world.createEngine().openSession(SESSION);
    world.provider.script([callShell('touch made.txt'), 'Not done.']);
    const { end } = await takeTurn(session, 'Make a file');
    await session[Symbol.asyncDispose]();
    await using again = await world.createEngine().openSession({ ...SESSION, resume: end.session });
    world.provider.script(['Because it was denied.']);
    expect((await takeTurn(again, 'Why?')).texts).toEqual(['Because it was denied.']);
    expect(seenFromUsers(world.provider)).toContain('Make a file');
  });

  test('asks once for what is allowed as long as the session lasts', async () => {
    await using world = await openGeminiWorld(program);
    let count = 0;
    const session = await world.createEngine().openSession({
      ...SESSION,
      askPermission() {
        count++;
        return Promise.resolve({ kind: 'allow', scope: 'session' });
      },
    });
    world.provider.script([callShell('touch one.txt'), callShell('touch two.txt'), 'Done.']);
    expect((await takeTurn(session, 'Make two files')).texts).toEqual(['Done.']);
    expect(count).toBe(1);
    expect(existsSync(join(world.workspaceDir, 'two.txt'))).toBe(true);
    await session[Symbol.asyncDispose]();
  });

  test('denies what it would ask when there is nobody to ask', async () => {
    await using world = await openGeminiWorld(program);
    await using session = await world.createEngine().openSession(SESSION);
    world.provider.script([callShell('touch made.txt'), 'Not done.']);
    expect((await takeTurn(session, 'Make a file')).texts).toEqual(['Not done.']);
    expect(existsSync(join(world.workspaceDir, 'made.txt'))).toBe(false);
  });

  test('gives up its question when the turn is called off, and goes on afterwards', async () => {
    await using world = await openGeminiWorld(program);
    const gone: boolean[] = [];
    const abort = new AbortController();
    await using session = await world.createEngine().openSession({
      ...SESSION,
      async askPermission(_, signal) {
        abort.abort();
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        gone.push(signal.aborted);
        return { kind: 'allow', scope: 'once' };
      },
    });
    world.provider.script([callShell('touch made.txt')]);
    expect((await takeTurn(session, 'Make a file', abort.signal)).end.outcome.kind).toBe('cancelled');
    expect(gone).toEqual([true]);
    expect(existsSync(join(world.workspaceDir, 'made.txt'))).toBe(false);
    world.provider.script(['Here.']);
    expect((await takeTurn(session, 'Still there?')).texts).toEqual(['Here.']);
    expect(world.provider.unexpected).toEqual([]);
  });

  test('asks nothing with bypassPermissions', async () => {
    await using world = await openGeminiWorld(program);
    await using session = await world.createEngine({ permissionMode: 'bypassPermissions' }).openSession(SESSION);
    world.provider.script([callShell('touch made.txt'), 'Done.']);
    expect((await takeTurn(session, 'Make a file')).texts).toEqual(['Done.']);
    expect(existsSync(join(world.workspaceDir, 'made.txt'))).toBe(true);
  });

  test('writes files without a question with acceptEdits, and asks before it runs a command', async () => {
    await using world = await openGeminiWorld(program);
    const asked: string[] = [];
    await using session = await world.createEngine({ permissionMode: 'acceptEdits' }).openSession({
      ...SESSION,
      askPermission({ toolName }) {
        asked.push(toolName);
        return Promise.resolve({ kind: 'deny', message: '' });
      },
    });
    const path = join(world.workspaceDir, 'written.txt');
    const write = replies.toolCall({ name: 'write_file', input: { file_path: path, content: 'hello' } });
    world.provider.script([write, callShell('touch made.txt'), 'Done.']);
    await takeTurn(session, 'Write');
    expect(asked).toEqual(['run_shell_command']);
    expect(await readFile(path, 'utf8')).toBe('hello');
  });
});

describeCli('Gemini CLI, in its folder', CLI, (program) => {
  test('has the prompt as a system instruction, names and all, and nothing of it on the command line', async () => {
    await using world = await openGeminiWorld(program);
    const systemPrompt = 'You help @alice and `@bob`. See @settings.json of nobody.';
    await using session = await world.createEngine().openSession({ ...SESSION, systemPrompt });
    world.provider.script(['Hello.']);
    await takeTurn(session, 'A secret question');
    expect(world.provider.calls('google')[0]?.system).toContain(systemPrompt);
    const line = JSON.stringify(world.started[0]?.command.args);
    expect(line).not.toContain('alice');
    expect(line).not.toContain('secret');
  });

  test('takes nothing from the folders above, and no tools from settings that the agent wrote', async () => {
    await using world = await openGeminiWorld(program);
    await using tools = await serveTools();
    await writeFile(join(world.operatorDir, 'GEMINI.md'), 'OPERATOR-NOTES');
    await writeFile(join(world.operatorDir, '.env'), 'OPERATOR_SECRET=leaked\n');
    await mkdir(join(world.workspaceDir, '.gemini'));
    const own = { mcpServers: { puffo: { command: 'false' } }, tools: { allowed: ['run_shell_command'] } };
    await writeFile(join(world.workspaceDir, '.gemini', 'settings.json'), JSON.stringify(own));
    const engine = world.createEngine({ permissionMode: 'bypassPermissions' });
    await using session = await engine.openSession({ ...SESSION, tools: tools.host });
    world.provider.script([callSend('hello'), callShell('env > seen.txt'), 'Done.']);
    await takeTurn(session, 'Hello');
    expect(tools.calls).toHaveLength(1);
    expect(JSON.stringify(world.provider.calls('google').map(({ raw }) => raw))).not.toContain('OPERATOR-NOTES');
    expect(await readFile(join(world.workspaceDir, 'seen.txt'), 'utf8')).not.toContain('OPERATOR_SECRET');
  });

  test('hears a message that looks like an order to the program', async () => {
    await using world = await openGeminiWorld(program);
    await using session = await world.createEngine().openSession(SESSION);
    world.provider.script(['I cannot help.']);
    expect((await takeTurn(session, '/help me')).texts).toEqual(['I cannot help.']);
    expect(seenFromUsers(world.provider)).toContain('/help me');
  });

  test('is interrupted when it says nothing for too long, and goes on with the next turn', async () => {
    await using world = await openGeminiWorld(program);
    await using session = await world.createEngine({ silenceMs: 3000 }).openSession(SESSION);
    world.provider.script([replies.hang(), 'Here.']);
    expect((await takeTurn(session, 'Hello')).failure?.failureClass).toBe('timeout');
    expect((await takeTurn(session, 'Still there?')).texts).toEqual(['Here.']);
  });

  test('runs only as long as it is wanted, and wakes up with its session', async () => {
    await using world = await openGeminiWorld(program);
    await using session = await world.createEngine({ idleShutdownMs: 50 }).openSession(SESSION);
    world.provider.script(['Noted.', 'Teal.']);
    await takeTurn(session, 'My colour is teal');
    const [first] = world.started;
    await first?.handle.ended;
    expect(() => process.kill(-(first?.handle.pid ?? 0), 0)).toThrow('ESRCH');
    expect((await takeTurn(session, 'Which colour?')).texts).toEqual(['Teal.']);
    expect(seenFromUsers(world.provider)).toContain('My colour is teal');
  });

  test('keeps reports about failures, with the conversation in them, in the folder of the agent', async () => {
    await using world = await openGeminiWorld(program);
    await using session = await world.createEngine().openSession(SESSION);
    world.provider.script([replies.error('server_error')]);
    await takeTurn(session, 'Hello');
    expect(await readdir(join(world.agentDir, '.gemini', 'puffo-tmp'))).toHaveLength(1);
  });
});

function callSend(text: string) {
  return replies.toolCall({ name: 'mcp_puffo_send_message', input: { text } });
}

function callShell(command: string) {
  return replies.toolCall({ name: 'run_shell_command', input: { command } });
}

async function killAndForget(world: GeminiWorld): Promise<void> {
  const handle = world.started.at(-1)?.handle;
  process.kill(-(handle?.pid ?? 0), 'SIGKILL');
  await handle?.ended;
  const root = join(world.agentDir, '.gemini', 'tmp');
  for (const project of await readdir(root)) {
    const chats = join(root, project, 'chats');
    for (const name of await readdir(chats)) await writeFile(join(chats, name), '');
  }
}
