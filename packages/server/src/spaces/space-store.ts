// Spaces and who is in them. A deleted space is gone for everything here; its events stay. spec: wire-protocol 9.13, 9.14
import type { MemberRole, Slug, SpaceId } from '@puffo/protocol';
import type { Kysely, Selectable, Transaction } from 'kysely';
import { nextSeq } from '../db/next-seq.ts';
import type { ServerSchema } from '../db/schema.ts';

export type Reader = Kysely<ServerSchema>;
export type Writer = Transaction<ServerSchema>;

/** How many members and channels one space may have. */
const MAX_MEMBERS = 4096;
export const MAX_CHANNELS = 1000;

/**
 * Lets one transaction at a time decide about spaces, on every node: what a rule was told stays true until its effects are
 * written.
 */
export async function lockSpaces(transaction: Writer): Promise<void> {
  await nextSeq(transaction, 'events', 0);
}

export type SpaceRow = Selectable<ServerSchema['spaces']>;

export function findSpace(db: Reader, spaceId: SpaceId): Promise<SpaceRow | undefined> {
  return db
    .selectFrom('spaces')
    .where('space_id', '=', spaceId)
    .where('deleted_at', 'is', null)
    .selectAll()
    .executeTakeFirst();
}

/** Also when it was deleted: an id is used once. */
export async function isSpaceIdTaken(db: Reader, spaceId: SpaceId): Promise<boolean> {
  const row = await db.selectFrom('spaces').where('space_id', '=', spaceId).select('space_id').executeTakeFirst();
  return row !== undefined;
}

export interface Membership {
  readonly spaceId: SpaceId;
  readonly slug: string;
}

export type SpaceMemberRow = Selectable<ServerSchema['space_members']>;

export function findSpaceMember(db: Reader, { spaceId, slug }: Membership): Promise<SpaceMemberRow | undefined> {
  return db
    .selectFrom('space_members')
    .where('space_id', '=', spaceId)
    .where('slug', '=', slug)
    .selectAll()
    .executeTakeFirst();
}

export async function findRole(db: Reader, membership: Membership): Promise<MemberRole | undefined> {
  return (await findSpaceMember(db, membership))?.role;
}

export async function listMemberSlugs(db: Reader, spaceId: SpaceId): Promise<readonly Slug[]> {
  const rows = await db.selectFrom('space_members').where('space_id', '=', spaceId).select('slug').execute();
  return rows.map(({ slug }) => slug as Slug);
}

export async function isSpaceFull(db: Reader, spaceId: SpaceId): Promise<boolean> {
  const { count } = await db
    .selectFrom('space_members')
    .where('space_id', '=', spaceId)
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count) >= MAX_MEMBERS;
}

/** Those of `slugs` who are in the space, each once. */
export async function pickMembers(
  db: Reader,
  { spaceId, slugs }: { readonly spaceId: SpaceId; readonly slugs: readonly Slug[] },
): Promise<readonly Slug[]> {
  if (slugs.length === 0) return [];
  const rows = await db
    .selectFrom('space_members')
    .where('space_id', '=', spaceId)
    .where('slug', 'in', slugs)
    .select('slug')
    .execute();
  return rows.map(({ slug }) => slug as Slug);
}

/** Members whom the owner of this root key operates, without one who owns the space. */
export async function listAgentsInSpace(
  db: Reader,
  { spaceId, operatorKey }: { readonly spaceId: SpaceId; readonly operatorKey: string },
): Promise<readonly Slug[]> {
  const rows = await db
    .selectFrom('space_members')
    .innerJoin('identities', 'identities.slug', 'space_members.slug')
    .where('space_members.space_id', '=', spaceId)
    .where('identities.operator_root_public_key', '=', operatorKey)
    .where('space_members.role', '!=', 'owner')
    .orderBy('space_members.slug')
    .select('space_members.slug')
    .execute();
  return rows.map(({ slug }) => slug as Slug);
}

export interface MemberListing {
  readonly slug: string;
  readonly role: MemberRole;
  readonly joined_at: number;
  readonly identity_type: 'human' | 'agent' | null;
  readonly display_name: string | null;
}

