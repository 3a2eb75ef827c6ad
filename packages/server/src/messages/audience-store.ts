// Who may read along, asked of the tables: one query where everything is in order. spec: wire-protocol 9.22
import type { DeviceId, Route, Slug } from '@puffo/protocol';
import { type Kysely, sql } from 'kysely';
import { prepareOneRowQuery } from '../db/prepare-query.ts';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import type { Audience } from './audience.ts';

type ChannelRoute = Extract<Route, { readonly kind: 'channel' }>;

export interface AudienceQuestion {
  readonly route: Route;
  readonly sender: Slug;
  readonly now: number;
}

/** All devices of both sides, or of all members. Fails as `POST /messages` does when `sender` may not write there. */
export async function getAudience(
  db: Kysely<ServerSchema>,
  { route, sender, now }: AudienceQuestion,
): Promise<Audience> {
  if (route.kind === 'dm') {
    const { rows } = await listDirectDevices(db, { sender, recipient: route.recipientSlug, now });
    return toAudience(rows[0]);
  }
  const { spaceId, channelId } = route;
  const { rows } = await listChannelDevices(db, { spaceId, channelId, sender, now });
  const [lists] = rows;
  // Whoever sends has a device, so a sender who is not among them is no member.
  if (lists?.has_sender !== 1) await refuseChannel(db, route);
  return toAudience(lists);
}

/** Ids with a space between them, because a hundred rows of one id each take longer to read than to find. */
interface DeviceList {
  readonly devices: string | null;
}

const listChannelDevices = prepareOneRowQuery<
  { spaceId: string; channelId: string; sender: string; now: number },
  DeviceList & { readonly has_sender: number | null }
>((db, slot) =>
  db
    .selectFrom('channels')
    .innerJoin('spaces', 'spaces.space_id', 'channels.space_id')
    .innerJoin('channel_members', 'channel_members.channel_id', 'channels.channel_id')
    .innerJoin('devices', 'devices.slug', 'channel_members.slug')
    .where('channels.channel_id', '=', slot('channelId'))
    .where('channels.space_id', '=', slot('spaceId'))
    .where('channels.deleted_at', 'is', null)
    .where('spaces.deleted_at', 'is', null)
    .where('spaces.archived_at', 'is', null)
    .select([
      selectDevices(slot('now')),
      sql<number | null>`max(case when devices.slug = ${slot('sender')} then 1 else 0 end)`.as('has_sender'),
    ]),
);

const listDirectDevices = prepareOneRowQuery<{ sender: string; recipient: string; now: number }, DeviceList>(
  (db, slot) =>
    db
      .selectFrom('devices')
      .where('slug', 'in', [slot('sender'), slot('recipient')])
      .select(selectDevices(slot('now'))),
);

/** Base64url has no such character. */
const ENDED = '!';

function selectDevices(now: number) {
  const isOver = sql`(coalesce(devices.expires_at <= cast(${now} as bigint), false)
    or coalesce(devices.revoked_from <= cast(${now} as bigint), false))`;
  return sql<string | null>`string_agg(case when ${isOver} then devices.device_id || ${sql.lit(ENDED)}
    else devices.device_id end, ' ')`.as('devices');
}

function toAudience(row: DeviceList | undefined): Audience {
  const text = row?.devices ?? '';
  const ids = text === '' ? [] : text.split(' ');
  if (!text.includes(ENDED)) return { usable: ids as DeviceId[], ended: [] };
  const usable = ids.filter((id) => !id.endsWith(ENDED));
  const ended = ids.filter((id) => id.endsWith(ENDED)).map((id) => id.slice(0, -ENDED.length));
  return { usable: usable as DeviceId[], ended: ended as DeviceId[] };
}

/** Says why nobody was found. spec: wire-protocol 9.22 */
async function refuseChannel(db: Kysely<ServerSchema>, { spaceId, channelId }: ChannelRoute): Promise<never> {
  const space = await db
    .selectFrom('spaces')
    .where('space_id', '=', spaceId)
    .where('deleted_at', 'is', null)
    .select('archived_at')
    .executeTakeFirst();
  if (space === undefined) throw invalid('space_id', `space not found: ${spaceId}`);
  const channel = await db
    .selectFrom('channels')
    .where('channel_id', '=', channelId)
    .where('space_id', '=', spaceId)
    .where('deleted_at', 'is', null)
    .select('channel_id')
    .executeTakeFirst();
  if (channel === undefined) throw invalid('channel_id', `channel not found: ${channelId}`);
  const why = space.archived_at === null ? 'you are no member of the channel' : 'the space is archived';
  throw new ServerError('FORBIDDEN', `Cannot send message: ${why}`);
}

function invalid(field: string, message: string): ServerError {
  return new ServerError('INVALID_PAYLOAD', message, { field });
}
