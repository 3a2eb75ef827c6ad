// Invites into spaces and channels, and who may not send them. spec: wire-protocol 12.1, 14.5
import type { ChannelId, EventId, Slug, SpaceId } from '@puffo/protocol';
import type { Selectable } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import type { Reader } from './space-store.ts';

export type InviteRow = Selectable<ServerSchema['invites']>;

/** An invite is found under its own place only: `channelId` is null for one into the space. */
export interface InvitePlace {
  readonly invitationEventId: EventId;
  readonly spaceId: SpaceId;
  readonly channelId: ChannelId | null;
}

export async function findInvite(db: Reader, place: InvitePlace): Promise<InviteRow | undefined> {
  const row = await db
    .selectFrom('invites')
    .where('invitation_event_id', '=', place.invitationEventId)
    .selectAll()
    .executeTakeFirst();
  return row?.space_id === place.spaceId && row.channel_id === place.channelId ? row : undefined;
}

export async function hasOpenInvite(
  db: Reader,
  {
    slug,
    spaceId,
    channelId,
  }: { readonly slug: Slug; readonly spaceId: SpaceId; readonly channelId: ChannelId | null },
): Promise<boolean> {
  const row = await db
    .selectFrom('invites')
    .where('invitee_slug', '=', slug)
    .where('state', '=', 'pending')
    .where('space_id', '=', spaceId)
    .where('channel_id', channelId === null ? 'is' : '=', channelId)
    .select('invitation_event_id')
    .executeTakeFirst();
  return row !== undefined;
}

export interface KnownIdentity {
  readonly identityType: 'human' | 'agent';
  readonly rootPublicKey: string;
}

/** Known to this server, and not retired. */
export async function findActiveIdentity(db: Reader, slug: Slug): Promise<KnownIdentity | undefined> {
  const row = await db
    .selectFrom('identities')
    .where('slug', '=', slug)
    .where('state', '=', 'active')
    .select(['identity_type', 'root_public_key'])
    .executeTakeFirst();
  return row === undefined ? undefined : { identityType: row.identity_type, rootPublicKey: row.root_public_key };
}

/** Also of a retired identity. */
export async function findRootKey(db: Reader, slug: Slug): Promise<string | undefined> {
  const row = await db.selectFrom('identities').where('slug', '=', slug).select('root_public_key').executeTakeFirst();
  return row?.root_public_key;
}

export async function hasBlocked(
  db: Reader,
  { slug, peerSlug }: { readonly slug: Slug; readonly peerSlug: Slug },
): Promise<boolean> {
  const row = await db
    .selectFrom('blocklists')
    .where('slug', '=', slug)
    .where('peer_slug', '=', peerSlug)
    .select('slug')
    .executeTakeFirst();
  return row !== undefined;
}

/** The newest `limit` that nobody answered, with the inviting events. */
export function listOpenInvites(
  db: Reader,
  { slug, direction, limit }: { readonly slug: Slug; readonly direction: 'received' | 'sent'; readonly limit: number },
) {
  return db
    .selectFrom('invites')
    .innerJoin('events', 'events.event_id', 'invites.invitation_event_id')
    .where(direction === 'sent' ? 'invites.inviter_slug' : 'invites.invitee_slug', '=', slug)
    .where('invites.state', '=', 'pending')
    .orderBy('events.seq', 'desc')
    .limit(limit)
    .selectAll('invites')
    .select(['events.seq', 'events.received_at', 'events.object'])
    .execute();
}

export type InviteListing = Awaited<ReturnType<typeof listOpenInvites>>[number];

/** The events that made these spaces and handed them over, oldest first. spec: wire-protocol 14.5 */
export function listSpaceProofs(db: Reader, spaceIds: readonly string[]) {
  if (spaceIds.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('events')
    .where('space_id', 'in', spaceIds)
    .where('kind', 'in', ['create_space', 'transfer_space_ownership'])
    .orderBy('seq')
    .select(['space_id', 'object'])
    .execute();
}
