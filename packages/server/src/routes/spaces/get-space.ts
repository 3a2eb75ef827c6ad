import { ServerError } from '../../errors.ts';
import { spaceEntry } from '../../spaces/space-entry.ts';
import { listSpacesOf } from '../../spaces/space-store.ts';
import { defineRoute } from '../define-route.ts';

/** A space of others is no different from none. spec: wire-protocol 9.14 */
export const getSpace = defineRoute('getSpace', async ({ context, params, caller }) => {
  const [space] = await listSpacesOf(context.database.db, { slug: caller.slug, spaceId: params.space_id });
  if (space === undefined) throw new ServerError('NOT_FOUND', 'There is no such space');
  return spaceEntry(space);
});
