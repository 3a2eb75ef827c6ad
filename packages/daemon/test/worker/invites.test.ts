import { seededRandom } from '@puffo/base';
import { type Client, ClientError } from '@puffo/client';
import { createEnvelopeId, createSpaceId } from '@puffo/protocol';
import { startTestNetwork, type TestNetwork, type TestUser, waitFor } from '@puffo/testbed';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AgentStore } from '../../src/store/agent-store.ts';
import { createInvitedAgent, FIRST_MS, type InvitedAgent, type PossibleAnswer } from '../kit/invited-agent.ts';

const random = seededRandom(3);

describe('an agent that is invited', () => {
  let network: TestNetwork;
  let alice: TestUser;
  let bob: TestUser;
  let scene: InvitedAgent;

  beforeAll(async () => {
    network = await startTestNetwork();
    alice = await network.signUp('alice');
    bob = await network.signUp('bob');
    await alice.listen();
  });

  afterAll(() => network[Symbol.asyncDispose]());

  beforeEach(async () => {
    scene = await createInvitedAgent({ operator: alice, stranger: bob });
    return () => scene[Symbol.asyncDispose]();
  });

  it('accepts what its operator sent to a space, and asks nobody', async () => {
    await using keeper = scene.startKeeper();
    const { spaceId } = await alice.createSpace('Team');
    await alice.client.invites.inviteToSpace({ spaceId, slug: scene.agent.slug });
    expect(keeper.time.delays).toEqual([FIRST_MS]);
    await keeper.passRound();
    expect(await scene.isIn(spaceId)).toBe(true);
    expect(await scene.waitForSilence()).toEqual([]);
  });

  it('accepts what its operator sent to a channel', async () => {
    const space = await alice.createSpace('Team');
    await space.add(scene.agent);
    const place = await space.createChannel('plans');
    await alice.client.invites.inviteToChannel(place, scene.agent.slug);
    await using keeper = scene.startKeeper();
    await keeper.passRound();
    const channels = await scene.agent.client.channels.listChannels(space.spaceId);
    expect(channels.map(({ channel_id: id }) => id)).toContain(place.channelId);
  });

  it('looks at once when an invite is announced', async () => {
    await scene.agent.listen();
    await using keeper = scene.startKeeper();
    await waitFor(() => keeper.time.delays.includes(FIRST_MS), 'the first wait');
    const { spaceId } = await alice.createSpace('Team');
    await alice.client.invites.inviteToSpace({ spaceId, slug: scene.agent.slug });
    await waitFor(() => scene.isIn(spaceId), 'the agent to be in');
    expect(keeper.time.delays).not.toContain(FIRST_MS);
  });

  it('asks its operator about what others send, once, also after a restart', async () => {
    const spaceId = await scene.inviteFromStranger();
    {
      await using keeper = scene.startKeeper();
      await keeper.passRound();
      await keeper.passRound();
    }
    await scene.kept.reopen();
    await using keeper = scene.startKeeper();
    await keeper.passRound();
    const [question, ...more] = await scene.waitForSilence();
    expect(question?.content).toMatch(
      /@bob.* invites me to the space "Garden" \(sp_[^]*Answer `y` or `n` in this thread\.$/,
    );
    expect(more).toEqual([]);
    expect(await scene.isIn(spaceId)).toBe(false);
  });

  it('asks once when it was killed before it could note that it has asked', async () => {
    await scene.inviteFromStranger();
    const failing: AgentStore = { ...scene.kept.store, addInvitePrompt: () => Promise.reject(new Error('killed')) };
    {
      await using keeper = scene.startKeeper({ store: failing });
      await keeper.passRound();
    }
    await using keeper = scene.startKeeper();
    await keeper.passRound();
    expect(await scene.waitForSilence()).toHaveLength(1);
    expect(await scene.kept.store.listInvitePrompts()).toHaveLength(1);
  });

  it.each([
    ['y', true, /^I am now in the space "Garden"/],
    [' YES ', true, /^I am now in the space "Garden"/],
    ['n', false, /^I declined the invite to the space "Garden"/],
    ['No', false, /^I declined the invite to the space "Garden"/],
  ])('does what the operator answers in the thread with %j, and says so there', async (text, isAccepted, words) => {
    const spaceId = await scene.inviteFromStranger();
    await using keeper = scene.startKeeper();
    await keeper.passRound();
    const [question] = await scene.waitForWords(1);
    expect(await scene.answer(keeper.keeper, text)).toBe(true);
    const [, confirmation] = await scene.waitForWords(2);
    expect(confirmation).toMatchObject({ content: expect.stringMatching(words), threadRootId: question?.envelopeId });
    expect(await scene.isIn(spaceId)).toBe(isAccepted);
    expect(await scene.isInvited()).toBe(false);
  });

  it.each<[string, Partial<PossibleAnswer>]>([
    ['says something else', { text: 'yes please' }],
    ['is in no thread', { threadRootId: null }],
    ['is in another thread', { threadRootId: createEnvelopeId(random) }],
    ['is not by the operator', { isFromOperator: false }],
    [
      'is in a channel',
      { conversation: { kind: 'channel', spaceId: createSpaceId(random), channelId: 'ch_1' as never } },
    ],
  ])('leaves a message to the model that %s', async (_name, changes) => {
    await scene.inviteFromStranger();
    await using keeper = scene.startKeeper();
    await keeper.passRound();
    await scene.waitForWords(1);
    expect(await scene.answer(keeper.keeper, 'y', changes)).toBe(false);
    expect(await scene.isInvited()).toBe(true);
  });

  it('takes an answer that comes again for the answer that it was, and a later one for a message', async () => {
    await scene.inviteFromStranger();
    await using keeper = scene.startKeeper();
    await keeper.passRound();
    await scene.waitForWords(1);
    const envelopeId = createEnvelopeId(random);
    expect(await scene.answer(keeper.keeper, 'y', { envelopeId })).toBe(true);
    await scene.waitForWords(2);
    await waitFor(async () => (await scene.kept.store.listInvitePrompts()).length === 0, 'the prompt to be done');
    expect(await scene.answer(keeper.keeper, 'y', { envelopeId })).toBe(true);
    expect(await scene.answer(keeper.keeper, 'n')).toBe(false);
  });

  it('does after a restart what was decided before', async () => {
    const spaceId = await scene.inviteFromStranger();
    {
      await using keeper = scene.startKeeper();
      await keeper.passRound();
      await scene.waitForWords(1);
    }
    const store = await scene.kept.reopen();
    const promptId = scene.said()[0]!.envelopeId;
    await store.decideInvite({ promptId, answerId: createEnvelopeId(random), decision: 'accept' });
    await using keeper = scene.startKeeper();
    await keeper.passRound();
    expect(await scene.isIn(spaceId)).toBe(true);
    expect((await scene.waitForSilence()).map(({ content }) => content).slice(1)).toEqual([
      expect.stringMatching(/^I am now in the space/),
    ]);
  });

  it('says after a crash that it accepted, though the invite is gone by then', async () => {
    await scene.inviteFromStranger();
    {
      await using keeper = scene.startKeeper();
      await keeper.passRound();
      await scene.waitForWords(1);
    }
    const promptId = scene.said()[0]!.envelopeId;
    await scene.kept.store.decideInvite({ promptId, answerId: createEnvelopeId(random), decision: 'accept' });
    await scene.agent.client.invites.acceptInvite((await scene.agent.client.invites.listInvites())[0]!);
    await using keeper = scene.startKeeper();
    await keeper.passRound();
    expect((await scene.waitForWords(2))[1]?.content).toMatch(/^I am now in the space/);
  });

  it('tries again what the server did not take, and answers when it did', async () => {
    const spaceId = await scene.inviteFromStranger();
    let failures = 2;
    const { invites } = scene.agent.client;
    const client: Client = {
      ...scene.agent.client,
      invites: {
        ...invites,
        acceptInvite: (entry) => (failures-- > 0 ? Promise.reject(unreachable()) : invites.acceptInvite(entry)),
      },
    };
    await using keeper = scene.startKeeper({ client });
    await keeper.passRound();
    await scene.waitForWords(1);
    await scene.answer(keeper.keeper, 'y');
    await waitFor(() => failures === 1, 'the first attempt');
    await keeper.passRound();
    await keeper.passRound();
    expect(await scene.isIn(spaceId)).toBe(true);
    expect((await scene.waitForSilence()).map(({ content }) => content).slice(1)).toEqual([
      expect.stringMatching(/^I am now in the space/),
    ]);
  });

  it('forgets a question when the invite is withdrawn, and says so to who answers it later', async () => {
    const { spaceId } = await bob.createSpace('Garden');
    await bob.client.invites.inviteToSpace({ spaceId, slug: scene.agent.slug });
    await using keeper = scene.startKeeper();
    await keeper.passRound();
    await scene.waitForWords(1);
    const [entry] = await scene.agent.client.invites.listInvites();
    await bob.client.invites.cancelInvite(entry!);
    await keeper.passRound();
    expect(await scene.kept.store.listInvitePrompts()).toEqual([]);
    expect(await scene.answer(keeper.keeper, 'y')).toBe(true);
    expect((await scene.waitForWords(2))[1]?.content).toMatch(/not open any more/);
  });

  it('only notes in its log what nobody can be asked about', async () => {
    await scene.inviteFromStranger();
    await using keeper = scene.startKeeper({ operatorSlug: () => '' });
    await keeper.passRound();
    await keeper.passRound();
    expect(keeper.logger.eventsAt('warn')).toEqual(['invite-waits']);
    expect(await scene.waitForSilence()).toEqual([]);
  });

  it('asks at most twenty questions at a time, and the next one when one is answered', async () => {
    for (let count = 0; count < 22; count++) await scene.inviteFromStranger();
    await using keeper = scene.startKeeper();
    await keeper.passRound();
    expect(await scene.kept.store.listInvitePrompts()).toHaveLength(20);
    await scene.waitForWords(20);
    const asked = await scene.kept.store.listInvitePrompts();
    await scene.answer(keeper.keeper, 'n');
    // The place that it leaves may be taken in the same round.
    await waitFor(async () => {
      const open = (await scene.kept.store.listInvitePrompts()).map(({ eventId }) => eventId);
      return asked.some(({ eventId }) => !open.includes(eventId));
    }, 'the answer to be done');
    await keeper.passRound();
    expect(await scene.kept.store.listInvitePrompts()).toHaveLength(20);
  });

  it('warns once while the server cannot be asked, and goes on when it can', async () => {
    const { spaceId } = await alice.createSpace('Team');
    await alice.client.invites.inviteToSpace({ spaceId, slug: scene.agent.slug });
    let failures = 2;
    const { invites } = scene.agent.client;
    const listInvites: typeof invites.listInvites = (direction) =>
      failures-- > 0 ? Promise.reject(unreachable()) : invites.listInvites(direction);
    await using keeper = scene.startKeeper({ client: { ...scene.agent.client, invites: { ...invites, listInvites } } });
    for (let round = 0; round < 3; round++) await keeper.passRound();
    expect(await scene.isIn(spaceId)).toBe(true);
    expect(keeper.logger.eventsAt('warn')).toEqual(['invites-failed']);
  });

  it('stops while the server does not answer', async () => {
    let isAsked = false;
    function listInvites(): Promise<never> {
      isAsked = true;
      return new Promise(() => undefined);
    }
    const client = { ...scene.agent.client, invites: { ...scene.agent.client.invites, listInvites } };
    const { keeper, time } = scene.startKeeper({ client });
    time.pass(FIRST_MS);
    await waitFor(() => isAsked, 'the question');
    await keeper[Symbol.asyncDispose]();
    expect(time.delays).toEqual([]);
  });
});

function unreachable(): ClientError {
  return new ClientError('Cannot reach the server', { code: 'unreachable', retryable: true });
}
