// Each identity object on its own: shape, derived ids, references, signature, in the order of the specification.
// How they hang together is `chain.ts`. spec: wire-protocol 4.2-4.9
import { importVerifyKey, type VerifyKey } from '../crypto/ed25519.ts';
import { KEY_BYTES } from '../crypto/key-handle.ts';
import { type Verdict, verdictOf } from '../errors.ts';
import { type DeviceId, deviceIdOf, parseDeviceId, parseSlug, parseSubkeyId, subkeyIdOf } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import {
  hasMember,
  type Members,
  readBytes,
  readMember,
  readNullableTime,
  readString,
  readTime,
  readTypedObject,
} from '../members.ts';
import type {
  DeviceCert,
  DeviceRevocation,
  IdentityCert,
  IdentityType,
  OperatorAttestation,
  OperatorRevocation,
  SlugBinding,
  SubkeyCert,
} from './cert.ts';
import { certError, checkSameKey, checkSignature, readKemKey, readSignature, readVerifyKey } from './read-cert.ts';

const ATTESTATION_NONCE_BYTES = 32;

/** The self-signed start of every chain. */
export function verifyIdentityCert(value: unknown): Verdict<IdentityCert> {
  return verdictOf(() => {
    const members = readTypedObject(value, 'identity_cert');
    const rootKey = readVerifyKey(members, 'root_public_key');
    const identityType = readIdentityType(members);
    const operatorKey = readOperator(members, identityType);
    const signature = readSignature(members, 'self_signature');
    if (operatorKey?.publicKey === rootKey.publicKey) {
      const problem = 'an agent cannot be its own operator';
      throw certError(members, { name: 'declared_operator_public_key', reason: 'operator_not_allowed', problem });
    }
    checkSignature(members, rootKey, signature);
    return { rootKey, identityType, operatorKey, object: members.object };
  });
}

export function verifySlugBinding(value: unknown, expected: { readonly rootKey: VerifyKey }): Verdict<SlugBinding> {
  return verdictOf(() => {
    const members = readTypedObject(value, 'slug_binding');
    const rootKey = readVerifyKey(members, 'root_public_key');
    const slug = parseSlug(readString(members, 'slug'), 'slug_binding.slug');
    const issuedAt = readTime(members, 'issued_at');
    const signature = readSignature(members, 'self_signature');
    checkRoot(members, rootKey, expected.rootKey);
    checkSignature(members, expected.rootKey, signature);
    return { rootKey, slug, issuedAt, object: members.object };
  });
}

/** Refuses the legacy flat form; see `findKemPublicKeyText` for the one place where that is still read. */
export function verifyDeviceCert(value: unknown, expected: { readonly rootKey: VerifyKey }): Verdict<DeviceCert> {
  return verdictOf(() => {
    const members = readTypedObject(value, 'device_cert');
    const keys = readMember(members, 'keys');
    const signing = readMember(keys, 'signing');
    const encryption = readMember(keys, 'encryption');
    checkAlgorithm(signing, 'ed25519');
    checkAlgorithm(encryption, 'x25519');
    const signingKeyBytes = readBytes(signing, 'public_key', KEY_BYTES);
    const kemKey = readKemKey(encryption, 'public_key');
    const rootKey = readVerifyKey(members, 'root_public_key');
    const deviceId = parseDeviceId(readString(members, 'device_id'), 'device_cert.device_id');
    const issuedAt = readTime(members, 'issued_at');
    const expiresAt = readExpiry(members, issuedAt);
    const signature = readSignature(members, 'signature');
    const signingKey = importVerifyKey(signingKeyBytes, `${signing.what}.public_key`);
    checkDerivedId(members, { name: 'device_id', found: deviceId, derived: deviceIdOf(signingKeyBytes) });
    checkRoot(members, rootKey, expected.rootKey);
    checkSignature(members, expected.rootKey, signature);
    return { deviceId, rootKey, signingKey, kemKey, issuedAt, expiresAt, object: members.object };
  });
}

/** `expected`: the device that is said to have issued the subkey, itself verified. */
export function verifySubkeyCert(
  value: unknown,
  expected: { readonly deviceId: DeviceId; readonly signingKey: VerifyKey },
): Verdict<SubkeyCert> {
  return verdictOf(() => {
    const members = readTypedObject(value, 'subkey_cert');
    const keyBytes = readBytes(members, 'subkey_public_key', KEY_BYTES);
    const key = importVerifyKey(keyBytes, 'subkey_cert.subkey_public_key');
    const subkeyId = parseSubkeyId(readString(members, 'subkey_id'), 'subkey_cert.subkey_id');
    const deviceId = parseDeviceId(readString(members, 'device_id'), 'subkey_cert.device_id');
    const issuedAt = readTime(members, 'issued_at');
    const expiresAt = readExpiry(members, issuedAt);
    const signature = readSignature(members, 'signature');
    if (expiresAt !== null && expiresAt - issuedAt >= LIMITS.subkeyLifetimeMs) {
      const problem = `it is ${expiresAt - issuedAt} ms after issued_at, allowed are less than ${LIMITS.subkeyLifetimeMs}`;
      throw certError(members, { name: 'expires_at', reason: 'ttl_too_long', problem });
    }
    checkDerivedId(members, { name: 'subkey_id', found: subkeyId, derived: subkeyIdOf(keyBytes) });
    if (deviceId !== expected.deviceId) {
      const problem = 'it names another device than the one expected';
      throw certError(members, { name: 'device_id', reason: 'device_id_mismatch', problem });
    }
    checkSignature(members, expected.signingKey, signature);
    return { subkeyId, deviceId, key, issuedAt, expiresAt, object: members.object };
  });
}

