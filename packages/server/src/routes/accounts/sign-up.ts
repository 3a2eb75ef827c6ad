// spec: wire-protocol 9.3
import { limitSignups } from '../../accounts/limit-registrations.ts';
import { registerHuman } from '../../accounts/register-human.ts';
import { checkHuman } from '../../accounts/registration.ts';
import { ServerError } from '../../errors.ts';
import { defineRoute } from '../define-route.ts';

export const signUp = defineRoute('signUp', async ({ context, body, address }) => {
  const { settings, database, random } = context;
  await limitSignups(context, address);
  if (settings.signup === 'closed') throw new ServerError('FORBIDDEN', 'Cannot sign up: this server takes nobody new');
  const now = context.now();
  const registration = checkHuman(body, now);
  const { slug, token } = await database.write((transaction) =>
    registerHuman(transaction, {
      registration,
      displayName: body.display_name ?? null,
      avatarUrl: body.avatar_url ?? null,
      inviteCode: body.invite_code,
      policy: settings.signup,
      random,
      now,
    }),
  );
  return { slug, device_id: registration.device.deviceId, pending_token: token };
});
