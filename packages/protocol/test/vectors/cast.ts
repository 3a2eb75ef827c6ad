// The cast of keys.json: identities with their devices and subkeys, verified through the whole chain.
import {
  type DeviceId,
  importKemSecretKey,
  importSigningKey,
  isSlug,
  type KemSecretKey,
  type SigningKey,
  type Slug,
  type Verdict,
  type VerifiedDevice,
  type VerifiedIdentity,
  type VerifiedSubkey,
  verifyDevice,
  verifyIdentity,
  verifySubkey,
} from '../../src/index.ts';
import { readVectorFile } from './vector.ts';

export interface CastDevice {
  readonly slug: Slug;
  readonly device: VerifiedDevice;
  readonly subkey: VerifiedSubkey;
  readonly deviceKey: SigningKey;
  readonly kemKey: KemSecretKey;
  readonly subkeyKey: SigningKey;
}

export interface Cast {
  readonly identities: ReadonlyMap<string, VerifiedIdentity>;
  readonly byDevice: ReadonlyMap<string, CastDevice>;
  readonly bySubkey: ReadonlyMap<string, CastDevice>;
}

let cast: Cast | undefined;

export function readCast(): Cast {
  cast ??= loadCast();
  return cast;
}

/** Whose device this is; for an unknown one, somebody of the cast who may read the vector. */
export function ownerOf(deviceId: string): Slug {
  const slug = readCast().byDevice.get(deviceId)?.slug ?? 'helper-9a7c';
  if (!isSlug(slug)) throw new TypeError(`no slug: ${slug}`);
  return slug;
}

export function signerOf(subkeyId: string): VerifiedSubkey {
  const found = readCast().bySubkey.get(subkeyId);
  if (found === undefined) throw new TypeError(`keys.json has no subkey ${subkeyId}`);
  return found.subkey;
}

/** Test code may say that a text is a device id where the vector says so. */
export function deviceIdFrom(text: string): DeviceId {
  return text as DeviceId;
}

export function valueOf<Value>(verdict: Verdict<Value>): Value {
  if (verdict.kind === 'refused') throw new Error(`refused: ${verdict.reason}: ${verdict.message}`);
  return verdict.value;
}

function loadCast(): Cast {
  const identities = new Map<string, VerifiedIdentity>();
  const byDevice = new Map<string, CastDevice>();
  const bySubkey = new Map<string, CastDevice>();
  for (const entry of readVectorFile('keys.json').list('vectors')) {
    const identity = valueOf(
      verifyIdentity({
        slug: entry.text('slug'),
        identityCert: entry.any('identity_cert'),
        slugBinding: entry.any('slug_binding'),
        operatorAttestation: entry.any('operator_attestation'),
      }),
    );
    identities.set(identity.slug, identity);
    for (const item of entry.list('devices')) {
      const device = valueOf(verifyDevice(identity, { deviceCert: item.any('device_cert') }));
      const subkey = valueOf(verifySubkey(device, item.any('subkey_cert')));
      const member: CastDevice = {
        slug: identity.slug,
        device,
        subkey,
        deviceKey: importSigningKey(item.base64('device_signing_secret_key')),
        kemKey: importKemSecretKey(item.base64('kem_secret_key')),
        subkeyKey: importSigningKey(item.base64('subkey_secret_key')),
      };
      byDevice.set(device.deviceId, member);
      bySubkey.set(subkey.subkeyId, member);
    }
  }
  return { identities, byDevice, bySubkey };
}
