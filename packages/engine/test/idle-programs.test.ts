// Several agents whose programs come and go: real processes, with a stand-in for Claude Code in them. spec: runtimes 5.2, 5.8
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '@puffo/testbed';
import { expect, test } from 'vitest';
import {
  createClaudeCodeEngine,
  createHostPlacement,
  createProgramVersions,
  type EngineSession,
  type ProgramHandle,
  type SessionRef,
} from '../src/index.ts';
import { takeTurn } from './kit/chat-cases.ts';

const STAND_IN = fileURLToPath(new URL('../fixtures/claude-code/stand-in-claude.mjs', import.meta.url));
const AGENTS = ['ada', 'ben', 'cleo', 'dan', 'eve', 'fay', 'gus', 'hal'];
// oxlint-disable-next-line node/no-process-env -- where programs are found, and nothing else of it
const PATH = process.env['PATH'] ?? '';

interface IdleWorld extends AsyncDisposable {
  /** Of all agents, oldest first, without those that only said their version. */
  readonly started: readonly ProgramHandle[];
  open(
    name: string,
    options?: { readonly idleShutdownMs?: number; readonly resume?: SessionRef },
  ): Promise<EngineSession>;
}

async function openWorld(): Promise<IdleWorld> {
  const root = await mkdtemp(join(tmpdir(), 'puffo-idle-'));
  const onHost = createHostPlacement();
  const started: ProgramHandle[] = [];
  const sessions: EngineSession[] = [];
  const versions = createProgramVersions();
  return {
    started,
    async open(name, { idleShutdownMs = 1, resume } = {}) {
      const agentDir = join(root, name);
      const workspaceDir = join(agentDir, 'workspace');
      await mkdir(workspaceDir, { recursive: true });
      const engine = createClaudeCodeEngine({
        program: STAND_IN,
        environment: { PATH, HOME: agentDir },
        workspaceDir,
        agentDir,
        versions,
        permissionMode: 'default',
        idleShutdownMs,
        silenceMs: 0,
        placement: {
          async start(command) {
            const handle = await onHost.start(command);
            if (!command.args.includes('--version')) started.push(handle);
            return handle;
          },
        },
      });
      const session = await engine.openSession({ systemPrompt: 'Be brief.', model: '', resume });
      sessions.push(session);
      return session;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function listRunning({ started }: IdleWorld): readonly number[] {
  return started.map(({ pid }) => pid).filter(isRunning);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('agents that are idle have no process, and each wakes with its own session', async () => {
  await using world = await openWorld();
  const sessions = await Promise.all(AGENTS.map((name) => world.open(name)));
  const first = await Promise.all(sessions.map((session, at) => takeTurn(session, `I am ${AGENTS[at]}`)));
  expect(first.map(({ texts }) => texts)).toEqual(AGENTS.map((name) => [`I am ${name}`]));
  expect(world.started.length).toBe(AGENTS.length);
  await waitFor(() => listRunning(world).length === 0, 'the end of all idle programs');
  const second = await Promise.all(sessions.map((session) => takeTurn(session, 'Who am I?')));
  expect(second.map(({ texts }) => texts)).toEqual(AGENTS.map((name) => [`I am ${name} | Who am I?`]));
  expect(world.started.length).toBe(2 * AGENTS.length);
  await waitFor(() => listRunning(world).length === 0, 'the end of all programs that are idle again');
});

test('an agent that is idle loses its process, and one that may stay keeps it', async () => {
  await using world = await openWorld();
  const staying = await world.open('staying', { idleShutdownMs: 0 });
  const leaving = await world.open('leaving');
  await takeTurn(staying, 'One');
  await takeTurn(leaving, 'One');
  const [kept, ended] = world.started.map(({ pid }) => pid);
  await waitFor(() => !isRunning(ended ?? 0), 'the end of the idle program');
  expect(listRunning(world)).toEqual([kept]);
  expect((await takeTurn(staying, 'Two')).texts).toEqual(['One | Two']);
  expect(world.started.length).toBe(2);
});

test('an agent that stopped while it was idle goes on with its session in another daemon', async () => {
  await using world = await openWorld();
  const session = await world.open('ada');
  const { end } = await takeTurn(session, 'One');
  await waitFor(() => listRunning(world).length === 0, 'the end of the idle program');
  await session[Symbol.asyncDispose]();
  const next = await world.open('ada', { resume: end.session });
  expect(next.isResumed).toBe(true);
  expect((await takeTurn(next, 'Two')).texts).toEqual(['One | Two']);
});
