// spec: wire-protocol 4.11
import type { Random } from '@puffo/base';
import type { DeviceId, Slug } from '@puffo/protocol';
import type { Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import { findFirstDevice } from './device-store.ts';
import { findIdentityByRoot, type Identity } from './identity-store.ts';
import { findOpenPending, PENDING_LIFETIME_MS, type PendingRow, releaseExpired, reserveSlug } from './pending-store.ts';
import { agentTokenOf } from './pending-token.ts';
import { requireUnknown } from './register-human.ts';
import type { Registration } from './registration.ts';
import { decodeStored } from './stored-json.ts';

export interface AgentToRegister {
  readonly registration: Registration;
  readonly operator: { readonly slug: Slug; readonly rootPublicKey: string };
  readonly random: Random;
  readonly now: number;
}

export interface RegisteredAgent {
  readonly slug: Slug;
  readonly deviceId: DeviceId;
  /** `null`: the registration is finished already. */
  readonly token: string | null;
  readonly expiresAt: number | null;
}

export async function registerAgentOf(
  transaction: Transaction<ServerSchema>,
  agent: AgentToRegister,
): Promise<RegisteredAgent> {
  const { registration, operator, random, now } = agent;
  const rootPublicKey = registration.identity.rootKey.publicKey;
  const known = await findIdentityByRoot(transaction, rootPublicKey);
  if (known !== undefined) return findRegistered(transaction, { known, agent });
  const open = await findOpenPending(transaction, { rootPublicKey, now });
  if (open !== undefined) return repeat(open, operator.slug);
  await releaseExpired(transaction, { registration, now });
  await requireUnknown(transaction, registration);
  const { slug, token } = await reserveSlug(transaction, {
    registration,
    operatorSlug: operator.slug,
    displayName: null,
    avatarUrl: null,
    inviteCode: null,
    createToken: (drawn) => agentTokenOf(signatureOf(registration.attestation?.object), drawn),
    random,
    now,
  });
  return { slug, deviceId: registration.device.deviceId, token, expiresAt: now + PENDING_LIFETIME_MS };
}

async function findRegistered(
  transaction: Transaction<ServerSchema>,
  { known, agent }: { readonly known: Identity; readonly agent: AgentToRegister },
): Promise<RegisteredAgent> {
  const { slug, operatorRootPublicKey, state } = known;
  if (operatorRootPublicKey !== agent.operator.rootPublicKey) throw elsewhere();
  if (state === 'revoked') throw new ServerError('CONFLICT', 'Cannot register agent: it was revoked, for ever');
  const device = await findFirstDevice(transaction, slug);
  if (device === undefined) throw new TypeError(`identity ${slug} has no device`);
  return { slug, deviceId: device.device_id as DeviceId, token: null, expiresAt: null };
}

function repeat(open: PendingRow, operatorSlug: Slug): RegisteredAgent {
  if (open.operator_slug !== operatorSlug || open.attestation === null) throw elsewhere();
  const token = agentTokenOf(signatureOf(decodeStored(open.attestation, 'attestation')), open.slug);
  return { slug: open.slug as Slug, deviceId: open.device_id as DeviceId, token, expiresAt: open.expires_at };
}

function signatureOf(attestation: { readonly [name: string]: unknown } | undefined): string {
  const signature = attestation?.['signature'];
  if (typeof signature === 'string') return signature;
  throw new TypeError('an agent is registered without a verified attestation');
}

function elsewhere(): ServerError {
  return new ServerError('CONFLICT', 'Cannot register agent: its root key is registered to somebody else');
}
