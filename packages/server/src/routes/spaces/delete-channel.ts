import { deleteChannel as removeChannel } from '../../spaces/channel-store.ts';
import { requireChannel, requireManager } from '../../spaces/require-member.ts';
import { listMemberSlugs, lockSpaces } from '../../spaces/space-store.ts';
import { defineRoute } from '../define-route.ts';

/** Its events stay in the log of the space. spec: wire-protocol 8.5, 9.19 */
export const deleteChannel = defineRoute('deleteChannel', async ({ context, params, caller }) => {
  const { space_id: spaceId, channel_id: channelId } = params;
  const at = context.now();
  const members = await context.database.write(async (transaction) => {
    await lockSpaces(transaction);
    const place = { spaceId, channelId, slug: caller.slug };
    await requireManager(transaction, place);
    await requireChannel(transaction, place);
    await removeChannel(transaction, { channelId, at });
    return listMemberSlugs(transaction, spaceId);
  });
  context.hub.notify(members, { type: 'channel_delete', space_id: spaceId, channel_id: channelId });
  return { ok: true };
});
