import { linkEntry } from '../../spaces/link-entry.ts';
import { findLink } from '../../spaces/link-store.ts';
import { postLinkEvent } from '../../spaces/post-link-event.ts';
import { defineRoute } from '../define-route.ts';

/** spec: wire-protocol 14.5 */
export const createInviteLink = defineRoute('createInviteLink', async ({ context, body, caller }) => {
  const { payload } = await postLinkEvent(context, { kind: 'create_invite_capability', caller, object: body.event });
  const link = await findLink(context.database.db, payload.invite_id);
  return { ok: true, invite_id: payload.invite_id, ...(link === undefined ? {} : { link: linkEntry(link) }) };
});
