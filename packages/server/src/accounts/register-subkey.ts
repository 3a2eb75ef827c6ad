// A device hands out a key that signs for at most two days. spec: wire-protocol 9.7
import type { JsonObject } from '@puffo/base';
import {
  canonicalize,
  type DeviceId,
  isDeviceId,
  LIMITS,
  type Slug,
  type SubkeyCert,
  verifySubkeyCert,
} from '@puffo/protocol';
import type { Kysely, Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import { appendCerts, findCertAbout, type LoggedCert } from './cert-log.ts';
import { findDevice } from './device-store.ts';
import { requireValid } from './require-valid.ts';
import { decodeStored } from './stored-json.ts';
import { verifyKeyOf } from './stored-key.ts';
import { countLiveSubkeys, type EndingSubkeyCert, forgetExpiredSubkeys, insertSubkey } from './subkey-store.ts';

export const MAX_LIVE_SUBKEYS = 64;

export interface SubkeyRequest {
  readonly cert: JsonObject;
  readonly caller: { readonly slug: Slug; readonly deviceId: DeviceId };
  readonly now: number;
}

export interface RegisteredSubkey {
  readonly subkeyId: SubkeyCert['subkeyId'];
  readonly seq: number;
  /** `undefined`: it was registered before. */
  readonly logged: LoggedCert | undefined;
}

export async function registerSubkeyOf(
  transaction: Transaction<ServerSchema>,
  request: SubkeyRequest,
): Promise<RegisteredSubkey> {
  const { caller, now } = request;
  const cert = await verifyForCaller(transaction, request);
  const known = await findRegistered(transaction, cert);
  requireUnexpired(cert, now);
  if (known !== undefined) return known;
  requireFresh(cert, now);
  const { slug, deviceId } = caller;
  await forgetExpiredSubkeys(transaction, { deviceId, at: now });
  await requireRoom(transaction, { deviceId, now });
  if (!(await insertSubkey(transaction, { slug, cert }))) {
    // Somebody else's transaction was faster with the same id.
    const faster = await findRegistered(transaction, cert);
    if (faster !== undefined) return faster;
  }
  const { subkeyId, expiresAt, object } = cert;
  const entry = { slug, kind: 'subkey_cert', cert: object, subjectId: subkeyId, expiresAt } as const;
  const [logged] = await appendCerts(transaction, [entry]);
  if (logged === undefined) throw new TypeError('the certificate log took nothing');
  return { subkeyId, seq: logged.seq, logged };
}

async function verifyForCaller(
  transaction: Transaction<ServerSchema>,
  { cert, caller }: SubkeyRequest,
): Promise<EndingSubkeyCert> {
  await requireOwnDevice(transaction, { named: cert['device_id'], own: caller.deviceId });
  const device = await findDevice(transaction, caller.deviceId);
  if (device === undefined) throw deviceUnknown();
  const signingKey = verifyKeyOf(device.signing_public_key);
  const verified = requireValid(verifySubkeyCert(cert, { deviceId: caller.deviceId, signingKey }));
  const { expiresAt } = verified;
  if (expiresAt !== null) return { ...verified, expiresAt };
  // spec: wire-protocol 4.5: a stolen subkey has to die.
  throw new ServerError('INVALID_PAYLOAD', 'Cannot register subkey: its certificate does not expire', {
    field: 'subkey_cert.expires_at',
  });
}

async function requireOwnDevice(
  db: Kysely<ServerSchema>,
  { named, own }: { readonly named: unknown; readonly own: DeviceId },
): Promise<void> {
  // Anything that is no device id is the verifier's to refuse.
  if (named === own || !isDeviceId(named)) return;
  if ((await findDevice(db, named)) === undefined) throw deviceUnknown();
  throw new ServerError('FORBIDDEN', 'Cannot register subkey: its certificate names another device than the signer', {
    field: 'subkey_cert.device_id',
  });
}

/** The log and not the table decides: an id stays taken when its subkey has expired. */
async function findRegistered(
  db: Kysely<ServerSchema>,
  { subkeyId, object }: EndingSubkeyCert,
): Promise<RegisteredSubkey | undefined> {
  const found = await findCertAbout(db, { kind: 'subkey_cert', subjectId: subkeyId });
  if (found === undefined) return undefined;
  if (canonicalize(decodeStored(found.cert, 'subkey_cert')) === canonicalize(object)) {
    return { subkeyId, seq: found.seq, logged: undefined };
  }
  throw new ServerError('CONFLICT', 'Cannot register subkey: it is registered with another certificate');
}

function requireUnexpired({ expiresAt }: EndingSubkeyCert, now: number): void {
  if (expiresAt > now) return;
  throw new ServerError('INVALID_PAYLOAD', 'Cannot register subkey: its certificate has expired', {
    field: 'subkey_cert.expires_at',
  });
}

function requireFresh({ issuedAt }: EndingSubkeyCert, now: number): void {
  if (Math.abs(issuedAt - now) <= LIMITS.clockWindowMs) return;
  const message = `Cannot register subkey: it is issued at ${issuedAt}, and the server's clock says ${now}`;
  throw new ServerError('INVALID_PAYLOAD', message, { field: 'subkey_cert.issued_at' });
}

/** Live subkeys stay valid until their end, so none can make room. spec: wire-protocol 4.5 */
async function requireRoom(
  db: Kysely<ServerSchema>,
  { deviceId, now }: { readonly deviceId: DeviceId; readonly now: number },
): Promise<void> {
  const { count, firstEnd } = await countLiveSubkeys(db, { deviceId, at: now });
  if (count < MAX_LIVE_SUBKEYS) return;
  throw new ServerError('RATE_LIMITED', `Cannot register subkey: the device has ${count} live ones`, {
    retryAfterSeconds: (firstEnd - now) / 1000,
  });
}

function deviceUnknown(): ServerError {
  return new ServerError('DEVICE_NOT_FOUND', 'Cannot register subkey: its device is not known', {
    field: 'subkey_cert.device_id',
  });
}
