// spec: wire-protocol 9.2
import { isInviteCodeUsable } from '../../accounts/invite-codes.ts';
import { defineRoute } from '../define-route.ts';

export const checkInviteCode = defineRoute('checkInviteCode', async ({ context, params }) => {
  const { code } = params;
  const { signup } = context.settings;
  if (signup !== 'invite') return { code, available: signup === 'open' };
  return { code, available: await isInviteCodeUsable(context.database.db, { code, at: context.now() }) };
});
