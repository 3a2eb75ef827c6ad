// spec: wire-protocol 14.3
import { ServerError } from '../../errors.ts';
import { extendTrustList } from '../../trust-lists/extend-trust-list.ts';
import { defineRoute } from '../define-route.ts';

export const block = defineRoute('block', async ({ context, body, caller }) => {
  if (body.id === caller.slug) throw new ServerError('INVALID_PAYLOAD', 'Cannot block yourself', { field: 'id' });
  const added = await extendTrustList(context, { list: 'blocklists', slug: caller.slug, peers: [body.id] });
  if (added.length === 0) throw new ServerError('NOT_FOUND', `Cannot block: there is no '${body.id}'`);
  return { ok: true };
});
