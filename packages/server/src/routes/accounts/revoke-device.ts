// spec: wire-protocol 9.8
import { announceCerts } from '../../accounts/announce-certs.ts';
import { revokeDeviceOf } from '../../accounts/revoke-device.ts';
import { defineRoute } from '../define-route.ts';

export const revokeDevice = defineRoute('revokeDevice', async ({ context, params, body, caller }) => {
  const deviceId = params.device_id;
  const request = { deviceId, revocation: body, caller, now: context.now() };
  const { isOver, logged } = await context.database.write((transaction) => revokeDeviceOf(transaction, request));
  if (isOver) context.hub.disconnect({ deviceId });
  await announceCerts(context, logged);
  return { ok: true as const };
});
