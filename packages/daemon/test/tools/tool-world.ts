// A network with a person and an agent, and the tools of the agent over real parts: a client, stores in a temporary home.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type AgentConfig, readAgentConfig } from '@puffo/agent/config';
import {
  type Clock,
  createCloser,
  type JsonValue,
  type Logger,
  silentLogger,
  systemClock,
  systemRandom,
} from '@puffo/base';
import type { ChannelPlace, SentMessage } from '@puffo/client';
import type { AskPermission, ToolAnswer } from '@puffo/engine';
import { startTestNetwork, type TestNetwork, type TestSpace, type TestUser, waitFor } from '@puffo/testbed';
import { type AgentPaths, createHome } from '../../src/home/home.ts';
import { type AgentStore, openAgentStore } from '../../src/store/agent-store.ts';
import { type HistoryStore, openHistoryStore } from '../../src/store/history-store.ts';
import { createToolHost, type ToolHostOptions } from '../../src/tools/create-tool-host.ts';
import { createSelfRequests, type SelfRequests } from '../../src/tools/self/self-requests.ts';
import type { AgentToolHost } from '../../src/tools/tool-host.ts';
import type { ToolFeatures, ToolParts } from '../../src/tools/tool-parts.ts';
import { toHistoryMessage } from '../../src/worker/inbound-message.ts';
import { ownIdentityOf } from '../../src/worker/own-identity.ts';
import { createReplyPump } from '../../src/worker/reply-pump.ts';

export interface ToolWorldOptions extends ToolHostOptions {
  readonly features?: ToolFeatures;
  readonly askPermission?: AskPermission;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly runtime?: Partial<AgentConfig['runtime']>;
  /** How the agent reaches the server of a network that was started before. */
  readonly network?: TestNetwork;
  readonly agent?: {
    readonly alice: TestUser;
    readonly agent: TestUser;
    readonly space: TestSpace;
    readonly channel: ChannelPlace;
  };
}

export interface ToolWorld extends AsyncDisposable {
  readonly network: TestNetwork;
  /** The operator. */
  readonly alice: TestUser;
  readonly agent: TestUser;
  readonly space: TestSpace;
  /** Private, with both. */
  readonly channel: ChannelPlace;
  readonly paths: AgentPaths;
  readonly workspaceDir: string;
  readonly memoryDir: string;
  readonly sharedDir: string;
  readonly store: AgentStore;
  readonly history: HistoryStore;
  readonly requests: SelfRequests;
  readonly parts: ToolParts;
  readonly host: AgentToolHost;
  /** What the operator was told. */
  readonly told: string[];
  call(
    name: string,
    input: JsonValue,
    options?: { readonly callId?: string; readonly signal?: AbortSignal },
  ): Promise<ToolAnswer>;
  /** As `call`; fails the test when the tool does not succeed. */
  use(name: string, input: JsonValue, options?: { readonly callId?: string }): Promise<string>;
  /** As `call`; fails the test when the tool succeeds. */
  refuse(name: string, input: JsonValue): Promise<string>;
  /** Until the agent's history has this message. */
  hear(sent: Pick<SentMessage, 'envelopeId'>): Promise<void>;
  /** Another host on the same parts, as after a restart. */
  restart(options?: ToolHostOptions): AgentToolHost;
  write(path: string, content: string | Uint8Array): Promise<string>;
}

const AGENT_ID = 'helper';
const NEVER = new AbortController().signal;

