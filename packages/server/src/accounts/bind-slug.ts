// What makes a pending registration an identity: the binding of its slug by its root key. spec: wire-protocol 9.4
import type { JsonObject } from '@puffo/base';
import { canonicalize, type Slug, type SlugBinding, verifyDeviceCert, verifySlugBinding } from '@puffo/protocol';
import type { Kysely, Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import { appendCerts, type CertToLog, type LoggedCert } from './cert-log.ts';
import { insertDevice } from './device-store.ts';
import { findIdentity, insertIdentity } from './identity-store.ts';
import { alreadyHeld, findPendingByToken, finishPending, type PendingRow } from './pending-store.ts';
import { insertProfile } from './profile-store.ts';
import { requireValid } from './require-valid.ts';
import { decodeStored, encodeStored } from './stored-json.ts';
import { verifyKeyOf } from './stored-key.ts';

export interface BindingRequest {
  readonly token: string;
  readonly binding: JsonObject;
  readonly now: number;
}

/** Returns what entered the log: nothing, when the same binding finished the registration before. */
export async function bindPendingSlug(
  transaction: Transaction<ServerSchema>,
  request: BindingRequest,
): Promise<readonly LoggedCert[]> {
  const row = await getPending(transaction, request);
  const text = encodeStored(request.binding, 'slug_binding');
  if (row.slug_binding !== null) return requireSame(row.slug_binding, request.binding);
  if (row.expires_at <= request.now) {
    throw new ServerError('GONE', 'Cannot finish registration: it expired; begin again', { field: 'pending_token' });
  }
  const binding = checkBinding(request.binding, row);
  if (!(await finishPending(transaction, { row, binding: text }))) {
    const finished = await getPending(transaction, request);
    return requireSame(finished.slug_binding ?? '{}', request.binding);
  }
  return activate(transaction, { row, binding, now: request.now });
}

async function getPending(db: Kysely<ServerSchema>, { token }: BindingRequest): Promise<PendingRow> {
  const row = await findPendingByToken(db, token);
  if (row !== undefined) return row;
  throw new ServerError('NOT_FOUND', 'Cannot finish registration: the token is not known', { field: 'pending_token' });
}

function checkBinding(value: JsonObject, row: PendingRow): SlugBinding {
  const binding = requireValid(verifySlugBinding(value, { rootKey: verifyKeyOf(row.root_public_key) }));
  if (binding.slug === row.slug) return binding;
  throw new ServerError('INVALID_PAYLOAD', 'Cannot finish registration: the binding names another slug', {
    field: 'slug_binding.slug',
  });
}

function requireSame(finishedWith: string, value: JsonObject): readonly LoggedCert[] {
  if (canonicalize(decodeStored(finishedWith, 'slug_binding')) === canonicalize(value)) return [];
  throw new ServerError('CONFLICT', 'Cannot finish registration: it is finished, with another binding');
}

async function activate(
  transaction: Transaction<ServerSchema>,
  { row, binding, now }: { readonly row: PendingRow; readonly binding: SlugBinding; readonly now: number },
): Promise<readonly LoggedCert[]> {
  const { slug, rootKey } = binding;
  const operatorRoot = await findOperatorRoot(transaction, row);
  const identity = {
    slug,
    rootPublicKey: rootKey.publicKey,
    identityType: row.identity_type,
    operatorRootPublicKey: operatorRoot,
    state: 'active',
  } as const;
  const device = requireValid(verifyDeviceCert(decodeStored(row.device_cert, 'device_cert'), { rootKey }));
  if (!(await insertIdentity(transaction, { identity, at: now }))) throw alreadyHeld();
  if (!(await insertDevice(transaction, { slug, cert: device, at: now }))) throw alreadyHeld();
  await insertProfile(transaction, {
    slug,
    username: row.username,
    displayName: row.display_name ?? '',
    avatarUrl: row.avatar_url ?? '',
    at: now,
  });
  return appendCerts(transaction, [
    { slug, kind: 'identity_cert', cert: decodeStored(row.identity_cert, 'identity_cert') },
    { slug, kind: 'slug_binding', cert: binding.object },
    { slug, kind: 'device_cert', cert: device.object, subjectId: device.deviceId },
    ...attestationsOf(row, slug),
  ]);
}

/** Listed under the agent and under the operator, each with a number of its own. spec: wire-protocol 9.10 */
function attestationsOf(row: PendingRow, slug: Slug): readonly CertToLog[] {
  if (row.attestation === null || row.operator_slug === null) return [];
  const cert = decodeStored(row.attestation, 'operator_attestation');
  const operatorSlug = row.operator_slug as Slug;
  return [slug, operatorSlug].map((listedUnder) => ({ slug: listedUnder, kind: 'operator_attestation', cert }));
}

/** An operator who was shut out meanwhile gets no further agent. */
async function findOperatorRoot(db: Kysely<ServerSchema>, row: PendingRow): Promise<string | null> {
  if (row.operator_slug === null) return null;
  const operator = await findIdentity(db, row.operator_slug);
  if (operator?.state === 'active') return operator.rootPublicKey;
  throw new ServerError('FORBIDDEN', 'Cannot finish registration: its operator is not active');
}
