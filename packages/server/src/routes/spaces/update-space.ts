import { requireManager } from '../../spaces/require-member.ts';
import { listMemberSlugs, lockSpaces, updateSpace as writeSpace } from '../../spaces/space-store.ts';
import { defineRoute } from '../define-route.ts';

/** Empty text clears a description or picture. spec: wire-protocol 9.19 */
export const updateSpace = defineRoute('updateSpace', async ({ context, params, body, caller }) => {
  const { space_id: spaceId } = params;
  const { name, description, avatar_url } = body;
  const changes = {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description: description === '' ? null : description }),
    ...(avatar_url === undefined ? {} : { avatar_url: avatar_url === '' ? null : avatar_url }),
  };
  const members = await context.database.write(async (transaction) => {
    await lockSpaces(transaction);
    await requireManager(transaction, { spaceId, slug: caller.slug });
    await writeSpace(transaction, spaceId, changes);
    return listMemberSlugs(transaction, spaceId);
  });
  context.hub.notify(members, { type: 'space_update', space_id: spaceId, ...body });
  return { ok: true, space_id: spaceId, updated_at: context.now() };
});
