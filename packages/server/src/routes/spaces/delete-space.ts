import { requireManager } from '../../spaces/require-member.ts';
import { deleteSpace as removeSpace, listMemberSlugs, lockSpaces } from '../../spaces/space-store.ts';
import { defineRoute } from '../define-route.ts';

/** The log stays in the database, unreachable. spec: wire-protocol 9.19 */
export const deleteSpace = defineRoute('deleteSpace', async ({ context, params, caller }) => {
  const { space_id: spaceId } = params;
  const at = context.now();
  const members = await context.database.write(async (transaction) => {
    await lockSpaces(transaction);
    await requireManager(transaction, { spaceId, slug: caller.slug });
    const before = await listMemberSlugs(transaction, spaceId);
    await removeSpace(transaction, { spaceId, at });
    return before;
  });
  context.hub.notify(members, { type: 'space_delete', space_id: spaceId });
  context.hub.notify(members, { type: 'space_membership_changed', space_id: spaceId });
  return { ok: true };
});
