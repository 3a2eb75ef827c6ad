import type { Slug } from '@puffo/protocol';
import { listChannelMembers as listMembers } from '../../spaces/channel-store.ts';
import { requireChannelMember, requireMember } from '../../spaces/require-member.ts';
import { defineRoute } from '../define-route.ts';

/** Decides who receives a message: complete, and as it is now. spec: wire-protocol 9.16 */
export const listChannelMembers = defineRoute('listChannelMembers', async ({ context, params, caller }) => {
  const { db } = context.database;
  const { space_id: spaceId, channel_id: channelId } = params;
  const place = { spaceId, channelId, slug: caller.slug };
  await requireMember(db, place);
  await requireChannelMember(db, place);
  const members = await listMembers(db, channelId);
  return { members: members.map((member) => ({ ...member, slug: member.slug as Slug })) };
});
