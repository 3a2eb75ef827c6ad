import { requireMember } from '../../spaces/require-member.ts';
import { defineRoute } from '../define-route.ts';

/** spec: wire-protocol 9.20 */
export const getMemberSettings = defineRoute('getMemberSettings', async ({ context, params, caller }) => {
  const member = await requireMember(context.database.db, { spaceId: params.space_id, slug: caller.slug });
  return {
    auto_accept_owner_invite: member.auto_accept_owner_invite === 1,
    auto_accept_member_invite: member.auto_accept_member_invite === 1,
  };
});
