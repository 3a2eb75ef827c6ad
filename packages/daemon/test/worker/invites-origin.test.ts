import { isJsonObject, type JsonObject, seededRandom } from '@puffo/base';
import type { Client } from '@puffo/client';
import { createChannelId, createSpaceId, type EnvelopeId, type InviteEntry, TEXT_CONTENT_TYPE } from '@puffo/protocol';
import { startTestNetwork, type TestNetwork, type TestUser, waitFor } from '@puffo/testbed';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toInboxMessage } from '../../src/worker/inbound-message.ts';
import { ownIdentityOf } from '../../src/worker/own-identity.ts';
import { createInvitedAgent, type InvitedAgent } from '../kit/invited-agent.ts';

const random = seededRandom(4);

describe('an agent believes keys, and neither names nor servers: it', () => {
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

  it('believes an answer for the key that signed it', async () => {
    await scene.agent.listen();
    const spaceId = await scene.inviteFromStranger();
    await using keeper = scene.startKeeper();
    await keeper.passRound();
    const [question] = await scene.waitForWords(1);
    const own = ownIdentityOf(scene.agent.keys);
    for (const person of [bob, alice]) {
      const before = scene.agent.inbox.messages.length;
      await sayInThread(person, scene.agent, { text: 'y', threadRootId: question!.envelopeId });
      await waitFor(() => scene.agent.inbox.messages.length > before, 'the answer');
      const inbound = scene.agent.inbox.received.findLast((each) => each.kind === 'message')!;
      const isConsumed = await keeper.keeper.interceptAnswer(toInboxMessage(inbound, own));
      expect(isConsumed).toBe(person === alice);
    }
    await waitFor(() => scene.isIn(spaceId), 'the agent to be in');
  });

  it.each<[string, (entry: InviteEntry) => Partial<InviteEntry>]>([
    ['names the operator, and the invite is signed by somebody else', () => ({ inviter_slug: alice.slug })],
    [
      'names the operator, and the signature is of nobody',
      ({ invitation_event: event }) => ({
        inviter_slug: alice.slug,
        invitation_event: { ...event!, event: { ...event!.event, signer_slug: alice.slug } },
      }),
    ],
  ])('asks when the server %s', async (_name, forge) => {
    const spaceId = await scene.inviteFromStranger();
    await using keeper = scene.startKeeper({ client: withEntries(scene.agent.client, forge) });
    await keeper.passRound();
    await scene.waitForWords(1);
    expect(await scene.isIn(spaceId)).toBe(false);
    expect(keeper.logger.eventsAt('warn')).toContain('invite-not-proven');
  });

  it.each<[string, (entry: InviteEntry) => Partial<InviteEntry>]>([
    ['another space than the entry', () => ({ space_id: createSpaceId(random) })],
    [
      'another space than what was signed',
      ({ invitation_event: event }) => {
        const spaceId = createSpaceId(random);
        return { space_id: spaceId, invitation_event: withPayload(event!, { space_id: spaceId }) };
      },
    ],
    [
      'somebody else',
      ({ invitation_event: event }) => ({ invitation_event: withPayload(event!, { invitee_slug: bob.slug }) }),
    ],
    ['a channel, and the entry a space', () => ({ scope: 'channel', channel_id: createChannelId(random) })],
    ['something else', ({ invitation_event: event }) => ({ invitation_event: { ...event!, event: { type: 'note' } } })],
  ])('does not take what its operator signed for an invite when it names %s', async (_name, change) => {
    const { spaceId } = await alice.createSpace('Team');
    await alice.client.invites.inviteToSpace({ spaceId, slug: scene.agent.slug });
    await using keeper = scene.startKeeper({ client: withEntries(scene.agent.client, change) });
    await keeper.passRound();
    await scene.waitForWords(1);
    expect(keeper.logger.eventsAt('warn')).toContain('invite-not-proven');
    expect(await scene.isIn(spaceId)).toBe(false);
  });

  it('goes by the certificates of the inviter where a server does not show the invite, and notes that', async () => {
    const { spaceId } = await alice.createSpace('Team');
    await alice.client.invites.inviteToSpace({ spaceId, slug: scene.agent.slug });
    const client = withEntries(scene.agent.client, () => ({ invitation_event: undefined }));
    await using keeper = scene.startKeeper({ client });
    await keeper.passRound();
    expect(await scene.isIn(spaceId)).toBe(true);
    expect(keeper.logger.eventsAt('info')).toContain('invite-event-missing');
  });

  it('asks also for its operator when it does not know whose key that is', async () => {
    const { spaceId } = await alice.createSpace('Team');
    await alice.client.invites.inviteToSpace({ spaceId, slug: scene.agent.slug });
    await using keeper = scene.startKeeper({ own: { slug: scene.agent.slug, operatorPublicKey: undefined } });
    await keeper.passRound();
    await scene.waitForWords(1);
    expect(await scene.isIn(spaceId)).toBe(false);
  });
});

/** As another server, or one that lies, would list them. */
function withEntries(client: Client, change: (entry: InviteEntry) => Partial<InviteEntry>): Client {
  const { invites } = client;
  async function listInvites(): Promise<readonly InviteEntry[]> {
    const entries = await invites.listInvites();
    return entries.map((entry) => ({ ...entry, ...change(entry) }));
  }
  return { ...client, invites: { ...invites, listInvites } };
}

type InviteEvent = NonNullable<InviteEntry['invitation_event']>;

function withPayload({ event, ...rest }: InviteEvent, changes: JsonObject): InviteEvent {
  const payload = isJsonObject(event['payload']) ? event['payload'] : {};
  return { ...rest, event: { ...event, payload: { ...payload, ...changes } } };
}

async function sayInThread(
  from: TestUser,
  to: TestUser,
  { text, threadRootId }: { readonly text: string; readonly threadRootId: EnvelopeId },
): Promise<void> {
  const route = { kind: 'dm', recipientSlug: to.slug } as const;
  const { sent } = await from.client.outbox.send({
    route,
    contentType: TEXT_CONTENT_TYPE,
    content: text,
    threadRootId,
  });
  await sent;
}