export async function startToolWorld(options: ToolWorldOptions = {}): Promise<ToolWorld> {
  const closer = createCloser();
  const network = options.network ?? closer.use(await startTestNetwork());
  const folder = await mkdtemp(join(tmpdir(), 'puffo-tools-'));
  closer.defer(() => rm(folder, { recursive: true, force: true }));
  const { alice, agent, space, channel } = options.agent ?? (await network.worlds.personAndAgent());
  await alice.listen();
  await agent.listen();
  const home = createHome(join(folder, 'home'));
  const paths = home.agent(AGENT_ID);
  const workspaceDir = join(paths.folder, 'workspace');
  const memoryDir = join(paths.folder, 'memory');
  const sharedDir = join(folder, 'shared');
  for (const each of [workspaceDir, memoryDir, sharedDir, paths.keysFolder]) await mkdir(each, { recursive: true });
  const clock = options.clock ?? systemClock;
  const history = closer.use(await openHistoryStore(paths.databaseFile, { clock }));
  const store = closer.use(await openAgentStore(paths.storeFile, { clock, random: systemRandom }));
  const logger = options.logger ?? silentLogger;
  const failures: unknown[] = [];
  const { client } = agent;
  const pump = closer.use(
    createReplyPump({ client, store, history, logger, onFailure: (error) => failures.push(error) }),
  );
  const told: string[] = [];
  const requests = createSelfRequests({ workspaceDir, logger });

  function config(): AgentConfig {
    const reading = readAgentConfig(undefined, { id: AGENT_ID });
    if (reading.kind === 'invalid') throw new Error(reading.reason);
    const puffoCore = {
      serverUrl: network.url,
      slug: agent.slug,
      deviceId: agent.keys.deviceId,
      spaceId: space.spaceId,
      operatorSlug: alice.slug,
    };
    return {
      ...reading.config,
      displayName: 'Helper',
      puffoCore,
      runtime: { ...reading.config.runtime, ...options.runtime },
    };
  }

  const parts: ToolParts = {
    own: ownIdentityOf(agent.keys),
    client,
    store,
    history,
    agent: paths,
    workspaceDir,
    memoryDir,
    sharedDir,
    config,
    features: options.features ?? { skillsFolder: '.claude/skills', mcpServers: true },
    requests,
    pump,
    tellOperator(text) {
      told.push(text);
      return true;
    },
    askPermission: options.askPermission,
    model: () => 'scripted',
    clock,
    random: systemRandom,
    logger,
  };
  let host = createToolHost(parts, options);
  let calls = 0;

  async function call(
    name: string,
    input: JsonValue,
    callOptions: { readonly callId?: string; readonly signal?: AbortSignal } = {},
  ) {
    const callId = callOptions.callId ?? `call_${++calls}`;
    return host.callTool({ callId, name, input }, callOptions.signal ?? NEVER);
  }

  return {
    network,
    alice,
    agent,
    space,
    channel,
    paths,
    workspaceDir,
    memoryDir,
    sharedDir,
    store,
    history,
    requests,
    parts,
    get host() {
      return host;
    },
    told,
    call,
    async use(name, input, callOptions) {
      const { text, isError } = await call(name, input, callOptions);
      if (isError) throw new Error(`${name} failed: ${text}`);
      return text;
    },
    async refuse(name, input) {
      const { text, isError } = await call(name, input);
      if (!isError) throw new Error(`${name} did not fail: ${text}`);
      return text;
    },
    async hear({ envelopeId }) {
      await waitFor(
        () => agent.inbox.messages.some((each) => each.envelopeId === envelopeId),
        'the agent to receive it',
      );
      await history.add(agent.inbox.messages.map(toHistoryMessage));
    },
    restart(hostOptions = {}) {
      host = createToolHost(parts, hostOptions);
      return host;
    },
    async write(path, content) {
      const file = join(workspaceDir, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      return file;
    },
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await closer[Symbol.asyncDispose]();
      if (failures.length > 0) throw new AggregateError(failures, 'the reply pump failed');
    },
  };
}

export function channelRoute({ spaceId, channelId }: ChannelPlace) {
  return { kind: 'channel', spaceId, channelId } as const;
}

export function idIn(text: string): string {
  const id = /msg_[0-9a-f-]+/.exec(text)?.[0];
  if (id === undefined) throw new Error(`no message id in: ${text}`);
  return id;
}
