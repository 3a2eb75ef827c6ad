import { readCursor } from '../../events/event-cursor.ts';
import { listLogEntries } from '../../events/event-store.ts';
import { requireChannelReader, requireMember } from '../../spaces/require-member.ts';
import { defineRoute } from '../define-route.ts';

const DEFAULT_LIMIT = 200;

/** spec: wire-protocol 8.5, 9.18 */
export const listEvents = defineRoute('listEvents', async ({ context, params, query, caller }) => {
  const { db } = context.database;
  const { space_id: spaceId } = params;
  const { since, limit = DEFAULT_LIMIT, channel_id: channelId } = query;
  const after = readCursor(since);
  await requireMember(db, { spaceId, slug: caller.slug });
  if (channelId !== undefined) await requireChannelReader(db, { spaceId, channelId, slug: caller.slug });
  const found = await listLogEntries(db, { spaceId, after, limit: limit + 1, channelId });
  const events = found.slice(0, limit);
  const last = events.at(-1);
  return {
    events,
    next_cursor: last === undefined ? (since ?? null) : String(last.seq),
    has_more: found.length > limit,
  };
});
