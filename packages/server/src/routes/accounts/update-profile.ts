// spec: wire-protocol 9.12
import { changeProfile } from '../../accounts/profile-store.ts';
import { defineRoute } from '../define-route.ts';

export const updateProfile = defineRoute('updateProfile', async ({ context, body, caller }) => {
  const at = context.now();
  await context.database.write((transaction) => changeProfile(transaction, { slug: caller.slug, change: body, at }));
  return { ok: true as const, profile_updated_at: at };
});
