// A person becomes an identity at a server. spec: wire-protocol 4.10, 9.3
import { generateIdentity, type IdentityKeys } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import { createHttpClient } from '../http/create-http-client.ts';
import type { Platform } from '../platform.ts';
import { finishRegistration, isTokenGone, type RegistrationParts, reserve } from './finish-registration.ts';
import { formatRegistration, type KeepRegistration, parseRegistration, type Registration } from './registration.ts';
import { repeatCall } from './repeat-call.ts';

export interface SignUp {
  readonly platform: Pick<Platform, 'transport'>;
  readonly context: ClientContext;
  readonly serverUrl: string;
  readonly inviteCode: string;
  readonly username: string;
  readonly displayName?: string | undefined;
  /** Called before each step with what is needed to go on. Absent: a crash on the way costs the slug. */
  readonly keepPending?: KeepRegistration | undefined;
  /** What `keepPending` was given last, by a sign-up that did not end. */
  readonly pending?: string | undefined;
}

/** The keys of the new identity: to be kept before anything else is done with them. */
export async function signUp(options: SignUp): Promise<IdentityKeys> {
  const { context, platform, keepPending: keep } = options;
  const http = createHttpClient({ serverUrl: options.serverUrl, transport: platform.transport, context });
  const parts: RegistrationParts = { http, context, keep };
  const registration = await begin(options, http.serverUrl);
  if (registration.reserved === null) return requestSlug(registration, { options, parts });
  try {
    return await finishRegistration(registration, parts);
  } catch (error) {
    if (!isTokenGone(error)) throw error;
    return requestSlug(registration, { options, parts });
  }
}

async function begin(options: SignUp, serverUrl: string): Promise<Registration> {
  const { context, username, pending, keepPending } = options;
  if (pending !== undefined) {
    const registration = parseRegistration(pending);
    if (registration.serverUrl === serverUrl && registration.attestation === null) return registration;
    throw new ClientError('Cannot go on with the sign-up: it began at another server, or as that of an agent', {
      code: 'invalid-input',
    });
  }
  const identity = generateIdentity({ operatorKey: null, issuedAt: context.clock(), random: context.random });
  const registration = { serverUrl, username: username.toLowerCase(), identity, attestation: null, reserved: null };
  await keepPending?.(formatRegistration(registration));
  return registration;
}

/** The same keys again get the same slug while the reservation holds, so a lost answer may be asked for once more. */
async function requestSlug(
  registration: Registration,
  { options, parts }: { readonly options: SignUp; readonly parts: RegistrationParts },
): Promise<IdentityKeys> {
  const { identity, username } = registration;
  const body = {
    invite_code: options.inviteCode,
    username,
    identity_cert: identity.identityCert,
    device_cert: identity.deviceCert,
    ...(options.displayName === undefined ? {} : { display_name: options.displayName }),
  };
  const answer = await repeatCall(() => parts.http.call('signUp', { body }), parts.context);
  const given = { slug: answer.slug, deviceId: answer.device_id, token: answer.pending_token };
  return finishRegistration(await reserve(registration, { ...parts, given }), parts);
}
