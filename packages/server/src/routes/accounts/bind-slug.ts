// spec: wire-protocol 9.4
import { announceCerts } from '../../accounts/announce-certs.ts';
import { bindPendingSlug } from '../../accounts/bind-slug.ts';
import { defineRoute } from '../define-route.ts';

export const bindSlug = defineRoute('bindSlug', async ({ context, body }) => {
  const request = { token: body.pending_token, binding: body.slug_binding, now: context.now() };
  const logged = await context.database.write((transaction) => bindPendingSlug(transaction, request));
  await announceCerts(context, logged);
  return { ok: true as const };
});
