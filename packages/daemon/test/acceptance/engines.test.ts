// What engines are given: no key, no names of tools that they do not have. spec: runtimes 3, 5.2, mcp-tools 3, 11
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCloser, isJsonObject, safeParseJson, silentLogger, systemRandom } from '@puffo/base';
import { replies, waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import { TOOLS } from '../../src/tools/catalogue.ts';
import { startToolEndpoint } from '../../src/tools/endpoint/start-tool-endpoint.ts';
import { openAgentEngine } from '../../src/worker/open-agent-engine.ts';
import { startProviderWorld } from '../provider/provider-world.ts';
import { startWorkerWorld, type WorkerWorld } from '../worker/worker-world.ts';
import { AGENT_ID, ask, folderOf } from './kit.ts';

/** Says what it was started with, and ends. */
const SPY = '#!/bin/sh\n{ printf "%s\\n" "$@"; env; } >> "$0.seen"\nexit 3\n';
const DAEMON_KEYS = {
  ANTHROPIC_API_KEY: 'daemon-key-anthropic',
  OPENAI_API_KEY: 'daemon-key-openai',
  GEMINI_API_KEY: 'daemon-key-gemini',
};
const PROGRAMS = [
  ['claude-code', 'anthropic', 'PUFFO_CLAUDE_BIN'],
  ['codex', 'openai', 'PUFFO_CODEX_BIN'],
  ['gemini-cli', 'google', 'PUFFO_GEMINI_BIN'],
] as const;

describe('a program that runs an agent', () => {
  test.each(PROGRAMS)(
    'runtimes 47, mcp-tools 2: %s gets no key of the agent or the daemon, and no path to one',
    async (harness, provider, variable) => {
      await using closer = createCloser();
      const folder = await mkdtemp(join(tmpdir(), 'puffo-spy-'));
      closer.defer(() => rm(folder, { recursive: true, force: true }));
      const program = join(folder, harness);
      await writeFile(program, SPY);
      await chmod(program, 0o700);
      const endpoint = closer.use(
        await startToolEndpoint({ bindHost: '127.0.0.1', random: systemRandom, logger: silentLogger }),
      );
      const environment = { PATH: '/usr/bin:/bin', [variable]: program, ...DAEMON_KEYS };
      const world = closer.use(
        await startWorkerWorld({ openEngine: openAgentEngine, environment, toolEndpoint: endpoint }),
      );
      const cli = { kind: 'cli-local', harness, provider, permissionMode: 'acceptEdits' } as const;
      await world.start({ runtime: { ...world.config().runtime, ...cli } });
      await ask(world, 'hello');
      await waitFor(() => world.keeper.facts.lastTurn !== undefined, 'the end of the turn');
      const seen = await readFile(`${program}.seen`, 'utf8');
      const files = await textsBelow(folderOf(world));
      expect(files.size).toBeGreaterThan(5);
      expect(seen).toContain(`PUFFO_AGENT_ID=${AGENT_ID}`);
      const secrets = await secretsOf(world);
      expect(secrets.length).toBeGreaterThanOrEqual(3);
      const { keysFolder } = world.home.agent(AGENT_ID);
      for (const secret of [...secrets, ...Object.values(DAEMON_KEYS), keysFolder]) {
        expect(seen.includes(secret)).toBe(false);
        expect(
          Array.from(files)
            .filter(([, text]) => text.includes(secret))
            .map(([path]) => path),
        ).toEqual([]);
      }
    },
  );
});

describe('a model that is asked directly', () => {
  test('runtimes 29: reads of no tool in its prompt', async () => {
    await using world = await startProviderWorld({ kind: 'anthropic' });
    await mkdir(folderOf(world.worker), { recursive: true });
    await writeFile(join(folderOf(world.worker), 'profile.md'), 'You are a gardener.');
    await world.start();
    world.provider.respond(() => 'yes');
    await world.ask('hello');
    await waitFor(() => world.answers().length === 1, 'the answer');
    const sent = JSON.stringify(world.provider.requests);
    expect(sent).toContain('You are a gardener.');
    const names = TOOLS.map(({ name }) => name).filter((name) => name.includes('_'));
    expect(names).toContain('send_message');
    expect(names.filter((name) => sent.includes(name))).toEqual([]);
  });

  test('runtimes 27: and gives an empty answer to what nobody asked does not stop the agent', async () => {
    await using world = await startProviderWorld({ kind: 'anthropic' });
    await world.start();
    world.provider.respond(() => replies.empty());
    world.worker.worker.applyConfig(world.worker.config());
    await world.worker.alice.say(world.worker.channel, 'nobody in particular is asked');
    await waitFor(() => world.worker.keeper.facts.msgCount === 1, 'the end of the turn');
    world.provider.respond(() => 'here I am');
    await world.ask('hello');
    await waitFor(() => world.answers().length === 1, 'the answer');
    expect(world.answers()).toEqual(['here I am']);
    expect(world.news()).toEqual([]);
  });
});

/** Every file that a program could be pointed to, but for the keys and the databases of the daemon. */
async function textsBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = new Map<string, string>();
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || path.startsWith(join(folder, 'keys')) || /\.db(?:-\w+)?$/.test(path)) continue;
    texts.set(path, await readFile(path, 'latin1'));
  }
  return texts;
}

async function secretsOf({ home, agentKeys }: WorkerWorld): Promise<readonly string[]> {
  const text = await readFile(join(home.agent(AGENT_ID).keysFolder, `${agentKeys.slug}.json`), 'utf8');
  const result = safeParseJson(text, { maxLength: 100_000, maxDepth: 8, integers: 'any' });
  if (result.kind !== 'value' || !isJsonObject(result.value)) throw new Error('the key file is no object');
  return Object.entries(result.value).flatMap(([name, value]) =>
    name.includes('secret') && typeof value === 'string' ? [value] : [],
  );
}
