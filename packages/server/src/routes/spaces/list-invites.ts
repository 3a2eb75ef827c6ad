import { LIMITS } from '@puffo/protocol';
import { inviteEntry, proofsBySpace } from '../../spaces/invite-entry.ts';
import { listOpenInvites, listSpaceProofs } from '../../spaces/invite-store.ts';
import { defineRoute } from '../define-route.ts';

/** Not paginated: of more than a page, the newest. spec: wire-protocol 9.21, 12.1, 14.5 */
export const listInvites = defineRoute('listInvites', async ({ context, query, caller }) => {
  const { db } = context.database;
  const { direction = 'received' } = query;
  const invites = await listOpenInvites(db, { slug: caller.slug, direction, limit: LIMITS.pageEntries });
  const spaceIds = invites.filter(({ scope }) => scope === 'space').map(({ space_id }) => space_id);
  const proofs = proofsBySpace(await listSpaceProofs(db, Array.from(new Set(spaceIds))));
  return { invites: invites.map((invite) => inviteEntry(invite, proofs)) };
});
