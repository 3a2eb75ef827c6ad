// A server in a process of its own, a relay before it that agents connect through, a provider that answers at once, and the person
// who asks.
import { createCloser, sleep } from '@puffo/base';
import { TEXT_CONTENT_TYPE } from '@puffo/protocol';
import {
  type FakeProvider,
  replies,
  startFakeProvider,
  startTestNetwork,
  type TestUser,
  waitFor,
} from '@puffo/testbed';
import type { AgentWorld, BenchAgent } from './agent-homes.ts';
import { type Relay, startRelay } from './relay.ts';

const PATIENCE = { timeoutMs: 180_000 };
/** After an answer an agent has something to write down. */
const PAUSE_MS = 60;

export interface BenchWorld extends AgentWorld, AsyncDisposable {
  readonly operator: TestUser;
  readonly relay: Relay;
  readonly provider: FakeProvider;
  /** One after the other; ms from the frame at the agent's socket to the request at the provider, of each. */
  askInTurn(agents: readonly BenchAgent[]): Promise<readonly number[]>;
  /** All at once; resolves when each has answered. */
  askAll(agents: readonly BenchAgent[]): Promise<void>;
}

export async function startBenchWorld(): Promise<BenchWorld> {
  const closer = createCloser();
  const network = closer.use(await startTestNetwork({ process: true }));
  const relay = closer.use(await startRelay(network.url));
  // One clock for all that is measured.
  const provider = closer.use(
    await startFakeProvider({ defaultReply: replies.text('An answer.'), clock: () => performance.now() }),
  );
  const operator = await network.signUp('operator');
  await operator.listen();
  let questions = 0;

  function countAnswers(): number {
    return operator.inbox.messages.filter(({ senderSlug }) => senderSlug !== operator.slug).length;
  }

  async function send({ slug }: BenchAgent, content: string): Promise<string> {
    const { sent } = await operator.client.outbox.send({
      route: { kind: 'dm', recipientSlug: slug },
      contentType: TEXT_CONTENT_TYPE,
      content,
    });
    return (await sent).envelopeId;
  }

  async function askOne(agent: BenchAgent): Promise<number> {
    const answers = countAnswers();
    const content = `question ${++questions}.`;
    relay.note();
    const envelopeId = await send(agent, content);
    const { receivedAt } = await provider.waitFor(({ rawBody }) => rawBody.includes(content));
    await waitFor(() => countAnswers() > answers, `an answer to ${content}`, PATIENCE);
    const arrivedAt = relay.findMoment(envelopeId);
    if (arrivedAt === undefined) throw new Error('a frame did not come through the relay');
    await sleep(PAUSE_MS);
    return receivedAt - arrivedAt;
  }

  return {
    operator,
    relay,
    provider,
    serverUrl: relay.url,
    providerUrl: provider.sdkBaseUrls.openai,
    async askInTurn(agents) {
      const times: number[] = [];
      for (const agent of agents) times.push(await askOne(agent));
      return times;
    },
    async askAll(agents) {
      const answers = countAnswers();
      await Promise.all(agents.map((agent) => send(agent, `question ${++questions}.`)));
      await waitFor(() => countAnswers() >= answers + agents.length, 'all answers', PATIENCE);
    },
    [Symbol.asyncDispose]: () => closer[Symbol.asyncDispose](),
  };
}
