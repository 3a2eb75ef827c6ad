// Homes as people have them: `daemon.yml`, and a folder with keys for each agent.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createSlots, silentLogger, systemClock, systemRandom } from '@puffo/base';
import { registerAgent } from '@puffo/client';
import { createKeyFolder } from '@puffo/client/node';
import { createHome, type Home } from '@puffo/daemon/home';
import { createPrivateFiles } from '@puffo/host';
import type { Slug } from '@puffo/protocol';
import { type TestUser, waitFor } from '@puffo/testbed';

const AT_ONCE = 8;
const MAX_KEY_FILE_BYTES = 1024 * 1024;
const PATIENCE = { timeoutMs: 300_000 };
const DAEMON_FILE = 'data_service: { port: 0 }\nreconcile_interval_seconds: 2\n';

export interface AgentWorld {
  readonly operator: TestUser;
  /** How agents reach the server. */
  readonly serverUrl: string;
  readonly providerUrl: string;
}

export interface BenchAgent {
  readonly id: string;
  readonly slug: Slug;
}

export async function makeHome(folder: string): Promise<Home> {
  const home = createHome(folder);
  await mkdir(home.agentsFolder, { recursive: true });
  await writeFile(home.daemonFile, DAEMON_FILE);
  return home;
}

/** Registers them, too. */
export async function addAgents(
  home: Home,
  { from, to, world }: { readonly from: number; readonly to: number; readonly world: AgentWorld },
): Promise<readonly BenchAgent[]> {
  const slots = createSlots(AT_ONCE);
  const numbers = Array.from({ length: to - from }, (_, at) => from + at);
  return Promise.all(numbers.map((number) => slots.run(() => addAgent(home, `agent-${number}`, world))));
}

async function addAgent(home: Home, id: string, world: AgentWorld): Promise<BenchAgent> {
  const { operator, serverUrl, providerUrl } = world;
  const keys = await registerAgent(operator.client, { username: id });
  const { slug, deviceId } = keys;
  const { folder, keysFolder, agentFile } = home.agent(id);
  await mkdir(folder, { recursive: true });
  const files = createPrivateFiles(keysFolder, { maxBytes: MAX_KEY_FILE_BYTES });
  const context = { clock: systemClock, random: systemRandom, log: silentLogger };
  await createKeyFolder({ files, context }).saveIdentity(keys);
  await writeFile(agentFile, agentText(id, { serverUrl, slug, deviceId, operatorSlug: operator.slug, providerUrl }));
  return { id, slug };
}

interface AgentText {
  readonly serverUrl: string;
  readonly slug: string;
  readonly deviceId: string;
  readonly operatorSlug: string;
  readonly providerUrl: string;
}

function agentText(id: string, text: AgentText): string {
  return `id: ${id}
state: running
display_name: ${id}
puffo_core:
  server_url: ${text.serverUrl}
  slug: ${text.slug}
  device_id: ${text.deviceId}
  space_id: sp_none
  operator_slug: ${text.operatorSlug}
triggers:
  on_mention: true
  on_dm: true
  on_channel: false
runtime:
  kind: chat-local
  provider: openai
  model: fake
  base_url: ${text.providerUrl}
  api_key: key
`;
}

/** They never connect. */
export async function addUnregisteredAgents(home: Home, count: number): Promise<void> {
  const place = { serverUrl: 'http://127.0.0.1:1', slug: 'agent-0a0a', deviceId: 'dev_none', operatorSlug: '' };
  for (let number = 0; number < count; number++) {
    const { id, folder, agentFile } = home.agent(`agent-${number}`);
    await mkdir(folder, { recursive: true });
    await writeFile(agentFile, agentText(id, { ...place, providerUrl: 'http://127.0.0.1:1' }));
  }
}

export async function moveAgents(agents: readonly BenchAgent[], from: Home, to: Home): Promise<void> {
  for (const { id } of agents) await rename(from.agent(id).folder, to.agent(id).folder);
}

/** As `runtime.json` says it since `startedAt`, ms. */
export async function waitUntilOnline(home: Home, agents: readonly BenchAgent[], startedAt: number): Promise<void> {
  const missing = new Set(agents.map(({ id }) => home.agent(id).runtimeFile));
  await waitFor(
    async () => {
      for (const path of missing) {
        if (await isOnline(path, startedAt)) missing.delete(path);
        else return false;
      }
      return true;
    },
    'all agents to be online',
    PATIENCE,
  );
}

async function isOnline(path: string, startedAt: number): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => '{}');
  const record = JSON.parse(text) as { readonly phase?: string; readonly started_at?: number };
  return record.phase === 'online' && (record.started_at ?? 0) >= Math.floor(startedAt / 1000);
}

export function runtimeRecordText(now: number): string {
  const seconds = Math.floor(now / 1000);
  const times = { started_at: seconds - 3600, updated_at: seconds, last_event_at: seconds - 60 };
  return JSON.stringify({ status: 'running', ...times, msg_count: 7, error: '', health: 'ok', phase: 'online' });
}
