// Real clients at a real server: what the worlds promise, and that nothing stays behind.
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startFlakyProxy } from '../src/proxy/flaky-proxy.ts';
import { startTestNetwork } from '../src/network/test-network.ts';
import { waitFor } from '../src/network/wait-for.ts';

describe('worlds', () => {
  it('let two people talk in a channel and directly', async () => {
    await using network = await startTestNetwork();
    const { alice, bob, channel } = await network.worlds.twoPeople();
    await bob.listen();
    const first = await alice.say(channel, 'in the channel');
    await alice.say(bob, 'directly');
    await waitFor(() => bob.inbox.received.length === 2, 'both messages');
    expect(bob.inbox.texts).toEqual(['in the channel', 'directly']);
    expect(bob.inbox.received[0]).toMatchObject({ envelopeId: first.envelopeId, seq: first.seq });
    expect(bob.inbox.messages.map(({ senderSlug }) => senderSlug)).toEqual([alice.slug, alice.slug]);
  });

  it('let a person talk with an agent that she vouches for', async () => {
    await using network = await startTestNetwork();
    const { alice, agent, channel } = await network.worlds.personAndAgent();
    await Promise.all([alice.listen(), agent.listen()]);
    await alice.say(channel, 'question');
    await waitFor(() => agent.inbox.texts.includes('question'), 'the question');
    await agent.say(channel, 'answer');
    await waitFor(() => alice.inbox.texts.includes('answer'), 'the answer');
    const { people } = await alice.client.directory.getPeople([agent.slug]);
    const operator = people.get(agent.slug)?.identity.operatorKey?.publicKey;
    expect(operator).toBe(alice.keys.rootKey.verifyKey.publicKey);
  });

  it('let a crowd read one channel', async () => {
    await using network = await startTestNetwork();
    const { people, channel, space } = await network.worlds.crowd(4);
    await Promise.all(people.map((person) => person.listen()));
    await people[3]?.say(channel, 'private');
    await people[0]?.say(space.general, 'public');
    const others = people.slice(1, 3);
    await waitFor(() => others.every(({ inbox }) => inbox.texts.length === 2), 'both messages, everywhere');
    expect(others.map(({ inbox }) => inbox.texts)).toEqual([
      ['private', 'public'],
      ['private', 'public'],
    ]);
  });
});

describe('users', () => {
  it.each(['memory', 'sqlite'] as const)('go on after a restart with what they have in %s', async (stores) => {
    await using network = await startTestNetwork({ users: { stores } });
    const { alice, bob } = await network.worlds.twoPeople();
    await bob.listen();
    await alice.say(bob, 'before');
    await waitFor(() => bob.inbox.texts.length === 1, 'the first message');
    await bob.restart();
    await alice.say(bob, 'meanwhile');
    await bob.listen();
    expect(bob.inbox.texts).toEqual(['before', 'meanwhile']);
  });

  it('reach the server through what is between', async () => {
    await using network = await startTestNetwork();
    await using proxy = await startFlakyProxy({ target: network.url, seed: 1 });
    const alice = await network.signUp('alice', { serverUrl: proxy.url });
    const bob = await network.signUp('bob');
    await bob.listen();
    proxy.inject('refuse-503', { method: 'POST', path: '/messages' });
    await alice.say(bob, 'all the same');
    await waitFor(() => bob.inbox.texts.includes('all the same'), 'the message');
    expect(proxy.faults['refuse-503']).toBe(1);
  });
});

it('leaves no folders behind', async () => {
  const network = await startTestNetwork({ users: { stores: 'sqlite' } });
  const { alice } = await network.worlds.twoPeople();
  await alice.listen();
  const folders = [network.folder, network.server.dataDir];
  expect(folders.map((folder) => existsSync(folder))).toEqual([true, true]);
  await network[Symbol.asyncDispose]();
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
});
