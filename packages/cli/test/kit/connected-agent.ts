// An agent that is registered at a server on loopback and lives in a home, with a model that a test scripts.
import { createCloser, silentLogger, systemClock } from '@puffo/base';
import { createKeyFolder } from '@puffo/client/node';
import { createPrivateFiles } from '@puffo/host';
import {
  type FakeProvider,
  startFakeProvider,
  startTestNetwork,
  type TestNetwork,
  type TestUser,
} from '@puffo/testbed';
import { type AgentSettings, writeAgent, writeSettings } from './agent-daemon.ts';
import type { AgentHome } from './agent-home.ts';

export const AGENT = 'helper';

export interface ConnectedAgent extends AsyncDisposable {
  readonly network: TestNetwork;
  readonly provider: FakeProvider;
  /** The operator; listens. */
  readonly alice: TestUser;
  /** As others see the agent. */
  readonly agent: TestUser;
  /** `puffo_core` of its file. */
  readonly core: Readonly<Record<string, string>>;
  /** Its file, connected to the server and to the model. */
  writeAgent(settings?: AgentSettings): Promise<void>;
}

/** The daemon of the home does not run yet. */
export async function connectAgent(home: AgentHome): Promise<ConnectedAgent> {
  const closer = createCloser();
  const network = closer.use(await startTestNetwork());
  const provider = closer.use(await startFakeProvider());
  const { alice, agent, channel } = await network.worlds.personAndAgent();
  await alice.listen();
  const files = createPrivateFiles(home.in('agents', AGENT, 'keys'), { maxBytes: 1024 * 1024 });
  await writeSettings(home);
  await createKeyFolder({ files, context: { clock: systemClock, log: silentLogger } }).saveIdentity(agent.keys);
  const core = {
    server_url: network.url,
    slug: agent.slug,
    device_id: agent.keys.deviceId,
    space_id: channel.spaceId,
    operator_slug: alice.slug,
  };
  async function write(settings: AgentSettings = {}): Promise<void> {
    await writeAgent(home, AGENT, { core, baseUrl: provider.sdkBaseUrls.anthropic, ...settings });
  }
  await write();
  return {
    network,
    provider,
    alice,
    agent,
    core,
    writeAgent: write,
    [Symbol.asyncDispose]: () => closer[Symbol.asyncDispose](),
  };
}
