// spec: wire-protocol 9.24
import { ackDeliveries } from '../../messages/ack.ts';
import { defineRoute } from '../define-route.ts';

export const acknowledgeMessages = defineRoute('acknowledgeMessages', async ({ context, body, caller }) => {
  await ackDeliveries(context, caller.deviceId, body.envelope_ids);
  context.hub.acknowledged(caller.deviceId, body.envelope_ids);
  return { ok: true };
});
