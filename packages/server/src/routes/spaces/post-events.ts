import { ServerError } from '../../errors.ts';
import { postEvents as postBatch } from '../../events/post-events.ts';
import { announceSpaceChange } from '../../spaces/space-change.ts';
import { defineRoute } from '../define-route.ts';

/** spec: wire-protocol 8.2, 9.17 */
export const postEvents = defineRoute('postEvents', async ({ context, body, caller }) => {
  // spec: wire-protocol 14.4, recommended: this server has encrypted channels only
  if (body.is_encrypted === false) {
    throw new ServerError('INVALID_PAYLOAD', 'Cannot create channel: this server has encrypted channels only', {
      field: 'is_encrypted',
    });
  }
  const { space_id: spaceId, events } = body;
  const { applied, emitted, change } = await postBatch(context, { caller, spaceId, events });
  announceSpaceChange(context.hub, change);
  return { ok: true, applied, ...(emitted.length === 0 ? {} : { server_emitted_events: emitted }) };
});
