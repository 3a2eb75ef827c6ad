// Channels of a space and who reads them. A deleted channel is gone for everything here. spec: wire-protocol 9.15, 9.16
import type { ChannelId, MemberRole, Slug, SpaceId } from '@puffo/protocol';
import type { Selectable } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import { MAX_CHANNELS, type Reader, type Writer } from './space-store.ts';

export type ChannelRow = Selectable<ServerSchema['channels']>;

export interface ChannelPlace {
  readonly spaceId: SpaceId;
  readonly channelId: ChannelId;
}

export function findChannel(db: Reader, { spaceId, channelId }: ChannelPlace): Promise<ChannelRow | undefined> {
  return db
    .selectFrom('channels')
    .where('channel_id', '=', channelId)
    .where('space_id', '=', spaceId)
    .where('deleted_at', 'is', null)
    .selectAll()
    .executeTakeFirst();
}

/** In any space, also when it was deleted: an id is used once. */
export async function isChannelIdTaken(db: Reader, channelId: ChannelId): Promise<boolean> {
  const row = await db
    .selectFrom('channels')
    .where('channel_id', '=', channelId)
    .select('channel_id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function hasMostChannels(db: Reader, spaceId: SpaceId): Promise<boolean> {
  const { count } = await db
    .selectFrom('channels')
    .where('space_id', '=', spaceId)
    .where('deleted_at', 'is', null)
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count) >= MAX_CHANNELS;
}

export async function isChannelMember(
  db: Reader,
  { channelId, slug }: { readonly channelId: ChannelId; readonly slug: Slug },
): Promise<boolean> {
  const row = await db
    .selectFrom('channel_members')
    .where('channel_id', '=', channelId)
    .where('slug', '=', slug)
    .select('slug')
    .executeTakeFirst();
  return row !== undefined;
}

/** The one that the server made with the space, unless it was deleted. spec: wire-protocol 8.7 */
export async function findGeneralChannelId(db: Reader, spaceId: SpaceId): Promise<ChannelId | undefined> {
  const made = await db
    .selectFrom('events')
    .where('space_id', '=', spaceId)
    .where('kind', '=', 'create_channel')
    .where('signer_device_id', '=', '')
    .orderBy('seq')
    .limit(1)
    .select('channel_id')
    .executeTakeFirst();
  const channelId = made?.channel_id as ChannelId | null | undefined;
  if (channelId === null || channelId === undefined) return undefined;
  return (await findChannel(db, { spaceId, channelId })) === undefined ? undefined : channelId;
}

export interface ListedChannel {
  readonly channelId: ChannelId;
  readonly isPublic: boolean;
  /** Whether `slug` is in it. */
  readonly isJoined: boolean;
}

/** Those of `channelIds` that are in the space, and how `slug` stands to them. */
export async function pickChannels(
  db: Reader,
  wanted: { readonly spaceId: SpaceId; readonly channelIds: readonly ChannelId[]; readonly slug: Slug },
): Promise<readonly ListedChannel[]> {
  if (wanted.channelIds.length === 0) return [];
  const rows = await db
    .selectFrom('channels')
    .leftJoin('channel_members', (join) =>
      join.onRef('channel_members.channel_id', '=', 'channels.channel_id').on('channel_members.slug', '=', wanted.slug),
    )
    .where('channels.space_id', '=', wanted.spaceId)
    .where('channels.deleted_at', 'is', null)
    .where('channels.channel_id', 'in', wanted.channelIds)
    .select(['channels.channel_id', 'channels.is_public', 'channel_members.slug as member'])
    .execute();
  return rows.map(({ channel_id, is_public, member }) => ({
    channelId: channel_id as ChannelId,
    isPublic: is_public === 1,
    isJoined: member !== null,
  }));
}

/** Those that `slug` is in, and the public ones. */
export function listChannelsFor(
  db: Reader,
  { spaceId, slug }: { readonly spaceId: SpaceId; readonly slug: Slug },
): Promise<readonly ChannelRow[]> {
  return db
    .selectFrom('channels')
    .leftJoin('channel_members', (join) =>
      join.onRef('channel_members.channel_id', '=', 'channels.channel_id').on('channel_members.slug', '=', slug),
    )
    .where('channels.space_id', '=', spaceId)
    .where('channels.deleted_at', 'is', null)
    .where((eb) => eb.or([eb('channels.is_public', '=', 1), eb('channel_members.slug', 'is not', null)]))
    .orderBy('channels.created_at')
    .orderBy('channels.channel_id')
    .selectAll('channels')
    .execute();
}

export interface ChannelMemberListing {
  readonly slug: string;
  readonly role: MemberRole;
  readonly identity_type: 'human' | 'agent' | null;
  readonly display_name: string | null;
  /** Of an agent: who operates it. */
  readonly owner_slug: string | null;
}

export function listChannelMembers(db: Reader, channelId: ChannelId): Promise<readonly ChannelMemberListing[]> {
  return db
    .selectFrom('channel_members')
    .leftJoin('identities', 'identities.slug', 'channel_members.slug')
    .leftJoin('identities as operators', 'operators.root_public_key', 'identities.operator_root_public_key')
    .leftJoin('profiles', 'profiles.slug', 'channel_members.slug')
    .where('channel_members.channel_id', '=', channelId)
    .orderBy('channel_members.joined_at')
    .orderBy('channel_members.slug')
    .select([
      'channel_members.slug',
      'channel_members.role',
      'identities.identity_type',
      'profiles.display_name',
      'operators.slug as owner_slug',
    ])
    .execute();
}

export async function updateChannel(
  transaction: Writer,
  channelId: ChannelId,
  changes: { readonly name?: string; readonly description?: string | null },
): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  await transaction.updateTable('channels').set(changes).where('channel_id', '=', channelId).execute();
}

/** Nobody is in it any more and nothing invites into it; its events stay. */
export async function deleteChannel(
  transaction: Writer,
  { channelId, at }: { readonly channelId: ChannelId; readonly at: number },
): Promise<void> {
  await transaction.updateTable('channels').set({ deleted_at: at }).where('channel_id', '=', channelId).execute();
  await transaction.deleteFrom('channel_members').where('channel_id', '=', channelId).execute();
  await transaction
    .updateTable('invites')
    .set({ state: 'cancelled' })
    .where('channel_id', '=', channelId)
    .where('state', '=', 'pending')
    .execute();
}
