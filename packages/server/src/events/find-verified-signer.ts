// The chain from a root key to the subkey that signs events, from the certificates this server holds. Verified once per
// subkey, and again when the certificates of the identity changed. spec: wire-protocol 4.9, 15 (10)
import type { JsonObject } from '@puffo/base';
import { type VerifiedSubkey, verifyDevice, verifyIdentity, verifySubkey, type Verdict } from '@puffo/protocol';
import type { Caller } from '../auth/caller.ts';
import { ServerError } from '../errors.ts';
import type { Reader } from '../spaces/space-store.ts';
import { readStoredObject } from './stored-json.ts';

const MAX_SIGNERS = 5000;
/** All that a chain is made of, apart from the subkey. */
const KINDS = [
  'identity_cert',
  'slug_binding',
  'device_cert',
  'device_revocation',
  'operator_attestation',
  'operator_revocation',
];

interface KnownSigner {
  readonly signer: VerifiedSubkey;
  /** Position of the identity's newest certificate at that time. */
  readonly seq: number;
}

const KNOWN_SIGNERS = new WeakMap<Reader, Map<string, KnownSigner>>();

/** Throws when the chain of a caller does not verify. `db`: the same object each time, which results are kept for. */
export async function findVerifiedSigner(db: Reader, caller: Caller): Promise<VerifiedSubkey> {
  const known = KNOWN_SIGNERS.get(db) ?? new Map<string, KnownSigner>();
  KNOWN_SIGNERS.set(db, known);
  const seq = await findNewestSeq(db, caller.slug);
  const found = known.get(caller.signerId);
  if (found?.seq === seq) return found.signer;
  const signer = await verifySigner(db, caller);
  if (known.size >= MAX_SIGNERS) known.clear();
  known.set(caller.signerId, { signer, seq });
  return signer;
}

async function findNewestSeq(db: Reader, slug: string): Promise<number> {
  const row = await db
    .selectFrom('cert_log')
    .where('slug', '=', slug)
    .where('kind', 'in', KINDS)
    .orderBy('seq', 'desc')
    .limit(1)
    .select('seq')
    .executeTakeFirst();
  return row?.seq ?? 0;
}

async function verifySigner(db: Reader, { slug, deviceId, signerId }: Caller): Promise<VerifiedSubkey> {
  const rows = await db
    .selectFrom('cert_log')
    .where('slug', '=', slug)
    .where('kind', 'in', KINDS)
    .orderBy('seq')
    .select(['kind', 'cert'])
    .execute();
  const certs = rows.map(({ kind, cert }) => ({ kind, cert: readStoredObject(cert) }));
  const subkey = await db.selectFrom('subkeys').where('subkey_id', '=', signerId).select('cert').executeTakeFirst();
  const identity = valid(
    verifyIdentity({
      slug,
      identityCert: newest(certs, 'identity_cert'),
      slugBinding: newest(certs, 'slug_binding'),
      operatorAttestation: newest(certs, 'operator_attestation'),
      operatorRevocations: all(certs, 'operator_revocation'),
    }),
  );
  const deviceCert = all(certs, 'device_cert').findLast((cert) => cert['device_id'] === deviceId);
  const device = valid(verifyDevice(identity, { deviceCert, deviceRevocations: all(certs, 'device_revocation') }));
  return valid(verifySubkey(device, subkey === undefined ? undefined : readStoredObject(subkey.cert)));
}

interface StoredCert {
  readonly kind: string;
  readonly cert: JsonObject;
}

function all(certs: readonly StoredCert[], kind: string): readonly JsonObject[] {
  return certs.filter((stored) => stored.kind === kind).map(({ cert }) => cert);
}

function newest(certs: readonly StoredCert[], kind: string): JsonObject | undefined {
  return all(certs, kind).at(-1);
}

function valid<Value>(verdict: Verdict<Value>): Value {
  if (verdict.kind === 'valid') return verdict.value;
  throw new ServerError('INVALID_PAYLOAD', `Cannot verify the signer of the events: ${verdict.message}`);
}
