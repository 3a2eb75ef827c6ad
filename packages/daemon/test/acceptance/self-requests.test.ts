// What an agent, or a person by a file, asks for takes effect with the next turn. spec: runtimes 5.11, mcp-tools 7.1, 7.2
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { scriptedTurns } from '@puffo/engine';
import { waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import { engineThat } from '../kit/tool-using-engine.ts';
import { startWorkerWorld, type WorkerWorld } from '../worker/worker-world.ts';
import { ask, folderOf, textsTo } from './kit.ts';

const PROMPT_FILES = ['.claude/CLAUDE.md', '.gemini/GEMINI.md', '.codex/AGENTS.md'];

describe('a change of the role', () => {
  test('runtimes 51, mcp-tools 43: reaches the next turn after reload.flag, with what was said before, and all prompt files', async () => {
    await using world = await startWithRole('You are a gardener.');
    world.engine.respond(() => scriptedTurns.text('yes'));
    await askAndHear(world, 'my name is Alice');
    await writeFile(join(folderOf(world), 'profile.md'), 'You are a sailor.');
    await askAndHear(world, 'not yet');
    await writeFlag(world, 'reload.flag', '{"requested_at": 1}\n');
    await askAndHear(world, 'what is my name?');
    const [first, second, third] = world.engine.turns;
    expect([first, second].map((turn) => turn?.systemPrompt.includes('You are a gardener.'))).toEqual([true, true]);
    expect(third?.systemPrompt).toContain('You are a sailor.');
    expect(third?.systemPrompt).not.toContain('gardener');
    expect(third?.seen.join('\n')).toContain('my name is Alice');
    for (const file of PROMPT_FILES) {
      expect(await readFile(join(folderOf(world), file), 'utf8')).toContain('You are a sailor.');
    }
    await expectNoFlag(world, 'reload.flag');
  });

  test('runtimes 51: reaches the next turn when the agent asks for it with its tool', async () => {
    const prompts: string[] = [];
    const engine = engineThat(async ({ session, call }) => {
      prompts.push(session.systemPrompt);
      if (prompts.length === 1) await call('reload_system_prompt', {});
      return `turn ${prompts.length}`;
    });
    await using world = await startWorkerWorld({ openEngine: () => Promise.resolve({ engine, model: 'm' }) });
    await writeRole(world, 'You are a gardener.');
    await world.start({ runtime: { ...world.config().runtime, tools: true } });
    await askAndHear(world, 'one');
    await writeFile(join(folderOf(world), 'profile.md'), 'You are a sailor.');
    await askAndHear(world, 'two');
    expect(prompts.map((prompt) => prompt.includes('You are a sailor.'))).toEqual([false, true]);
  });

  test('mcp-tools 56: what the agent notes down is in its prompt after a reload', async () => {
    const prompts: string[] = [];
    const engine = engineThat(async ({ session, call }) => {
      prompts.push(session.systemPrompt);
      if (prompts.length > 1) return 'done';
      await call('write_memory', { topic: 'garden', content: 'The roses are red.' });
      await call('reload_system_prompt', {});
      return 'noted';
    });
    await using world = await startWorkerWorld({ openEngine: () => Promise.resolve({ engine, model: 'm' }) });
    await world.start({ runtime: { ...world.config().runtime, tools: true } });
    await askAndHear(world, 'one');
    await askAndHear(world, 'two');
    expect(prompts.map((prompt) => prompt.includes('The roses are red.'))).toEqual([false, true]);
  });

  test('mcp-tools 43: that cannot be read does not keep the turn, and the flag is gone all the same', async () => {
    await using world = await startWithRole('You are a gardener.');
    world.engine.respond(() => scriptedTurns.text('yes'));
    await askAndHear(world, 'one');
    await mkdir(join(folderOf(world), 'elsewhere'));
    world.worker.applyConfig(world.config({ profile: 'elsewhere' }));
    await writeFlag(world, 'reload.flag', '{}');
    await askAndHear(world, 'two');
    expect(world.engine.turns[1]?.systemPrompt).toContain('You are a gardener.');
    await expectNoFlag(world, 'reload.flag');
  });
});

describe('another model', () => {
  test('runtimes 52, mcp-tools 44: is asked in the next turn after refresh.flag, also after a restart, until it is cleared', async () => {
    await using world = await startWorkerWorld();
    world.engine.respond(() => scriptedTurns.text('yes'));
    await world.start();
    await askAndHear(world, 'one');
    await writeFlag(world, 'refresh.flag', '{"requested_at": 1, "model": " model-2 "}\n');
    await askAndHear(world, 'two');
    await world.stop();
    await world.start();
    await askAndHear(world, 'three');
    await writeFlag(world, 'refresh.flag', '{"requested_at": 2}');
    await askAndHear(world, 'four');
    await writeFlag(world, 'refresh.flag', '{"requested_at": 3, "model": ""}');
    await askAndHear(world, 'five');
    expect(world.engine.turns.map(({ model }) => model)).toEqual([
      'scripted',
      'model-2',
      'model-2',
      'model-2',
      'scripted',
    ]);
    expect(world.engine.turns.at(-1)?.seen.join('\n')).toContain('one');
    await expectNoFlag(world, 'refresh.flag');
  });

  test('runtimes 52: is asked in the next turn when the agent asks for it, and after a restart', async () => {
    const models: string[] = [];
    const engine = engineThat(async ({ session, call }) => {
      models.push(session.model);
      if (models.length === 1) await call('refresh', { model: 'model-2' });
      return `turn ${models.length}`;
    });
    await using world = await startWorkerWorld({ openEngine: () => Promise.resolve({ engine, model: 'model-1' }) });
    const runtime = { ...world.config().runtime, tools: true };
    await world.start({ runtime });
    await askAndHear(world, 'one');
    await askAndHear(world, 'two');
    await world.stop();
    await world.start({ runtime });
    await askAndHear(world, 'three');
    expect(models).toEqual(['model-1', 'model-2', 'model-2']);
  });

  test('mcp-tools 45: and a new role, asked for together, are one restart with both effects', async () => {
    await using world = await startWithRole('You are a gardener.');
    world.engine.respond(() => scriptedTurns.text('yes'));
    await askAndHear(world, 'one');
    await writeFile(join(folderOf(world), 'profile.md'), 'You are a sailor.');
    await writeFlag(world, 'refresh.flag', '{"model": "model-2"}');
    await writeFlag(world, 'reload.flag', '{}');
    await askAndHear(world, 'two');
    expect(world.engine.turns[1]).toMatchObject({ model: 'model-2' });
    expect(world.engine.turns[1]?.systemPrompt).toContain('You are a sailor.');
    expect(world.engine.sessions).toHaveLength(2);
  });

  test('mcp-tools 44: that stands in a file which is damaged is none, and the file is gone', async () => {
    await using world = await startWorkerWorld();
    world.engine.respond(() => scriptedTurns.text('yes'));
    await world.start();
    await askAndHear(world, 'one');
    await writeFlag(world, 'refresh.flag', '{"model": 7');
    await askAndHear(world, 'two');
    expect(world.engine.turns.map(({ model }) => model)).toEqual(['scripted', 'scripted']);
    expect(world.engine.sessions).toHaveLength(2);
    await expectNoFlag(world, 'refresh.flag');
  });
});

async function startWithRole(role: string): Promise<WorkerWorld> {
  const world = await startWorkerWorld();
  await writeRole(world, role);
  await world.start();
  return world;
}

async function writeRole(world: WorkerWorld, role: string): Promise<void> {
  await mkdir(folderOf(world), { recursive: true });
  await writeFile(join(folderOf(world), 'profile.md'), role);
}

/** Resolves when the agent has answered. */
async function askAndHear(world: WorkerWorld, text: string): Promise<void> {
  const before = textsTo(world.alice, world).length;
  await ask(world, text);
  await waitFor(() => textsTo(world.alice, world).length > before, `the answer to '${text}'`);
}

async function writeFlag(world: WorkerWorld, name: string, content: string): Promise<void> {
  await mkdir(dirname(flagPath(world, name)), { recursive: true });
  await writeFile(flagPath(world, name), content);
}

async function expectNoFlag(world: WorkerWorld, name: string): Promise<void> {
  await expect(access(flagPath(world, name))).rejects.toThrow('ENOENT');
}

function flagPath(world: WorkerWorld, name: string): string {
  return join(folderOf(world), 'workspace', '.puffo-agent', name);
}
