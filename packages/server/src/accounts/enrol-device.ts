// An existing device vouches for a new one. spec: wire-protocol 4.12
import { canonicalize, type EnrolmentBundle, LIMITS, type Slug } from '@puffo/protocol';
import type { Kysely, Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import { appendCerts, findCertOf, type LoggedCert } from './cert-log.ts';
import { countLiveDevices, insertDevice } from './device-store.ts';
import { checkBundle } from './enrolment-rules.ts';
import { completeEnrolmentRow, encodeBundle, type EnrolmentRow, getEnrolmentRow } from './enrolment-store.ts';
import { decodeStored, encodeStored } from './stored-json.ts';
import { verifyKeyOf } from './stored-key.ts';

export interface EnrolmentCompletion {
  readonly nonce: string;
  readonly bundle: EnrolmentBundle;
  readonly caller: { readonly slug: Slug; readonly rootPublicKey: string };
  readonly now: number;
}

/** Returns what entered the log: nothing, when the same bundle completed it before. */
export async function enrolDevice(
  transaction: Transaction<ServerSchema>,
  completion: EnrolmentCompletion,
): Promise<readonly LoggedCert[]> {
  const { nonce, bundle, caller, now } = completion;
  const row = await getEnrolmentRow(transaction, { nonce, now });
  const text = encodeBundle(bundle);
  if (row.bundle !== null) return requireSame(row, text);
  const device = checkBundle(bundle, {
    keys: { nonce, signingPublicKey: row.device_signing_public_key, kemPublicKey: row.device_kem_public_key },
    rootKey: verifyKeyOf(caller.rootPublicKey),
    slug: caller.slug,
    now,
  });
  encodeStored(bundle.root_key_envelope, 'root_key_envelope');
  await requireSameIdentityCert(transaction, completion);
  await requireRoom(transaction, completion);
  if (!(await completeEnrolmentRow(transaction, { nonce, bundle: text }))) {
    return requireSame(await getEnrolmentRow(transaction, { nonce, now }), text);
  }
  if (!(await insertDevice(transaction, { slug: caller.slug, cert: device, at: now }))) {
    throw new ServerError('CONFLICT', 'Cannot enrol device: its signing key is registered already');
  }
  const { deviceId, object } = device;
  return appendCerts(transaction, [{ slug: caller.slug, kind: 'device_cert', cert: object, subjectId: deviceId }]);
}

/** There is one identity certificate per root. spec: wire-protocol 4.2 */
async function requireSameIdentityCert(
  db: Kysely<ServerSchema>,
  { bundle, caller }: EnrolmentCompletion,
): Promise<void> {
  const registered = await findCertOf(db, { kind: 'identity_cert', slug: caller.slug });
  if (registered === undefined) throw new TypeError(`identity ${caller.slug} has no identity certificate`);
  if (canonicalize(decodeStored(registered.cert, 'identity_cert')) === canonicalize(bundle.identity_cert)) return;
  throw new ServerError('CONFLICT', 'Cannot enrol device: the identity certificate is not the registered one', {
    field: 'identity_cert',
  });
}

async function requireRoom(db: Kysely<ServerSchema>, { caller, now }: EnrolmentCompletion): Promise<void> {
  const count = await countLiveDevices(db, { slug: caller.slug, at: now });
  if (count < LIMITS.devicesPerIdentity) return;
  throw new ServerError('CONFLICT', `Cannot enrol device: you have ${count} devices; revoke one first`);
}

function requireSame(row: EnrolmentRow, text: string): readonly LoggedCert[] {
  if (row.bundle === text) return [];
  throw new ServerError('CONFLICT', 'Cannot enrol device: the enrolment is complete');
}