export function listSpaceMembers(db: Reader, spaceId: SpaceId): Promise<readonly MemberListing[]> {
  return db
    .selectFrom('space_members')
    .leftJoin('identities', 'identities.slug', 'space_members.slug')
    .leftJoin('profiles', 'profiles.slug', 'space_members.slug')
    .where('space_members.space_id', '=', spaceId)
    .orderBy('space_members.joined_at')
    .orderBy('space_members.slug')
    .select([
      'space_members.slug',
      'space_members.role',
      'space_members.joined_at',
      'identities.identity_type',
      'profiles.display_name',
    ])
    .execute();
}

export interface SpaceListing {
  readonly space_id: string;
  readonly name: string;
  readonly description: string | null;
  readonly avatar_url: string | null;
  readonly archived_at: number | null;
  readonly role: MemberRole;
  readonly joined_at: number;
  readonly latest_seq: number | null;
}

/** What `slug` belongs to; `spaceId`: that one only. */
export function listSpacesOf(
  db: Reader,
  { slug, spaceId }: { readonly slug: Slug; readonly spaceId?: SpaceId },
): Promise<readonly SpaceListing[]> {
  const mine = db
    .selectFrom('space_members')
    .innerJoin('spaces', 'spaces.space_id', 'space_members.space_id')
    .where('space_members.slug', '=', slug)
    .where('spaces.deleted_at', 'is', null);
  const wanted = spaceId === undefined ? mine : mine.where('spaces.space_id', '=', spaceId);
  return wanted
    .orderBy('space_members.joined_at')
    .orderBy('spaces.space_id')
    .select([
      'spaces.space_id',
      'spaces.name',
      'spaces.description',
      'spaces.avatar_url',
      'spaces.archived_at',
      'space_members.role',
      'space_members.joined_at',
    ])
    .select((eb) =>
      eb
        .selectFrom('events')
        .whereRef('events.space_id', '=', 'spaces.space_id')
        .select(({ fn }) => fn.max<number | null>('events.seq').as('seq'))
        .as('latest_seq'),
    )
    .execute();
}

export async function updateSpace(
  transaction: Writer,
  spaceId: SpaceId,
  changes: {
    readonly name?: string;
    readonly description?: string | null;
    readonly avatar_url?: string | null;
    readonly archived_at?: number | null;
  },
): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  await transaction.updateTable('spaces').set(changes).where('space_id', '=', spaceId).execute();
}

/** Nobody is in it any more and nothing invites into it; only its log stays. */
export async function deleteSpace(
  transaction: Writer,
  { spaceId, at }: { readonly spaceId: SpaceId; readonly at: number },
): Promise<void> {
  await transaction.updateTable('spaces').set({ deleted_at: at }).where('space_id', '=', spaceId).execute();
  await transaction
    .updateTable('channels')
    .set({ deleted_at: at })
    .where('space_id', '=', spaceId)
    .where('deleted_at', 'is', null)
    .execute();
  await transaction.deleteFrom('channel_members').where('space_id', '=', spaceId).execute();
  await transaction.deleteFrom('space_members').where('space_id', '=', spaceId).execute();
  await transaction
    .updateTable('invites')
    .set({ state: 'cancelled' })
    .where('space_id', '=', spaceId)
    .where('state', '=', 'pending')
    .execute();
  await transaction
    .updateTable('invite_links')
    .set({ revoked_at: at })
    .where('space_id', '=', spaceId)
    .where('revoked_at', 'is', null)
    .execute();
}

export interface AutoAcceptChange {
  readonly auto_accept_owner_invite?: number;
  readonly auto_accept_member_invite?: number;
}

export async function updateMemberSettings(
  transaction: Writer,
  { spaceId, slug }: Membership,
  changes: AutoAcceptChange,
): Promise<void> {
  if (Object.keys(changes).length === 0) return;
  await transaction
    .updateTable('space_members')
    .set(changes)
    .where('space_id', '=', spaceId)
    .where('slug', '=', slug)
    .execute();
}
