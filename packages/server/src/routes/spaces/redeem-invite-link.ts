import { postLinkEvent } from '../../spaces/post-link-event.ts';
import { defineRoute } from '../define-route.ts';

/** spec: wire-protocol 14.5 */
export const redeemInviteLink = defineRoute('redeemInviteLink', async ({ context, body, caller }) => {
  const event = { kind: 'redeem_invite_capability', caller, object: body.event } as const;
  const { payload, emitted } = await postLinkEvent(context, event);
  const { space_id, invite_id, redemption_id } = payload;
  return { ok: true, space_id, invite_id, redemption_id, server_emitted_events: emitted };
});
