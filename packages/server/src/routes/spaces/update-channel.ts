import { updateChannel as writeChannel } from '../../spaces/channel-store.ts';
import { requireChannel, requireManager } from '../../spaces/require-member.ts';
import { listMemberSlugs, lockSpaces } from '../../spaces/space-store.ts';
import { defineRoute } from '../define-route.ts';

/** The event that created it keeps the old name: it is signed. spec: wire-protocol 9.19 */
export const updateChannel = defineRoute('updateChannel', async ({ context, params, body, caller }) => {
  const { space_id: spaceId, channel_id: channelId } = params;
  const { name, description } = body;
  const changes = {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description: description === '' ? null : description }),
  };
  const members = await context.database.write(async (transaction) => {
    await lockSpaces(transaction);
    const place = { spaceId, channelId, slug: caller.slug };
    await requireManager(transaction, place);
    await requireChannel(transaction, place);
    await writeChannel(transaction, channelId, changes);
    return listMemberSlugs(transaction, spaceId);
  });
  context.hub.notify(members, { type: 'channel_update', space_id: spaceId, channel_id: channelId, ...body });
  return { ok: true, space_id: spaceId, channel_id: channelId, updated_at: context.now() };
});
