// spec: wire-protocol 9.9
import { announceCerts } from '../../accounts/announce-certs.ts';
import { enrolDevice } from '../../accounts/enrol-device.ts';
import { defineRoute } from '../define-route.ts';

export const completeEnrolment = defineRoute('completeEnrolment', async ({ context, params, body, caller }) => {
  const completion = { nonce: params.nonce, bundle: body, caller, now: context.now() };
  const logged = await context.database.write((transaction) => enrolDevice(transaction, completion));
  await announceCerts(context, logged);
  return { ok: true as const };
});
