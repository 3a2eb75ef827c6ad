import type { ChannelId } from '@puffo/protocol';
import { listChannelsFor } from '../../spaces/channel-store.ts';
import { requireMember } from '../../spaces/require-member.ts';
import { defineRoute } from '../define-route.ts';

/** spec: wire-protocol 9.15 */
export const listChannels = defineRoute('listChannels', async ({ context, params, caller }) => {
  const { db } = context.database;
  const place = { spaceId: params.space_id, slug: caller.slug };
  await requireMember(db, place);
  const channels = await listChannelsFor(db, place);
  return {
    channels: channels.map(({ channel_id, name, description, is_public, created_at, owner_slug }) => ({
      channel_id: channel_id as ChannelId,
      name,
      description,
      is_public: is_public === 1,
      is_encrypted: true,
      created_at,
      owner_slug,
    })),
  };
});
