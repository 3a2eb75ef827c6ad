import { postLinkEvent } from '../../spaces/post-link-event.ts';
import { defineRoute } from '../define-route.ts';

/** spec: wire-protocol 14.5 */
export const revokeInviteLink = defineRoute('revokeInviteLink', async ({ context, body, caller }) => {
  const { payload } = await postLinkEvent(context, { kind: 'revoke_invite_capability', caller, object: body.event });
  return { ok: true, space_id: payload.space_id, invite_id: payload.invite_id };
});
