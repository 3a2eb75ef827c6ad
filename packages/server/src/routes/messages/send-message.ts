// spec: wire-protocol 9.22
import { acceptMessage, readEnvelope } from '../../messages/accept-message.ts';
import { defineRoute } from '../define-route.ts';

export const sendMessage = defineRoute('sendMessage', async ({ context, body, caller }) => {
  const envelope = await readEnvelope(context, { object: body, caller });
  const { envelopeId, seq, isReplay, devicesQueued, missing } = await acceptMessage(context, { envelope });
  return {
    ok: true,
    envelope_id: envelopeId,
    devices_queued: devicesQueued,
    seq,
    missing_devices: [...missing],
    replay: isReplay,
  };
});
