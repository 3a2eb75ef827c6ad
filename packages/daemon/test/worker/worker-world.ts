// A network with a person and an agent whose worker runs in this process, on a home in a temporary folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentConfig, type DaemonConfig, readAgentConfig, readDaemonConfig } from '@puffo/agent/config';
import { createCloser, type Logger, silentLogger, systemClock, systemRandom } from '@puffo/base';
import type { ChannelPlace } from '@puffo/client';
import { createKeyFolder, createNodePlatform } from '@puffo/client/node';
import { createScriptedEngine, type ScriptedEngine } from '@puffo/engine';
import { createPrivateFiles } from '@puffo/host';
import { createWrapPool, type IdentityKeys } from '@puffo/protocol';
import { startTestNetwork, type TestNetwork, type TestNetworkOptions, type TestUser, waitFor } from '@puffo/testbed';
import type { CredentialKeeper } from '../../src/credentials/create-credential-keeper.ts';
import { createHome, type Home } from '../../src/home/home.ts';
import { openAgentStore } from '../../src/store/agent-store.ts';
import type { InboxState } from '../../src/store/agent-schema.ts';
import { createRuntimeKeeper } from '../../src/worker/create-runtime-keeper.ts';
import type { RuntimeKeeper } from '../../src/worker/runtime-keeper.ts';
import { startWorker } from '../../src/worker/start-worker.ts';
import type { Worker } from '../../src/worker/worker.ts';
import type { OpenEngine, WorkerHost } from '../../src/worker/worker-host.ts';

export interface WorldOptions
  extends TestNetworkOptions, Partial<Pick<WorkerHost, 'clock' | 'environment' | 'toolEndpoint'>> {
  /** Of the user's home. */
  readonly credentials?: (homeFolder: string) => CredentialKeeper;
  readonly openEngine?: OpenEngine;
  readonly daemon?: DaemonConfig;
  /** Of the agent. */
  readonly logger?: Logger;
}

export interface WorkerWorld extends AsyncDisposable {
  readonly network: TestNetwork;
  readonly home: Home;
  /** The operator. */
  readonly alice: TestUser;
  readonly agentKeys: IdentityKeys;
  readonly channel: ChannelPlace;
  readonly engine: ScriptedEngine;
  readonly worker: Worker;
  readonly keeper: RuntimeKeeper;
  config(changes?: Partial<AgentConfig>): AgentConfig;
  /** A worker of the same agent; resolves when it is online. */
  start(changes?: Partial<AgentConfig>): Promise<void>;
  /** Without a grace. */
  stop(): Promise<void>;
  /** How many messages are in each state but `stored`, which own ones are; the worker need not run. */
  states(): Promise<Partial<Record<InboxState, number>>>;
}

const AGENT_ID = 'helper';

export async function startWorkerWorld(options: WorldOptions = {}): Promise<WorkerWorld> {
  const closer = createCloser();
  const network = closer.use(await startTestNetwork(options));
  const folder = await mkdtemp(join(tmpdir(), 'puffo-worker-'));
  closer.defer(() => rm(folder, { recursive: true, force: true }));
  const home = createHome(join(folder, 'home'));
  const agent = home.agent(AGENT_ID);
  const { alice, agent: member, channel } = await network.worlds.personAndAgent();
  await alice.listen();
  const files = createPrivateFiles(agent.keysFolder, { maxBytes: 1024 * 1024 });
  const context = { clock: systemClock, log: silentLogger };
  await createKeyFolder({ files, context }).saveIdentity(member.keys);
  const engine = createScriptedEngine();
  const homeFolder = join(folder, 'user');
  const credentials = options.credentials?.(homeFolder);
  if (credentials !== undefined) closer.use(credentials);
  const host: WorkerHost = {
    credentials,
    home,
    environment: options.environment ?? {},
    toolEndpoint: options.toolEndpoint,
    homeFolder,
    platform: 'linux',
    clock: options.clock ?? systemClock,
    random: systemRandom,
    network: closer.use(createNodePlatform({ environment: {} })),
    wrapPool: closer.use(createWrapPool({ threads: 0 })),
    daemonConfig: () => options.daemon ?? readDaemonConfig(undefined).config,
    openEngine: options.openEngine ?? (() => Promise.resolve({ engine, model: 'scripted' })),
    loggerOf: () => options.logger ?? silentLogger,
  };
  let running: { readonly worker: Worker; readonly keeper: RuntimeKeeper } | undefined;

  function config(changes: Partial<AgentConfig> = {}): AgentConfig {
    const reading = readAgentConfig(undefined, { id: AGENT_ID });
    if (reading.kind === 'invalid') throw new Error(reading.reason);
    const puffoCore = {
      serverUrl: network.url,
      slug: member.slug,
      deviceId: member.keys.deviceId,
      spaceId: channel.spaceId,
      operatorSlug: alice.slug,
    };
    return { ...reading.config, puffoCore, ...changes };
  }

  async function stop(): Promise<void> {
    const stopping = running;
    running = undefined;
    await stopping?.worker.stop({ graceMs: 0 });
    await stopping?.keeper[Symbol.asyncDispose]();
  }

  closer.defer(stop);
  return {
    network,
    home,
    alice,
    agentKeys: member.keys,
    channel,
    engine,
    get worker() {
      if (running === undefined) throw new Error('no worker runs');
      return running.worker;
    },
    get keeper() {
      if (running === undefined) throw new Error('no worker runs');
      return running.keeper;
    },
    config,
    async start(changes) {
      const keeper = createRuntimeKeeper({ agent, clock: systemClock, heartbeatMs: () => 1000, logger: silentLogger });
      const worker = startWorker({ agent, config: config(changes), host, keeper, warmUp: (work) => work() });
      running = { worker, keeper };
      await waitFor(() => keeper.facts.phase === 'online' || worker.failure !== undefined, 'the worker to be online');
      if (worker.failure !== undefined) throw new Error(worker.failure.message);
    },
    stop,
    async states() {
      await using store = await openAgentStore(agent.storeFile, { clock: systemClock, random: systemRandom });
      const { counts } = await store.readStatus(0);
      const { stored: _own, ...others } = counts;
      return Object.fromEntries(Object.entries(others).filter(([, count]) => count > 0));
    },
    [Symbol.asyncDispose]: () => closer[Symbol.asyncDispose](),
  };
}
