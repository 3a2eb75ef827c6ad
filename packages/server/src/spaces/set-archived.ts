import type { SpaceId } from '@puffo/protocol';
import type { Caller } from '../auth/caller.ts';
import type { ServerContext } from '../context.ts';
import { requireManager } from './require-member.ts';
import { findSpace, listMemberSlugs, lockSpaces, updateSpace } from './space-store.ts';

/** Archived again keeps its first time. spec: wire-protocol 9.19 */
export async function setArchived(
  { database, hub, now }: ServerContext,
  { caller, spaceId, isArchived }: { caller: Caller; spaceId: SpaceId; isArchived: boolean },
): Promise<void> {
  const at = now();
  const members = await database.write(async (transaction) => {
    await lockSpaces(transaction);
    await requireManager(transaction, { spaceId, slug: caller.slug });
    const space = await findSpace(transaction, spaceId);
    await updateSpace(transaction, spaceId, { archived_at: isArchived ? (space?.archived_at ?? at) : null });
    return listMemberSlugs(transaction, spaceId);
  });
  hub.notify(members, { type: 'space_update', space_id: spaceId });
}
