import { setArchived } from '../../spaces/set-archived.ts';
import { defineRoute } from '../define-route.ts';

/** spec: wire-protocol 9.19 */
export const unarchiveSpace = defineRoute('unarchiveSpace', async ({ context, params, caller }) => {
  await setArchived(context, { caller, spaceId: params.space_id, isArchived: false });
  return { ok: true };
});
