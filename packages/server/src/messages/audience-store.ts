// Who may read along, asked of the tables: one query where everything is in order. spec: wire-protocol 9.22
import type { Route, Slug } from '@puffo/protocol';
import type { Kysely } from 'kysely';
import { prepareQuery } from '../db/prepare-query.ts';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import type { AudienceDevice } from './audience.ts';

type ChannelRoute = Extract<Route, { readonly kind: 'channel' }>;

/** All devices of both sides, or of all members. Fails as `POST /messages` does when `sender` may not write there. */
export async function getAudience(
  db: Kysely<ServerSchema>,
  { route, sender }: { readonly route: Route; readonly sender: Slug },
): Promise<readonly AudienceDevice[]> {
  if (route.kind === 'dm') return listDevicesOf(db, [sender, route.recipientSlug]);
  const { rows: devices } = await listChannelDevices(db, route);
  // Whoever sends has a device, so a sender who is not among them is no member.
  if (!devices.some(({ slug }) => slug === sender)) await refuseChannel(db, route);
  return devices;
}

const listChannelDevices = prepareQuery<ChannelRoute, AudienceDevice & { readonly slug: string }>((db, slot) =>
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
    .select(['devices.device_id', 'devices.slug', 'devices.expires_at', 'devices.revoked_from']),
);

function listDevicesOf(db: Kysely<ServerSchema>, slugs: readonly Slug[]) {
  return db
    .selectFrom('devices')
    .where('slug', 'in', slugs)
    .select(['device_id', 'expires_at', 'revoked_from'])
    .execute();
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
