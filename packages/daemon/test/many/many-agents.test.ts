// A hundred agents in one daemon, against one server in a process of its own. spec: daemon-and-cli 2.7, 3.7
import { mkdir, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { createSlots, silentLogger, systemClock, systemRandom } from '@puffo/base';
import { registerAgent } from '@puffo/client';
import { createKeyFolder } from '@puffo/client/node';
import { createPrivateFiles } from '@puffo/host';
import { type IdentityKeys, type Route, type Slug, TEXT_CONTENT_TYPE } from '@puffo/protocol';
import { findLastUserText, replies, startFakeProvider, startTestNetwork, type TestUser, waitFor } from '@puffo/testbed';
import type { Home } from '../../src/home/home.ts';
import { runDaemon } from '../../src/run/run-daemon.ts';
import { openAgentStore } from '../../src/store/agent-store.ts';
import { makeTemporaryHome } from '../kit/temporary-home.ts';
import { readRecord } from '../supervisor/kit.ts';

const AGENTS = 100;
/** These are in one channel; the others are asked in private. */
const IN_CHANNEL = 10;
const AT_ONCE = 8;
const PATIENCE = { timeoutMs: 200_000 };

interface Agent {
  readonly id: string;
  readonly keys: IdentityKeys;
}

interface AgentSettings {
  readonly operator: TestUser;
  readonly providerUrl: string;
}

function idOf(number: number): string {
  return `agent-${String(number).padStart(3, '0')}`;
}

async function configure(home: Home, { id, keys }: Agent, { operator, providerUrl }: AgentSettings): Promise<void> {
  const paths = home.agent(id);
  const files = createPrivateFiles(paths.keysFolder, { maxBytes: 1024 * 1024 });
  const context = { clock: systemClock, random: systemRandom, log: silentLogger };
  await mkdir(paths.folder, { recursive: true });
  await createKeyFolder({ files, context }).saveIdentity(keys);
  const { serverUrl, slug, deviceId } = keys;
  const core = `{ server_url: '${serverUrl}', slug: ${slug}, device_id: ${deviceId}, space_id: sp_none, operator_slug: ${operator.slug} }`;
  const runtime = `{ kind: chat-local, provider: openai, model: fake, base_url: '${providerUrl}', api_key: key-of-${id} }`;
  const text = `id: ${id}\nstate: running\ndisplay_name: ${id}\npuffo_core: ${core}\ntriggers: { on_channel: false }\nruntime: ${runtime}\n`;
  await writeFile(paths.agentFile, text);
}

async function forEachAgent<Result>(
  from: number,
  to: number,
  work: (id: string) => Promise<Result>,
): Promise<readonly Result[]> {
  const slots = createSlots(AT_ONCE);
  const numbers = Array.from({ length: to - from }, (_, at) => from + at);
  return Promise.all(numbers.map((number) => slots.run(() => work(idOf(number)))));
}

async function ask({ client }: TestUser, recipientSlug: Slug, content: string): Promise<void> {
  const route: Route = { kind: 'dm', recipientSlug };
  const { sent } = await client.outbox.send({ route, contentType: TEXT_CONTENT_TYPE, content });
  await sent;
}

/** What each has said to them, in its order. */
function textsBySender({ inbox, slug }: TestUser): Readonly<Record<string, readonly unknown[]>> {
  const texts: Record<Slug, unknown[]> = {};
  for (const { senderSlug, content } of inbox.messages) {
    if (senderSlug !== slug) (texts[senderSlug] ??= []).push(content);
  }
  return texts;
}

/** How many messages are in each state; its own, and those of others to others, are not counted. */
async function statesOf(home: Home, id: string): Promise<unknown> {
  await using store = await openAgentStore(home.agent(id).storeFile, { clock: systemClock, random: systemRandom });
  const { counts } = await store.readStatus(0);
  const { stored: _own, context: _toOthers, ...others } = counts;
  return Object.fromEntries(Object.entries(others).filter(([, count]) => count > 0));
}

it('keeps a hundred agents in one daemon, each of which answers once', { timeout: 500_000 }, async () => {
  await using network = await startTestNetwork({ process: true });
  await using provider = await startFakeProvider();
  provider.respond((request) => {
    const number = /question (\d+)/.exec(findLastUserText(request) ?? '')?.[1];
    return replies.text(`answer to ${number ?? 'nothing'} for ${request.credential?.value}`);
  });
  await using temporary = await makeTemporaryHome();
  const { home } = temporary;
  const operator = await network.signUp('alice');
  await operator.listen();
  await mkdir(home.agentsFolder, { recursive: true });
  await writeFile(home.daemonFile, 'reconcile_interval_seconds: 0.5\ndata_service: { port: 0 }\n');

  const members = await forEachAgent(0, IN_CHANNEL, (id) => operator.registerAgent(id));
  const space = await operator.createSpace('Team');
  await space.add(...members);
  const channel = await space.createChannel('plans', members);
  const others = await forEachAgent(IN_CHANNEL, AGENTS, (username) => registerAgent(operator.client, { username }));
  const keysOfAll = [...members.map(({ keys }) => keys), ...others];
  const agents = keysOfAll.map((keys, number) => ({ id: idOf(number), keys }));
  const settings = { operator, providerUrl: provider.sdkBaseUrls.openai };
  for (const agent of agents) await configure(home, agent, settings);

  const stopping = new AbortController();
  const context = temporary.context({ signal: stopping.signal });
  const stderr = { write: () => undefined };
  const ending = runDaemon({ context, stderr, version: '1.2.3', logLevel: 'error', overrides: { pid: 4_000_002 } });
  try {
    await waitFor(
      async () => {
        const records = await Promise.all(agents.map(({ id }) => readRecord(temporary, id)));
        return records.every((record) => record?.['phase'] === 'online');
      },
      'all agents to be online',
      PATIENCE,
    );
    const mentions = members.map(({ slug }) => `@${slug}`).join(' ');
    await operator.say(channel, `question 0 ${mentions}`);
    await Promise.all(
      agents.slice(IN_CHANNEL).map(({ keys }, at) => ask(operator, keys.slug, `question ${at + IN_CHANNEL}`)),
    );
    await waitFor(() => Object.keys(textsBySender(operator)).length === AGENTS, 'an answer of each', PATIENCE);
  } finally {
    stopping.abort();
    await ending;
  }

  const expected = agents.map(({ id, keys }, at) => [
    keys.slug,
    [`answer to ${at < IN_CHANNEL ? 0 : at} for key-of-${id}`],
  ]);
  expect(textsBySender(operator)).toEqual(Object.fromEntries(expected));
  expect(provider.requests).toHaveLength(AGENTS);
  for (const { id } of agents) expect([id, await statesOf(home, id)]).toEqual([id, { answered: 1 }]);
});
