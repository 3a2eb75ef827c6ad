// A team of people with two agents, each in a daemon of its own behind a bad network, and a model that says what it was asked.
import { createCloser, seededRandom, silentLogger, sleep, systemClock } from '@puffo/base';
import type { ChannelPlace } from '@puffo/client';
import { createKeyFolder } from '@puffo/client/node';
import { createPrivateFiles } from '@puffo/host';
import {
  type FakeProvider,
  findLastUserText,
  type FlakyProxy,
  replies,
  startFakeProvider,
  startFlakyProxy,
  startTestNetwork,
  type TestUser,
} from '@puffo/testbed';
import { writeAgent, writeSettings } from './agent-daemon.ts';
import { type AgentHome, createAgentHome } from './agent-home.ts';

const MAX_THINKING_MS = 60;
const KEY_FILE_BYTES = 1024 * 1024;
const MARKER = /\bq\d+x\d+\b/g;
/** What stands before it is shown for context only. */
const TURN_HEADING = '\n# New messages\n';

export interface ChaosAgent {
  readonly id: string;
  readonly home: AgentHome;
  readonly user: TestUser;
}

export interface ChaosWorld extends AsyncDisposable {
  readonly provider: FakeProvider;
  /** Between the agents and the server; people are not behind it. */
  readonly proxy: FlakyProxy;
  readonly people: readonly TestUser[];
  readonly agents: readonly ChaosAgent[];
  /** Everybody is in them. */
  readonly channels: readonly ChannelPlace[];
  /** How often the model was asked about each marker. */
  readonly asked: ReadonlyMap<string, number>;
  /** How often the model was asked by this agent. */
  readonly turnsOf: (agentId: string) => number;
}

export interface ChaosWorldOptions {
  readonly people: number;
  readonly agents: number;
  readonly seed: number;
}

/** Nobody is asked for anything yet, and no daemon runs. */
export async function createChaosWorld(options: ChaosWorldOptions): Promise<ChaosWorld> {
  const closer = createCloser();
  const network = closer.use(await startTestNetwork({ process: true }));
  const faults = { maxDelayMs: 30, holdMs: 50, retryAfterSeconds: 0 };
  const proxy = closer.use(await startFlakyProxy({ target: network.url, seed: options.seed, ...faults }));
  const model = await startEchoModel(options.seed);
  closer.use(model.provider);
  const people = await Promise.all(
    Array.from({ length: options.people }, (_, number) => network.signUp(`person${number}`)),
  );
  const [owner, ...others] = people;
  if (owner === undefined) throw new TypeError('nobody is there');
  const agents: ChaosAgent[] = [];
  for (let number = 0; number < options.agents; number++) {
    const home = closer.use(await createAgentHome());
    agents.push({ id: `helper${number}`, home, user: await owner.registerAgent(`helper${number}`) });
  }
  const guests = [...others, ...agents.map(({ user }) => user)];
  const space = await owner.createSpace('Team');
  await space.add(...guests);
  const channels = [space.general, await space.createChannel('plans', guests)];
  await Promise.all(people.map((person) => person.listen()));
  for (const agent of agents) {
    await writeHome(agent, { space: space.spaceId, operator: owner.slug, server: proxy.url, model: model.provider });
  }
  return {
    ...model,
    proxy,
    people,
    agents,
    channels,
    [Symbol.asyncDispose]: () => closer[Symbol.asyncDispose](),
  };
}

export function markersIn(text: string): readonly string[] {
  return text.match(MARKER) ?? [];
}

/** Its answer names every message of the turn. */
async function startEchoModel(seed: number): Promise<Pick<ChaosWorld, 'provider' | 'asked' | 'turnsOf'>> {
  const provider = await startFakeProvider();
  const random = seededRandom(seed + 1);
  const asked = new Map<string, number>();
  /** By agent. */
  const turns = new Map<string, number>();
  provider.respond((request) => {
    const turn = (findLastUserText(request) ?? '').split(TURN_HEADING).at(-1) ?? '';
    const markers = markersIn(turn);
    const agentId = request.credential?.value ?? '';
    turns.set(agentId, (turns.get(agentId) ?? 0) + 1);
    for (const marker of markers) asked.set(marker, (asked.get(marker) ?? 0) + 1);
    const [size = 0] = random.bytes(1);
    // Somebody who thinks can be killed in the middle of it.
    return replies.text(`about ${markers.join(' ')}`, { startAfter: sleep((size / 256) * MAX_THINKING_MS) });
  });
  return { provider, asked, turnsOf: (agentId) => turns.get(agentId) ?? 0 };
}

interface HomeFacts {
  readonly space: string;
  readonly operator: string;
  readonly server: string;
  readonly model: FakeProvider;
}

async function writeHome({ id, home, user }: ChaosAgent, { space, operator, server, model }: HomeFacts): Promise<void> {
  const files = createPrivateFiles(home.in('agents', id, 'keys'), { maxBytes: KEY_FILE_BYTES });
  await writeSettings(home);
  await createKeyFolder({ files, context: { clock: systemClock, log: silentLogger } }).saveIdentity(user.keys);
  const core = {
    server_url: server,
    slug: user.slug,
    device_id: user.keys.deviceId,
    space_id: space,
    operator_slug: operator,
  };
  const triggers = '{ on_mention: true, on_dm: true, on_channel: false }';
  // The model tells agents apart by their keys.
  await writeAgent(home, id, { core, triggers, apiKey: id, baseUrl: model.sdkBaseUrls.anthropic });
}
