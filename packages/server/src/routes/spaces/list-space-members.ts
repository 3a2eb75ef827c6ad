import type { Slug } from '@puffo/protocol';
import { requireMember } from '../../spaces/require-member.ts';
import { listSpaceMembers as listMembers } from '../../spaces/space-store.ts';
import { defineRoute } from '../define-route.ts';

/** spec: wire-protocol 9.14 */
export const listSpaceMembers = defineRoute('listSpaceMembers', async ({ context, params, caller }) => {
  const { db } = context.database;
  await requireMember(db, { spaceId: params.space_id, slug: caller.slug });
  const members = await listMembers(db, params.space_id);
  return { members: members.map((member) => ({ ...member, slug: member.slug as Slug })) };
});
