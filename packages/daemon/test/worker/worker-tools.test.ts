import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import type { Engine } from '@puffo/engine';
import { type TestUser, waitFor } from '@puffo/testbed';
import { expect, test } from 'vitest';
import { engineThat } from '../kit/tool-using-engine.ts';
import { startWorkerWorld, type WorkerWorld } from './worker-world.ts';

async function startWith(engine: Engine): Promise<WorkerWorld> {
  const world = await startWorkerWorld({ openEngine: () => Promise.resolve({ engine, model: 'm' }) });
  const { runtime } = world.config();
  await world.start({ runtime: { ...runtime, tools: true } });
  return world;
}

function textsOf({ inbox }: TestUser, { agentKeys }: WorkerWorld): readonly string[] {
  return inbox.messages.flatMap(({ senderSlug, content }) =>
    senderSlug === agentKeys.slug && typeof content === 'string' ? [content] : [],
  );
}

async function ask(world: WorkerWorld, text: string): Promise<void> {
  const route = { kind: 'dm', recipientSlug: world.agentKeys.slug } as const;
  await (
    await world.alice.client.outbox.send({ route, contentType: 'text/plain', content: text })
  ).sent;
}

test('runtimes 13, mcp-tools 51: an agent that speaks with its tools says what it sends, and not what it writes beside that', async () => {
  const results: string[] = [];
  await using world = await startWith(
    engineThat(async ({ text, call }) => {
      const channel = /channel_id: (ch_\S+)/.exec(text)?.[1] ?? '';
      results.push(await call('send_message', { channel, text: 'with a tool' }));
      return 'I have sent it.';
    }),
  );
  await world.alice.say(world.channel, `@${world.agentKeys.slug} hello`);
  await waitFor(() => textsOf(world.alice, world).length === 1, 'the message');
  expect(textsOf(world.alice, world)).toEqual(['with a tool']);
  expect(await waitFor(() => results[0], 'the result of the call')).toMatch(/^posted msg_/);
  await world.stop();
  expect(await world.states()).toEqual({ answered: 1 });
});

test('runtimes 14, mcp-tools 51: a call that failed does not stand for an answer: what the model wrote is posted', async () => {
  await using world = await startWith(
    engineThat(
      async ({ call }) =>
        `it did not work: ${(await call('send_message', { channel: '#general', text: 'x' })).slice(0, 6)}`,
    ),
  );
  await ask(world, 'hello');
  await waitFor(() => textsOf(world.alice, world).length === 1, 'the message');
  expect(textsOf(world.alice, world)).toEqual(['it did not work: error:']);
});

test('the tool that says there is nothing to say keeps the agent silent', async () => {
  let turns = 0;
  await using world = await startWith(
    engineThat(async ({ call }) => {
      turns++;
      if (turns > 1) return 'now';
      await call('no_reply', {});
      return 'nothing to add';
    }),
  );
  await ask(world, 'first');
  await waitFor(() => turns === 1, 'the first turn');
  await ask(world, 'second');
  await waitFor(() => textsOf(world.alice, world).length === 1, 'the answer');
  expect(textsOf(world.alice, world)).toEqual(['now']);
  await world.stop();
  expect(await world.states()).toEqual({ answered: 1, silent: 1 });
});

test('a turn that breaks off after it has spoken is over, and nobody is answered twice', async () => {
  let turns = 0;
  await using world = await startWith(
    engineThat(async ({ text, call }) => {
      turns++;
      const peer = /sender_slug: (\S+)/.exec(text)?.[1] ?? '';
      await call('send_message', { channel: `@${peer}`, text: 'said before the end' });
      throw new Error('broken off');
    }),
  );
  await ask(world, 'hello');
  await waitFor(() => textsOf(world.alice, world).length === 1, 'the message');
  await waitFor(() => world.keeper.facts.msgCount === 1, 'the end of the turn');
  await world.stop();
  expect(turns).toBe(1);
  expect(textsOf(world.alice, world)).toEqual(['said before the end']);
  expect(await world.states()).toEqual({ answered: 1 });
});

test('what an agent with tools is told and does is written down in its workspace, and of one without tools it is not', async () => {
  await using world = await startWith(engineThat(async () => 'fine'));
  const path = world.home.agent('helper').resolve('workspace/.puffo-agent/audit.log');
  await ask(world, 'hello');
  await waitFor(() => textsOf(world.alice, world).length === 1, 'the answer');
  await world.stop();
  const events = (await readFile(path, 'utf8')).trimEnd().split('\n');
  expect(events.map((line) => JSON.parse(line).event)).toEqual([
    'session.start',
    'turn.input',
    'assistant.text',
    'turn.end',
  ]);
  await rm(path);
  await world.start();
  await ask(world, 'hello again');
  await waitFor(() => textsOf(world.alice, world).length === 2, 'the answer without tools');
  await world.stop();
  expect(existsSync(path)).toBe(false);
});
