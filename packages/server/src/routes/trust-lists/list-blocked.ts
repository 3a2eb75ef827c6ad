// spec: wire-protocol 14.3
import { listPeers } from '../../trust-lists/trust-list-store.ts';
import { defineRoute } from '../define-route.ts';

export const listBlocked = defineRoute('listBlocked', async ({ context, caller }) => {
  const peers = await listPeers(context.database.db, { list: 'blocklists', slug: caller.slug });
  return { blocks: peers.map((id) => ({ target: 'user' as const, id })) };
});
