// spec: wire-protocol 4.10
import type { Random } from '@puffo/base';
import type { Transaction } from 'kysely';
import type { SignupPolicy } from '../config/settings.ts';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import { findDevice } from './device-store.ts';
import { findIdentityByRoot } from './identity-store.ts';
import { takeInviteCode } from './invite-codes.ts';
import {
  alreadyHeld,
  findOpenPending,
  type PendingRow,
  releaseExpired,
  replaceToken,
  type Reservation,
  reserveSlug,
} from './pending-store.ts';
import { createPendingToken } from './pending-token.ts';
import type { Registration } from './registration.ts';
import { encodeStored } from './stored-json.ts';

export interface HumanToRegister {
  readonly registration: Registration;
  readonly displayName: string | null;
  readonly avatarUrl: string | null;
  readonly inviteCode: string;
  readonly policy: SignupPolicy;
  readonly random: Random;
  readonly now: number;
}

export async function registerHuman(
  transaction: Transaction<ServerSchema>,
  human: HumanToRegister,
): Promise<Reservation> {
  const { registration, inviteCode, policy, random, now } = human;
  const rootPublicKey = registration.identity.rootKey.publicKey;
  const open = await findOpenPending(transaction, { rootPublicKey, now });
  if (open !== undefined) return repeat(transaction, { human, open });
  await releaseExpired(transaction, { registration, now });
  await requireUnknown(transaction, registration);
  if (policy === 'invite' && !(await takeInviteCode(transaction, { code: inviteCode, at: now }))) {
    throw new ServerError('FORBIDDEN', 'Cannot sign up: the invite code is not valid', { field: 'invite_code' });
  }
  return reserveSlug(transaction, {
    ...human,
    operatorSlug: null,
    inviteCode: policy === 'invite' ? inviteCode : null,
    createToken: () => createPendingToken(random),
  });
}

/** Neither the root nor the device may be registered already. */
export async function requireUnknown(
  transaction: Transaction<ServerSchema>,
  { identity, device }: Registration,
): Promise<void> {
  if ((await findIdentityByRoot(transaction, identity.rootKey.publicKey)) !== undefined) throw alreadyHeld();
  if ((await findDevice(transaction, device.deviceId)) !== undefined) throw alreadyHeld();
}

/** The answer to the first request was lost: no second code is taken, and the token of then ends. */
async function repeat(
  transaction: Transaction<ServerSchema>,
  { human, open }: { readonly human: HumanToRegister; readonly open: PendingRow },
): Promise<Reservation> {
  const { username, identity, device } = human.registration;
  const isSame =
    open.username === username &&
    open.identity_cert === encodeStored(identity.object, 'identity_cert') &&
    open.device_cert === encodeStored(device.object, 'device_cert');
  if (!isSame) throw alreadyHeld();
  const token = createPendingToken(human.random);
  await replaceToken(transaction, { row: open, token });
  return { slug: open.slug as Reservation['slug'], token };
}
