// spec: wire-protocol 14.3
import { listPeers } from '../../trust-lists/trust-list-store.ts';
import { defineRoute } from '../define-route.ts';

export const listAllowed = defineRoute('listAllowed', async ({ context, caller }) => {
  const peers = await listPeers(context.database.db, { list: 'allowlists', slug: caller.slug });
  return { entries: peers.map((peer_slug) => ({ peer_slug })) };
});
