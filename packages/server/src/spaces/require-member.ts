// What a caller has to be in a space to see or change it; a refusal is thrown. spec: wire-protocol 9.14-9.19
import type { ChannelId, Slug, SpaceId } from '@puffo/protocol';
import { ServerError } from '../errors.ts';
import { type ChannelRow, findChannel, isChannelMember } from './channel-store.ts';
import { findSpace, findSpaceMember, type Reader, type SpaceMemberRow } from './space-store.ts';

export interface SpaceCaller {
  readonly spaceId: SpaceId;
  readonly slug: Slug;
}

export interface ChannelCaller extends SpaceCaller {
  readonly channelId: ChannelId;
}

export async function requireMember(db: Reader, { spaceId, slug }: SpaceCaller): Promise<SpaceMemberRow> {
  if ((await findSpace(db, spaceId)) === undefined) throw new ServerError('NOT_FOUND', 'There is no such space');
  const member = await findSpaceMember(db, { spaceId, slug });
  if (member !== undefined) return member;
  throw new ServerError('FORBIDDEN', 'You are not a member of this space');
}

/** The owner or an admin. */
export async function requireManager(db: Reader, caller: SpaceCaller): Promise<SpaceMemberRow> {
  const member = await requireMember(db, caller);
  if (member.role !== 'member') return member;
  throw new ServerError('FORBIDDEN', 'Only the owner and admins of the space may do this');
}

export async function requireChannel(db: Reader, { spaceId, channelId }: ChannelCaller): Promise<ChannelRow> {
  const channel = await findChannel(db, { spaceId, channelId });
  if (channel !== undefined) return channel;
  throw new ServerError('NOT_FOUND', 'There is no such channel in this space');
}

export async function requireChannelMember(db: Reader, caller: ChannelCaller): Promise<void> {
  await requireChannel(db, caller);
  if (await isChannelMember(db, caller)) return;
  throw new ServerError('FORBIDDEN', 'You are not a member of this channel');
}

/** A member of the channel, or of the space when the channel is public. */
export async function requireChannelReader(db: Reader, caller: ChannelCaller): Promise<void> {
  const channel = await requireChannel(db, caller);
  if (channel.is_public === 1 || (await isChannelMember(db, caller))) return;
  throw new ServerError('FORBIDDEN', 'You are not a member of this channel');
}
