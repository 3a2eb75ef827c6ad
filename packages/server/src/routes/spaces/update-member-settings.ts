import { ServerError } from '../../errors.ts';
import { requireMember } from '../../spaces/require-member.ts';
import { lockSpaces, updateMemberSettings as writeSettings } from '../../spaces/space-store.ts';
import { defineRoute } from '../define-route.ts';

/** An agent cannot let any member bring it into channels. spec: wire-protocol 9.20 */
export const updateMemberSettings = defineRoute('updateMemberSettings', async ({ context, params, body, caller }) => {
  const { auto_accept_owner_invite: ownerInvites, auto_accept_member_invite: memberInvites } = body;
  if (memberInvites !== undefined && caller.identityType === 'agent') {
    throw new ServerError('FORBIDDEN', 'Cannot change settings: agents do not accept invites of all members', {
      field: 'auto_accept_member_invite',
    });
  }
  const changes = {
    ...(ownerInvites === undefined ? {} : { auto_accept_owner_invite: ownerInvites ? 1 : 0 }),
    ...(memberInvites === undefined ? {} : { auto_accept_member_invite: memberInvites ? 1 : 0 }),
  };
  await context.database.write(async (transaction) => {
    await lockSpaces(transaction);
    const membership = { spaceId: params.space_id, slug: caller.slug };
    await requireMember(transaction, membership);
    await writeSettings(transaction, membership, changes);
  });
  return { ok: true };
});
