// Identities made on the spot, and the entries under which a server lists them.
import { type JsonObject, seededRandom } from '@puffo/base';
import {
  type CertEntry,
  type CertKind,
  type DeviceId,
  generateIdentity,
  generateSigningKey,
  issueDeviceCert,
  issueDeviceRevocation,
  issueOperatorAttestation,
  issueSlugBinding,
  issueSubkeyCert,
  type NewIdentity,
  parseSlug,
  type SigningKey,
  type Slug,
  type SubkeyId,
  subkeyIdOf,
  verifyKeyBytes,
} from '@puffo/protocol';

export const NOW = 1_778_400_000_000;
export const HOUR_MS = 3_600_000;
export const random = seededRandom(4711);

export interface TestIdentity extends NewIdentity {
  readonly slug: Slug;
  readonly root: string;
  readonly subkeyId: SubkeyId;
  readonly subkey: SigningKey;
  /** identity, slug, attestation if any, device, subkey. */
  readonly certs: readonly CertOf[];
}

export type CertOf = readonly [kind: CertKind, cert: JsonObject];

export interface TestIdentityOptions {
  readonly operator?: TestIdentity;
}

export function createTestIdentity(slugText: string, { operator }: TestIdentityOptions = {}): TestIdentity {
  const slug = parseSlug(slugText);
  const keys = generateIdentity({ operatorKey: operator?.rootKey.verifyKey ?? null, issuedAt: NOW, random });
  const { rootKey, deviceKey, identityCert, deviceCert } = keys;
  const { cert, subkeyId, subkey } = createSubkey(deviceKey);
  const attested = { agentKey: rootKey.verifyKey, issuedAt: NOW, random };
  const certs: CertOf[] = [
    ['identity_cert', identityCert],
    ['slug_binding', issueSlugBinding(rootKey, { slug, issuedAt: NOW })],
    ['device_cert', deviceCert],
    ['subkey_cert', cert],
  ];
  if (operator !== undefined)
    certs.push(['operator_attestation', issueOperatorAttestation(operator.rootKey, attested)]);
  return { ...keys, slug, root: rootKey.verifyKey.publicKey, subkeyId, subkey, certs };
}

export interface TestDevice {
  readonly deviceId: DeviceId;
  readonly subkeyId: SubkeyId;
  /** device, subkey. */
  readonly certs: readonly CertOf[];
}

/** One more device, certified by the root of `signer`. */
export function createDevice(signer: NewIdentity, expiresAt?: number): TestDevice {
  const { deviceKey, kemKey, deviceId } = generateIdentity({ operatorKey: null, issuedAt: NOW, random });
  const device = { signingKey: deviceKey.verifyKey, kemKey: kemKey.kemPublicKey, issuedAt: NOW };
  const deviceCert = issueDeviceCert(signer.rootKey, expiresAt === undefined ? device : { ...device, expiresAt });
  const { cert, subkeyId } = createSubkey(deviceKey);
  return {
    deviceId,
    subkeyId,
    certs: [
      ['device_cert', deviceCert],
      ['subkey_cert', cert],
    ],
  };
}

export function createSubkey(
  deviceKey: SigningKey,
  { issuedAt = NOW, lifetimeMs = 47 * HOUR_MS }: { readonly issuedAt?: number; readonly lifetimeMs?: number } = {},
): { readonly cert: JsonObject; readonly subkeyId: SubkeyId; readonly subkey: SigningKey } {
  const subkey = generateSigningKey(random);
  return {
    cert: issueSubkeyCert(deviceKey, { subkey: subkey.verifyKey, issuedAt, lifetimeMs }),
    subkeyId: subkeyIdOf(verifyKeyBytes(subkey.verifyKey)),
    subkey,
  };
}

export function revokeDevice(signer: NewIdentity, deviceId: DeviceId, effectiveFrom = NOW): CertOf {
  return ['device_revocation', issueDeviceRevocation(signer.rootKey, { deviceId, effectiveFrom, issuedAt: NOW })];
}

/** As it is pushed. */
export function entryOf(slug: Slug, [kind, cert]: CertOf, seq: number): CertEntry {
  return { seq, kind, slug, cert };
}
