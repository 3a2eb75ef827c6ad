import { setArchived } from '../../spaces/set-archived.ts';
import { defineRoute } from '../define-route.ts';

/** spec: wire-protocol 9.19 */
export const archiveSpace = defineRoute('archiveSpace', async ({ context, params, caller }) => {
  await setArchived(context, { caller, spaceId: params.space_id, isArchived: true });
  return { ok: true };
});
