import { spaceEntry } from '../../spaces/space-entry.ts';
import { listSpacesOf } from '../../spaces/space-store.ts';
import { defineRoute } from '../define-route.ts';

/** spec: wire-protocol 9.13 */
export const listSpaces = defineRoute('listSpaces', async ({ context, caller }) => {
  const spaces = await listSpacesOf(context.database.db, { slug: caller.slug });
  return { spaces: spaces.map(spaceEntry) };
});
