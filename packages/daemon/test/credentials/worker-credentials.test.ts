import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger, systemClock } from '@puffo/base';
import { scriptedTurns } from '@puffo/engine';
import { waitFor } from '@puffo/testbed';
import { describe, expect, test } from 'vitest';
import { createCredentialKeeper } from '../../src/credentials/create-credential-keeper.ts';
import type { RunLoginHelper } from '../../src/credentials/refresh-login.ts';
import { startWorkerWorld, type WorkerWorld } from '../worker/worker-world.ts';

const HOUR_MS = 60 * 60_000;

async function logIn(homeFolder: string, accessToken: string): Promise<void> {
  await mkdir(join(homeFolder, '.claude'), { recursive: true });
  const claudeAiOauth = { accessToken, refreshToken: 'r', expiresAt: systemClock() + HOUR_MS };
  await writeFile(join(homeFolder, '.claude', '.credentials.json'), JSON.stringify({ claudeAiOauth }));
}

/** An agent on the login of the user; `refresh`: what the vendor's program does. */
async function startWorld(refresh: (homeFolder: string) => Promise<void>) {
  let homeFolder = '';
  const runHelper: RunLoginHelper = async () => {
    await refresh(homeFolder);
    return { exitCode: 0, output: '' };
  };
  const world = await startWorkerWorld({
    credentials(folder) {
      homeFolder = folder;
      return createCredentialKeeper({ homeFolder, runHelper, clock: systemClock, logger: silentLogger });
    },
  });
  await logIn(homeFolder, 'old');
  const { runtime } = world.config();
  await world.start({ runtime: { ...runtime, kind: 'cli-local', harness: 'claude-code' } });
  return { world, homeFolder };
}

async function viewOf({ home }: WorkerWorld): Promise<string> {
  return readFile(join(home.agent('helper').claudeFolder, '.credentials.json'), 'utf8');
}

function wordsOf({ alice, agentKeys }: WorkerWorld): readonly unknown[] {
  return alice.inbox.messages.filter(({ senderSlug }) => senderSlug === agentKeys.slug).map(({ content }) => content);
}

describe('an agent on the login of the user', () => {
  test('statement 45: after a 401 it has one DM, and new credentials have the message answered', async () => {
    let mayLogIn = false;
    const { world, homeFolder } = await startWorld(async (folder) => {
      if (mayLogIn) await logIn(folder, 'new');
    });
    await using _world = world;
    world.engine.script([scriptedTurns.failure('auth'), scriptedTurns.failure('auth')]);
    world.engine.respond(() => scriptedTurns.text('Here I am.'));
    await world.alice.say(world.channel, `first @${world.agentKeys.slug}`);
    await waitFor(() => world.engine.turns.length === 1, 'the first failure');
    await waitFor(() => world.keeper.facts.health === 'auth_failed', 'the health');
    await world.alice.say(world.channel, `second @${world.agentKeys.slug}`);
    await waitFor(() => world.engine.turns.length === 2, 'the second failure');
    await waitFor(async () => wordsOf(world).some((text) => /cannot answer/.test(JSON.stringify(text))), 'the news');
    mayLogIn = true;
    // As the user does: `claude /login`.
    await logIn(homeFolder, 'new');
    world.worker.retryDeferred();
    await waitFor(() => wordsOf(world).includes('Here I am.'), 'the answer');
    await waitFor(() => world.keeper.facts.health === 'ok', 'the health');
    const news = wordsOf(world).filter((text) => /Your agent .*cannot answer/.test(JSON.stringify(text)));
    expect(news).toHaveLength(1);
  });

  test('gets a refreshed login after a 401 by itself, and answers without a restart', async () => {
    const { world } = await startWorld((folder) => logIn(folder, 'new'));
    await using _world = world;
    expect(await viewOf(world)).toContain('"old"');
    world.engine.script([scriptedTurns.failure('auth')]);
    world.engine.respond(() => scriptedTurns.text('Here I am.'));
    await world.alice.say(world.channel, `hello @${world.agentKeys.slug}`);
    await waitFor(() => wordsOf(world).includes('Here I am.'), 'the answer');
    expect(await viewOf(world)).toContain('"new"');
    expect(await viewOf(world)).not.toContain('refreshToken');
    await waitFor(() => world.keeper.facts.health === 'ok', 'the health');
  });
});
