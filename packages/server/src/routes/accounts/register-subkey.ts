// spec: wire-protocol 9.7
import { announceCerts } from '../../accounts/announce-certs.ts';
import { registerSubkeyOf } from '../../accounts/register-subkey.ts';
import { defineRoute } from '../define-route.ts';

export const registerSubkey = defineRoute('registerSubkey', async ({ context, body, caller }) => {
  const request = { cert: body.subkey_cert, caller, now: context.now() };
  const { subkeyId, seq, logged } = await context.database.write((transaction) =>
    registerSubkeyOf(transaction, request),
  );
  if (logged !== undefined) await announceCerts(context, [logged]);
  return { ok: true as const, subkey_id: subkeyId, seq };
});
