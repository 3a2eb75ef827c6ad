// Makes the identity objects. What is signed here verifies with `verify-cert.ts`. spec: wire-protocol 4.2-4.8
import { encodeBase64url, type JsonObject, type Random } from '@puffo/base';
import { assertSignable, signingBytes } from '../canonical/signing-bytes.ts';
import { signToText, type SigningKey, type VerifyKey, verifyKeyBytes } from '../crypto/ed25519.ts';
import type { KemPublicKey } from '../crypto/x25519.ts';
import { ProtocolError } from '../errors.ts';
import { type DeviceId, deviceIdOf, type Slug, subkeyIdOf } from '../ids.ts';
import { LIMITS } from '../limits.ts';

const NONCE_BYTES = 32;

/** `operatorKey`: the operator's root key for an agent, `null` for a human. */
export function issueIdentityCert(rootKey: SigningKey, operatorKey: VerifyKey | null): JsonObject {
  const body = {
    type: 'identity_cert',
    version: 1,
    root_public_key: rootKey.verifyKey.publicKey,
    identity_type: operatorKey === null ? 'human' : 'agent',
    declared_operator_public_key: operatorKey?.publicKey ?? null,
  };
  return { ...body, self_signature: signObject(rootKey, body) };
}

export function issueSlugBinding(rootKey: SigningKey, binding: { slug: Slug; issuedAt: number }): JsonObject {
  const body = {
    type: 'slug_binding',
    version: 1,
    root_public_key: rootKey.verifyKey.publicKey,
    slug: binding.slug,
    issued_at: binding.issuedAt,
  };
  return { ...body, self_signature: signObject(rootKey, body) };
}

export interface DeviceToCertify {
  readonly signingKey: VerifyKey;
  readonly kemKey: KemPublicKey;
  readonly issuedAt: number;
  /** Absent: does not expire. */
  readonly expiresAt?: number;
}

export function issueDeviceCert(rootKey: SigningKey, device: DeviceToCertify): JsonObject {
  const body = {
    type: 'device_cert',
    version: 1,
    device_id: deviceIdOf(verifyKeyBytes(device.signingKey)),
    root_public_key: rootKey.verifyKey.publicKey,
    keys: {
      signing: { algorithm: 'ed25519', public_key: device.signingKey.publicKey },
      encryption: { algorithm: 'x25519', public_key: device.kemKey.publicKey },
    },
    issued_at: device.issuedAt,
    expires_at: device.expiresAt ?? null,
  };
  return { ...body, signature: signObject(rootKey, body) };
}

export interface SubkeyToCertify {
  readonly subkey: VerifyKey;
  readonly issuedAt: number;
  /** Strictly less than 48 h; 47 h where absent. */
  readonly lifetimeMs?: number;
}

/** `deviceKey`: the device's signing key. */
export function issueSubkeyCert(deviceKey: SigningKey, { subkey, issuedAt, lifetimeMs }: SubkeyToCertify): JsonObject {
  const lifetime = lifetimeMs ?? LIMITS.subkeyIssueMs;
  if (!(lifetime > 0 && lifetime < LIMITS.subkeyLifetimeMs)) {
    const message = `Cannot issue subkey: a lifetime of ${lifetime} ms is not between 0 and ${LIMITS.subkeyLifetimeMs}`;
    throw new ProtocolError('ttl_too_long', message, { field: 'lifetimeMs' });
  }
  const body = {
    type: 'subkey_cert',
    version: 1,
    subkey_id: subkeyIdOf(verifyKeyBytes(subkey)),
    device_id: deviceIdOf(verifyKeyBytes(deviceKey.verifyKey)),
    subkey_public_key: subkey.publicKey,
    issued_at: issuedAt,
    expires_at: issuedAt + lifetime,
  };
  return { ...body, signature: signObject(deviceKey, body) };
}

export interface AgentToAttest {
  readonly agentKey: VerifyKey;
  readonly issuedAt: number;
  readonly random: Random;
}

export function issueOperatorAttestation(operatorKey: SigningKey, agent: AgentToAttest): JsonObject {
  const body = {
    type: 'operator_attestation',
    version: 1,
    operator_root_public_key: operatorKey.verifyKey.publicKey,
    agent_root_public_key: agent.agentKey.publicKey,
    issued_at: agent.issuedAt,
    nonce: encodeBase64url(agent.random.bytes(NONCE_BYTES)),
  };
  return { ...body, signature: signObject(operatorKey, body) };
}

export interface AgentToRevoke extends AgentToAttest {
  readonly effectiveFrom: number;
}

export function issueOperatorRevocation(operatorKey: SigningKey, agent: AgentToRevoke): JsonObject {
  const body = {
    type: 'operator_revocation',
    version: 1,
    operator_root_public_key: operatorKey.verifyKey.publicKey,
    agent_root_public_key: agent.agentKey.publicKey,
    effective_from: agent.effectiveFrom,
    issued_at: agent.issuedAt,
    nonce: encodeBase64url(agent.random.bytes(NONCE_BYTES)),
  };
  return { ...body, signature: signObject(operatorKey, body) };
}

export interface DeviceToRevoke {
  readonly deviceId: DeviceId;
  readonly effectiveFrom: number;
  readonly issuedAt: number;
}

export function issueDeviceRevocation(rootKey: SigningKey, device: DeviceToRevoke): JsonObject {
  const body = {
    type: 'device_revocation',
    version: 1,
    device_id: device.deviceId,
    root_public_key: rootKey.verifyKey.publicKey,
    effective_from: device.effectiveFrom,
    issued_at: device.issuedAt,
  };
  return { ...body, signature: signObject(rootKey, body) };
}

function signObject(key: SigningKey, body: JsonObject): string {
  assertSignable(body);
  return signToText(key, signingBytes(body));
}
