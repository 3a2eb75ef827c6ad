// A space of a test, and the steps by which people come into it.
import type { ChannelPlace, Client } from '@puffo/client';
import type { Slug, SpaceId } from '@puffo/protocol';
import { TestbedError } from './testbed-error.ts';

/** Who is let in: a `TestUser` is one. */
export interface Guest {
  readonly slug: Slug;
  readonly client: Client;
}

export interface TestSpace {
  readonly spaceId: SpaceId;
  /** The public one: everybody who is in the space reads it. */
  readonly general: ChannelPlace;
  /** A private one, with the maker of the space in it and these. */
  createChannel(name: string, members?: readonly Guest[]): Promise<ChannelPlace>;
  /** Invites them, and accepts for them. */
  add(...guests: readonly Guest[]): Promise<void>;
}

export async function createTestSpace(owner: Client, name: string): Promise<TestSpace> {
  const spaceId = await owner.spaces.createSpace({ name });
  const [general] = await owner.channels.listChannels(spaceId);
  if (general === undefined) throw new TestbedError('server-failed', 'Cannot create a space: it has no channel');
  return {
    spaceId,
    general: { spaceId, channelId: general.channel_id },
    async createChannel(channelName, members = []) {
      const slugs = members.map(({ slug }) => slug);
      const channelId = await owner.channels.createChannel({ spaceId, name: channelName, members: slugs });
      return { spaceId, channelId };
    },
    async add(...guests) {
      for (const guest of guests) await letIn(owner, { spaceId, guest });
    },
  };
}

/** Who has agreed beforehand to what their operator does is in by the invitation alone. */
async function letIn(
  owner: Client,
  { spaceId, guest }: { readonly spaceId: SpaceId; readonly guest: Guest },
): Promise<void> {
  const invitation = await owner.invites.inviteToSpace({ spaceId, slug: guest.slug });
  const open = await guest.client.invites.listInvites();
  const invite = open.find(({ invitation_event_id: id }) => id === invitation);
  if (invite !== undefined) await guest.client.invites.acceptInvite(invite);
}
