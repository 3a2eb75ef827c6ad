// What has to be true of the bundle that an existing device makes for a new one. spec: wire-protocol 4.8, 4.12
import { encodeBase64url, isBase64urlOf, isJsonObject, type JsonObject } from '@puffo/base';
import {
  type DeviceCert,
  type EnrolmentBundle,
  rootFingerprint,
  type Slug,
  type VerifyKey,
  verifyIdentityCert,
  verifySlugBinding,
} from '@puffo/protocol';
import { ServerError } from '../errors.ts';
import { checkDevice } from './registration.ts';
import { requireValid } from './require-valid.ts';

const HPKE_BYTES = 80;

/** What the new device said at the beginning. */
export interface NewDeviceKeys {
  readonly nonce: string;
  readonly signingPublicKey: string;
  readonly kemPublicKey: string;
}

export interface EnrolmentExpectation {
  readonly keys: NewDeviceKeys;
  /** Of the caller. */
  readonly rootKey: VerifyKey;
  readonly slug: Slug;
  readonly now: number;
}

/** The certificate of the new device. */
export function checkBundle(bundle: EnrolmentBundle, expected: EnrolmentExpectation): DeviceCert {
  const { keys, rootKey, slug, now } = expected;
  const identity = requireValid(verifyIdentityCert(bundle.identity_cert));
  check(identity.rootKey.publicKey === rootKey.publicKey, 'identity_cert.root_public_key', 'it is not your root key');
  const binding = requireValid(verifySlugBinding(bundle.slug_binding, { rootKey }));
  check(binding.slug === slug, 'slug_binding.slug', 'it is not your slug');
  const device = checkDevice(bundle.device_cert, { rootKey, now });
  const isSigning = device.signingKey.publicKey === keys.signingPublicKey;
  check(isSigning, 'device_cert.keys.signing', 'it is not the key that the enrolment began with');
  const isKem = device.kemKey.publicKey === keys.kemPublicKey;
  check(isKem, 'device_cert.keys.encryption', 'it is not the key that the enrolment began with');
  checkRootKeyEnvelope(bundle.root_key_envelope, expected);
  return device;
}

function checkRootKeyEnvelope(envelope: JsonObject, { keys, rootKey }: EnrolmentExpectation): void {
  const expected: readonly (readonly [string, string | number])[] = [
    ['type', 'root_key_envelope'],
    ['version', 1],
    ['enrollment_nonce', keys.nonce],
    ['recipient_kem_public_key', keys.kemPublicKey],
    ['root_public_key_fingerprint', encodeBase64url(rootFingerprint(rootKey))],
  ];
  if (!isJsonObject(envelope)) throw refused('root_key_envelope', 'it is no object');
  for (const [name, value] of expected) {
    check(envelope[name] === value, `root_key_envelope.${name}`, 'it does not belong to this enrolment');
  }
  const ciphertext = envelope['hpke_ciphertext'];
  const isSealed = typeof ciphertext === 'string' && isBase64urlOf(ciphertext, HPKE_BYTES);
  check(isSealed, 'root_key_envelope.hpke_ciphertext', `it is not ${HPKE_BYTES} bytes`);
}

function check(isTrue: boolean, field: string, problem: string): void {
  if (!isTrue) throw refused(field, problem);
}

function refused(field: string, problem: string): ServerError {
  return new ServerError('INVALID_PAYLOAD', `Cannot enrol device: ${field}: ${problem}`, { field });
}
