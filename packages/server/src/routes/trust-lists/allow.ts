// Unknown slugs are passed over: they name nobody. spec: wire-protocol 14.3
import { extendTrustList } from '../../trust-lists/extend-trust-list.ts';
import { defineRoute } from '../define-route.ts';

export const allow = defineRoute('allow', async ({ context, body, caller }) => {
  await extendTrustList(context, { list: 'allowlists', slug: caller.slug, peers: body.slugs });
  return { ok: true };
});
