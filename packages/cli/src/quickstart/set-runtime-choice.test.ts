import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@puffo/base';
import { createHome, type OperationContext } from '@puffo/daemon/home';
import { createAgent, setRuntime, showAgent } from '@puffo/daemon/operations';
import { expect, test } from 'vitest';
import type { RuntimeChoice } from './pick-runtime.ts';
import { setRuntimeChoice } from './set-runtime-choice.ts';

const CODEX: RuntimeChoice = { kind: 'program', harness: 'codex', provider: 'openai', name: 'Codex' };
const CLAUDE: RuntimeChoice = { kind: 'program', harness: 'claude-code', provider: 'anthropic', name: 'Claude Code' };

test.each([
  [CODEX, { kind: 'cli-local', harness: 'codex', provider: 'openai', model: '', offline: false }],
  [CLAUDE, { kind: 'cli-local', harness: 'claude-code', provider: 'anthropic', model: '', offline: false }],
  [{ kind: 'offline' } as const, { kind: 'chat-local', offline: true }],
])('a new agent gets what was found: %j', async (choice, runtime) => {
  await using machine = await createMachine();
  await setRuntimeChoice(machine.context, { id: 'x', choice, isNew: true });
  expect((await showAgent(machine.context, { id: 'x' })).runtime).toMatchObject(runtime);
});

test('an agent without an AI gets the program that was found since, and is told what that means', async () => {
  await using machine = await createMachine();
  await setRuntime(machine.context, { id: 'x', changes: { offline: true } });
  const told = await setRuntimeChoice(machine.context, { id: 'x', choice: CODEX, isNew: false });
  expect(told).toMatch(/^Codex, with your login; it runs commands on this machine without asking you/);
  expect(told).not.toContain('not an AI');
  expect((await showAgent(machine.context, { id: 'x' })).runtime).toMatchObject({ harness: 'codex', offline: false });
});

test('what somebody has chosen stays', async () => {
  await using machine = await createMachine();
  await setRuntime(machine.context, { id: 'x', changes: { provider: 'openai', model: 'gpt-4o-mini' } });
  const file = machine.context.home.agent('x').agentFile;
  const before = await readFile(file, 'utf8');
  const told = await setRuntimeChoice(machine.context, { id: 'x', choice: CLAUDE, isNew: false });
  expect(told).toBe("gpt-4o-mini of openai, as x's agent.yml says");
  expect(await readFile(file, 'utf8')).toBe(before);
});

async function createMachine() {
  const folder = await mkdtemp(join(tmpdir(), 'puffo-choice-'));
  const context: OperationContext = {
    home: createHome(join(folder, 'home')),
    environment: { PATH: '/usr/bin:/bin' },
    homeFolder: folder,
    platform: process.platform,
    now: systemClock,
    readArguments: () => Promise.resolve(undefined),
    warn: () => undefined,
    signal: new AbortController().signal,
  };
  await createAgent(context, {
    id: 'x',
    kind: 'chat-local',
    provider: '',
    model: '',
    apiKey: '',
    baseUrl: '',
    onMention: true,
    onDm: true,
    onChannel: false,
  });
  return { context, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
