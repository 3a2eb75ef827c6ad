// Links that invite whoever holds them. spec: wire-protocol 14.5
import type { Slug, SpaceId } from '@puffo/protocol';
import type { Reader } from './space-store.ts';

function selectLinks(db: Reader) {
  return db
    .selectFrom('invite_links')
    .innerJoin('events', 'events.event_id', 'invite_links.event_id')
    .innerJoin('spaces', 'spaces.space_id', 'invite_links.space_id')
    .where('spaces.deleted_at', 'is', null)
    .selectAll('invite_links')
    .select(['events.seq', 'events.object', 'spaces.name as space_name']);
}

export type LinkRow = NonNullable<Awaited<ReturnType<typeof findLink>>>;

/** A link of a space that exists. */
export function findLink(db: Reader, inviteId: string) {
  return selectLinks(db).where('invite_links.invite_id', '=', inviteId).executeTakeFirst();
}

export interface LinkPage {
  readonly spaceId: SpaceId;
  /** Made by this person only; `undefined`: by anybody. */
  readonly creatorSlug: Slug | undefined;
  readonly after: number;
  readonly limit: number;
}

export function listLinks(db: Reader, { spaceId, creatorSlug, after, limit }: LinkPage): Promise<readonly LinkRow[]> {
  const all = selectLinks(db).where('invite_links.space_id', '=', spaceId).where('events.seq', '>', after);
  const wanted = creatorSlug === undefined ? all : all.where('invite_links.creator_slug', '=', creatorSlug);
  return wanted.orderBy('events.seq').limit(limit).execute();
}

/** Also in a space that was deleted: an id is used once. */
export async function isLinkIdTaken(db: Reader, inviteId: string): Promise<boolean> {
  const row = await db
    .selectFrom('invite_links')
    .where('invite_id', '=', inviteId)
    .select('invite_id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function isRedemptionIdTaken(db: Reader, redemptionId: string): Promise<boolean> {
  const row = await db
    .selectFrom('redemptions')
    .where('redemption_id', '=', redemptionId)
    .select('redemption_id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function hasRedeemed(
  db: Reader,
  { inviteId, slug }: { readonly inviteId: string; readonly slug: Slug },
): Promise<boolean> {
  const row = await db
    .selectFrom('redemptions')
    .where('invite_id', '=', inviteId)
    .where('redeemer_slug', '=', slug)
    .select('redemption_id')
    .executeTakeFirst();
  return row !== undefined;
}
