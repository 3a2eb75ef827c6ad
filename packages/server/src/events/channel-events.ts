// The facts for `channel-rules.ts`.
import type { ChannelId } from '@puffo/protocol';
import {
  type ChannelPlace,
  findChannel,
  hasMostChannels,
  isChannelIdTaken,
  isChannelMember,
} from '../spaces/channel-store.ts';
import { findRole, pickMembers, type Reader } from '../spaces/space-store.ts';
import {
  type ChannelFacts,
  decideCreateChannel,
  decideLeaveChannel,
  decideRemoveFromChannel,
} from './channel-rules.ts';
import type { Decision } from './effect.ts';
import type { PostedEvent } from './posted-event.ts';

export async function createChannel(posted: PostedEvent<'create_channel'>): Promise<Decision> {
  const { transaction, payload, actor, settings } = posted;
  const { space_id: spaceId, channel_id: channelId, name } = payload;
  return decideCreateChannel({
    actor,
    isIdTaken: await isChannelIdTaken(transaction, channelId),
    isSpaceFull: await hasMostChannels(transaction, spaceId),
    membersMayCreateChannels: settings.membersMayCreateChannels,
    channelId,
    name,
    isPublic: payload.is_public ?? false,
    initialMembers: await pickMembers(transaction, { spaceId, slugs: payload.initial_member_slugs ?? [] }),
  });
}

export async function leaveChannel(posted: PostedEvent<'leave_channel'>): Promise<Decision> {
  const { transaction, payload, actor } = posted;
  const { space_id: spaceId, channel_id: channelId } = payload;
  return decideLeaveChannel({
    actor,
    channel: await findChannelFacts(transaction, { spaceId, channelId }),
    isMember: await isChannelMember(transaction, { channelId, slug: actor.slug }),
  });
}

export async function removeFromChannel(posted: PostedEvent<'remove_from_channel'>): Promise<Decision> {
  const { transaction, payload, actor } = posted;
  const { space_id: spaceId, channel_id: channelId, removed_slug: target } = payload;
  return decideRemoveFromChannel({
    actor,
    channel: await findChannelFacts(transaction, { spaceId, channelId }),
    target,
    isTargetMember: await isChannelMember(transaction, { channelId, slug: target }),
    isTargetSpaceOwner: (await findRole(transaction, { spaceId, slug: target })) === 'owner',
  });
}

export async function findChannelFacts(db: Reader, place: ChannelPlace): Promise<ChannelFacts | undefined> {
  const row = await findChannel(db, place);
  if (row === undefined) return undefined;
  return { channelId: row.channel_id as ChannelId, ownerSlug: row.owner_slug, isPublic: row.is_public === 1 };
}
