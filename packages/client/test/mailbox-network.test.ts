// Mailbox and connection against the real server.
import { describe, expect, test } from 'vitest';
import { startTestNetwork, type TestUser, waitFor } from '@puffo/testbed';
import { wordOf } from './mailbox-kit/mailbox-world.ts';

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, index) => `${from + index}`);

async function sayAll(from: TestUser, to: TestUser, texts: readonly string[]): Promise<void> {
  for (const text of texts) await from.say(to, text);
}

async function listPendingOf({ client }: TestUser): Promise<number> {
  const { messages } = await client.http.call('listPending', {});
  return messages.items.length;
}

describe('with a real server', () => {
  test('what was pending, what is live and what came during a restart arrive once and in order', async () => {
    await using network = await startTestNetwork();
    const { alice, bob } = await network.worlds.twoPeople();
    await sayAll(alice, bob, numbers(0, 30));
    await bob.listen();
    expect(bob.inbox.texts).toEqual(numbers(0, 30));
    await sayAll(alice, bob, numbers(30, 15));
    await waitFor(() => bob.inbox.texts.length === 45, 'what is live');
    await network.server.stop();
    await network.server.start();
    await sayAll(alice, bob, numbers(45, 5));
    await waitFor(() => bob.inbox.texts.length === 50, 'what came after the restart');
    await waitFor(async () => (await listPendingOf(bob)) === 0, 'everything to be acknowledged');
    expect(bob.inbox.texts).toEqual(numbers(0, 50));
    expect(bob.inbox.received.every(({ kind }) => kind === 'message')).toBe(true);
  });

  test('what is not acknowledged comes again with the next start, and the rest does not', async () => {
    await using network = await startTestNetwork();
    const { alice, bob } = await network.worlds.twoPeople();
    await sayAll(alice, bob, numbers(0, 3));
    const first = bob.client.openPending();
    const seen: unknown[] = [];
    for await (const inbound of first.inbound) {
      seen.push(wordOf(inbound));
      if (seen.length < 3) first.acknowledge([inbound.envelopeId]);
    }
    expect(seen).toEqual(numbers(0, 3));
    await waitFor(async () => (await listPendingOf(bob)) === 1, 'two acknowledgements');
    await bob.restart();
    await bob.listen();
    expect(bob.inbox.texts).toEqual(['2']);
  });

  test('closing the client while the server is away ends connection and stream', async () => {
    await using network = await startTestNetwork();
    const alice = await network.signUp('alice');
    const helper = await alice.registerAgent('helper');
    const { connection, mailbox } = helper.client.openLive();
    await waitFor(() => connection.state === 'open', 'the connection');
    await network.server.stop();
    await waitFor(() => connection.state === 'waiting', 'the end of the connection');
    const reading = (async () => {
      for await (const inbound of mailbox.inbound) expect.fail(`nothing was sent: ${inbound.envelopeId}`);
    })();
    await helper.client[Symbol.asyncDispose]();
    await reading;
    expect(connection.state).toBe('stopped');
  });
});