export interface OperatorAndAgent {
  readonly operatorKey: VerifyKey;
  readonly agentKey: VerifyKey;
}

export function verifyOperatorAttestation(value: unknown, expected: OperatorAndAgent): Verdict<OperatorAttestation> {
  return verdictOf(() => {
    const members = readTypedObject(value, 'operator_attestation');
    const keys = readOperatorAndAgent(members);
    const issuedAt = readTime(members, 'issued_at');
    const signature = readSignature(members, 'signature');
    readBytes(members, 'nonce', ATTESTATION_NONCE_BYTES);
    checkOperatorAndAgent(members, keys, expected);
    checkSignature(members, expected.operatorKey, signature);
    return { ...keys, issuedAt, object: members.object };
  });
}

/** The member set is inferred, so only what the rule needs is required. spec: wire-protocol 4.7 */
export function verifyOperatorRevocation(value: unknown, expected: OperatorAndAgent): Verdict<OperatorRevocation> {
  return verdictOf(() => {
    const members = readTypedObject(value, 'operator_revocation');
    const keys = readOperatorAndAgent(members);
    const effectiveFrom = readTime(members, 'effective_from');
    const issuedAt = readTime(members, 'issued_at');
    const signature = readSignature(members, 'signature');
    checkOperatorAndAgent(members, keys, expected);
    checkSignature(members, expected.operatorKey, signature);
    return { ...keys, effectiveFrom, issuedAt, object: members.object };
  });
}

export function verifyDeviceRevocation(
  value: unknown,
  expected: { readonly rootKey: VerifyKey; readonly deviceId: DeviceId },
): Verdict<DeviceRevocation> {
  return verdictOf(() => {
    const members = readTypedObject(value, 'device_revocation');
    const rootKey = readVerifyKey(members, 'root_public_key');
    const deviceId = parseDeviceId(readString(members, 'device_id'), 'device_revocation.device_id');
    const effectiveFrom = readTime(members, 'effective_from');
    const issuedAt = readTime(members, 'issued_at');
    const signature = readSignature(members, 'signature');
    checkRoot(members, rootKey, expected.rootKey);
    if (deviceId !== expected.deviceId) {
      const problem = 'it names another device than the one expected';
      throw certError(members, { name: 'device_id', reason: 'device_id_mismatch', problem });
    }
    checkSignature(members, expected.rootKey, signature);
    return { deviceId, rootKey, effectiveFrom, issuedAt, object: members.object };
  });
}

function readIdentityType(members: Members): IdentityType {
  const type = readString(members, 'identity_type');
  if (type === 'human' || type === 'agent') return type;
  const problem = "it is neither 'human' nor 'agent'";
  throw certError(members, { name: 'identity_type', reason: 'identity_type', problem });
}

/** A human's member may be absent where the certificate verifies as received; writers always put the null. */
function readOperator(members: Members, identityType: IdentityType): VerifyKey | null {
  const name = 'declared_operator_public_key';
  const isAbsent = !hasMember(members, name) || members.object[name] === null;
  if (identityType === 'human') {
    if (isAbsent) return null;
    throw certError(members, { name, reason: 'operator_not_allowed', problem: 'a human has no operator' });
  }
  if (isAbsent) throw certError(members, { name, reason: 'operator_missing', problem: 'an agent needs an operator' });
  return readVerifyKey(members, name);
}

function readOperatorAndAgent(members: Members): OperatorAndAgent {
  return {
    operatorKey: readVerifyKey(members, 'operator_root_public_key'),
    agentKey: readVerifyKey(members, 'agent_root_public_key'),
  };
}

function checkOperatorAndAgent(members: Members, found: OperatorAndAgent, expected: OperatorAndAgent): void {
  const operator = { found: found.operatorKey, expected: expected.operatorKey };
  const agent = { found: found.agentKey, expected: expected.agentKey };
  checkSameKey(members, { name: 'operator_root_public_key', reason: 'operator_mismatch', ...operator });
  checkSameKey(members, { name: 'agent_root_public_key', reason: 'agent_mismatch', ...agent });
}

function checkRoot(members: Members, found: VerifyKey, expected: VerifyKey): void {
  checkSameKey(members, { name: 'root_public_key', reason: 'root_mismatch', found, expected });
}

function checkAlgorithm(members: Members, expected: 'ed25519' | 'x25519'): void {
  if (readString(members, 'algorithm') === expected) return;
  throw certError(members, { name: 'algorithm', reason: 'algorithm', problem: `it is not '${expected}'` });
}

function checkDerivedId(members: Members, id: { name: string; found: string; derived: string }): void {
  if (id.found === id.derived) return;
  const problem = 'it is not derived from the public key beside it';
  throw certError(members, { name: id.name, reason: 'id_derivation', problem });
}

/** The member is always present; `null` says that the certificate does not expire. */
function readExpiry(members: Members, issuedAt: number): number | null {
  const expiresAt = readNullableTime(members, 'expires_at');
  if (expiresAt === null || expiresAt > issuedAt) return expiresAt;
  throw certError(members, { name: 'expires_at', reason: 'bad_validity', problem: 'it is not after issued_at' });
}
