// spec: wire-protocol 9.11
import { listProfiles as listProfileRows } from '../../accounts/profile-store.ts';
import { defineRoute } from '../define-route.ts';

export const listProfiles = defineRoute('listProfiles', async ({ context, query }) => {
  const rows = query.slugs.length === 0 ? [] : await listProfileRows(context.database.db, query.slugs);
  const profiles = rows.map(({ updated_at, ...row }) => ({
    ...row,
    slug: row.slug as (typeof query.slugs)[number],
    profile_updated_at: updated_at,
  }));
  return { profiles };
});
