// An agent with the real engine for direct model calls, a provider on loopback whose answers a test scripts, and people who see
// what the agent says and how the server says that it is. Time can be passed: what waits for a busy provider waits for minutes.
import { readFile } from 'node:fs/promises';
import { readDaemonConfig, type RuntimeConfig } from '@puffo/agent/config';
import { createCloser, systemClock, systemRandom } from '@puffo/base';
import type { SentMessage } from '@puffo/client';
import { type ChatProvider, createChatEngine } from '@puffo/engine';
import type { AgentStatus, EnvelopeId } from '@puffo/protocol';
import { type FakeProvider, startFakeProvider, type TestUser, waitFor } from '@puffo/testbed';
import { type AgentStore, openAgentStore } from '../../src/store/agent-store.ts';
import type { InboxLoad } from '../../src/store/inbox-queries.ts';
import type { InboxEntry } from '../../src/store/inbox-row.ts';
import { openAgentEngine } from '../../src/worker/open-agent-engine.ts';
import type { OpenEngine } from '../../src/worker/worker-host.ts';
import { createRecordingLogger } from '../kit/recording-logger.ts';
import { startWorkerWorld, type WorkerWorld, type WorldOptions } from '../worker/worker-world.ts';
import { openProviderWay, type ProviderWay } from './provider-way.ts';

/** Stands in everything that a provider says when it fails. */
export const CANARY = 'canary-7731';
export const AGENT_KEY = 'key-of-the-agent';

export type ProviderKind = Exclude<ChatProvider, 'openai-responses'>;

export interface ProviderWorldOptions extends Pick<WorldOptions, 'environment' | 'daemon'> {
  readonly kind: ProviderKind;
  readonly runtime?: Partial<RuntimeConfig>;
  /** Of the provider; the engine's own patience is minutes. */
  readonly silenceMs?: number;
  /** ms between the clock of the agent and that of everybody else, at the start. */
  readonly clockOffset?: number;
}

export interface ProviderWorld extends AsyncDisposable {
  readonly worker: WorkerWorld;
  readonly provider: FakeProvider;
  readonly way: ProviderWay;
  /** Not the operator. Asks in private. */
  readonly bob: TestUser;
  ask(text: string): Promise<SentMessage>;
  /** What Bob was told by the agent in private. */
  answers(): readonly string[];
  /** What the operator was told by the agent in private. */
  news(): readonly string[];
  /** `runtime`: other settings than those of the world. */
  start(runtime?: Partial<RuntimeConfig>): Promise<void>;
  entryOf(envelopeId: EnvelopeId): Promise<InboxEntry>;
  /** All that turns have cost. */
  tokens(): Promise<InboxLoad['tokens']>;
  /** As the server tells it. */
  status(): Promise<AgentStatus>;
  /** Moves the clock of the agent to the moment that this message waits for. */
  passUntilDue(envelopeId: EnvelopeId): Promise<void>;
  setClockOffset(ms: number): void;
  /** Everything that the agent said to anybody, its statuses, its record and its log. */
  everythingSaid(): Promise<string>;
}

export async function startProviderWorld(options: ProviderWorldOptions): Promise<ProviderWorld> {
  const closer = createCloser();
  const provider = closer.use(await startFakeProvider());
  const way = closer.use(await openProviderWay(provider.url));
  const logger = createRecordingLogger();
  /** As it was when the test looked. */
  const seen: unknown[] = [];
  let clockOffset = options.clockOffset ?? 0;
  const worker = closer.use(
    await startWorkerWorld({
      openEngine: engineOf(options),
      clock: () => systemClock() + clockOffset,
      environment: options.environment ?? {},
      daemon: options.daemon ?? readDaemonConfig(undefined).config,
      logger,
    }),
  );
  const { alice, agentKeys, home, channel } = worker;
  const { slug } = agentKeys;
  const bob = await worker.network.signUp('bob');
  await bob.listen();

  function saidTo({ inbox }: TestUser): readonly string[] {
    return inbox.messages.flatMap(({ senderSlug, content }) =>
      senderSlug === slug && typeof content === 'string' ? [content] : [],
    );
  }

  async function withStore<Result>(use: (store: AgentStore) => Promise<Result>): Promise<Result> {
    await using store = await openAgentStore(home.agent('helper').storeFile, {
      clock: systemClock,
      random: systemRandom,
    });
    return use(store);
  }

  async function entryOf(envelopeId: EnvelopeId): Promise<InboxEntry> {
    return waitFor(() => withStore((store) => store.find(envelopeId)), 'the message to be recorded');
  }

  return {
    worker,
    provider,
    way,
    bob,
    async ask(text) {
      const route = { kind: 'dm', recipientSlug: slug } as const;
      const { sent } = await bob.client.outbox.send({ route, contentType: 'text/plain', content: text });
      return sent;
    },
    answers: () => saidTo(bob),
    news: () => saidTo(alice),
    async start(changes) {
      const { runtime, triggers } = worker.config();
      const access = { apiKey: AGENT_KEY, model: 'model-1', ...options.runtime, ...changes };
      await worker.start({
        runtime: {
          ...runtime,
          provider: providerNameOf(options.kind),
          baseUrl: baseUrlOf(options.kind, way),
          ...access,
        },
        triggers: { ...triggers, onChannel: false },
      });
    },
    entryOf,
    tokens: () => withStore(async (store) => (await store.readLoad(0)).tokens),
    async status() {
      const status = await alice.client.http.call('getAgentStatus', { params: { slug } });
      seen.push(status, worker.keeper.facts);
      return status;
    },
    async passUntilDue(envelopeId) {
      const { notBefore } = await entryOf(envelopeId);
      clockOffset = Math.max(clockOffset, notBefore + 1 - systemClock());
      // Nobody is asked; it makes the agent look what waits.
      await alice.say(channel, 'it is getting late');
    },
    setClockOffset(ms) {
      clockOffset = ms;
    },
    async everythingSaid() {
      const record = await readFile(home.agent('helper').runtimeFile, 'utf8');
      return [record, JSON.stringify([saidTo(alice), saidTo(bob), seen, logger.lines])].join('\n');
    },
    [Symbol.asyncDispose]: () => closer[Symbol.asyncDispose](),
  };
}

function providerNameOf(kind: ProviderKind): 'anthropic' | 'openai' | 'google' {
  return kind === 'openai-compatible' ? 'openai' : kind;
}

function baseUrlOf(kind: ProviderKind, { url }: ProviderWay): string {
  return kind === 'openai' || kind === 'openai-compatible' ? `${url}/v1` : url;
}

/** At an address of one's own `openai` is any compatible server; what speaks to OpenAI itself is made by hand. */
function engineOf({ kind, silenceMs }: ProviderWorldOptions): OpenEngine {
  if (kind !== 'openai' && silenceMs === undefined) return openAgentEngine;
  return ({ config: { runtime } }) => {
    const { apiKey, baseUrl, model } = runtime;
    return Promise.resolve({ engine: createChatEngine({ provider: kind, apiKey, baseUrl, silenceMs }), model });
  };
}
