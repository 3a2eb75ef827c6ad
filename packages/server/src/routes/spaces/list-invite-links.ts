import { LIMITS } from '@puffo/protocol';
import { readCursor } from '../../events/event-cursor.ts';
import { linkEntry } from '../../spaces/link-entry.ts';
import { listLinks } from '../../spaces/link-store.ts';
import { requireMember } from '../../spaces/require-member.ts';
import { defineRoute } from '../define-route.ts';

/** The owner and admins see all links of the space, others their own. spec: wire-protocol 14.5 */
export const listInviteLinks = defineRoute('listInviteLinks', async ({ context, query, caller }) => {
  const { db } = context.database;
  const { space_id: spaceId, after } = query;
  const { slug } = caller;
  const { role } = await requireMember(db, { spaceId, slug });
  const found = await listLinks(db, {
    spaceId,
    creatorSlug: role === 'member' ? slug : undefined,
    after: readCursor(after),
    limit: LIMITS.pageEntries + 1,
  });
  const page = found.slice(0, LIMITS.pageEntries);
  const hasMore = found.length > page.length;
  const last = page.at(-1);
  return {
    links: page.map(linkEntry),
    has_more: hasMore,
    next_after: hasMore && last !== undefined ? String(last.seq) : null,
  };
});
