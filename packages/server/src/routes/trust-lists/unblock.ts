// spec: wire-protocol 14.3
import { ServerError } from '../../errors.ts';
import { removePeer } from '../../trust-lists/trust-list-store.ts';
import { defineRoute } from '../define-route.ts';

export const unblock = defineRoute('unblock', async ({ context, body, caller }) => {
  const wasBlocked = await context.database.write((transaction) =>
    removePeer(transaction, { list: 'blocklists', slug: caller.slug, peer: body.id }),
  );
  if (!wasBlocked) throw new ServerError('NOT_FOUND', `Cannot unblock: '${body.id}' is not blocked`);
  return {};
});
