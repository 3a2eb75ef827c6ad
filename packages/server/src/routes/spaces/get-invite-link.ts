import { ServerError } from '../../errors.ts';
import { linkEntry } from '../../spaces/link-entry.ts';
import { findLink } from '../../spaces/link-store.ts';
import { defineRoute } from '../define-route.ts';

/** The code of a link is its id: whoever knows it may look before redeeming. spec: wire-protocol 14.5 */
export const getInviteLink = defineRoute('getInviteLink', async ({ context, params }) => {
  const link = await findLink(context.database.db, params.code);
  if (link === undefined) throw new ServerError('NOT_FOUND', 'There is no such link');
  return linkEntry(link);
});
