import { encodeBase64url } from '@puffo/base';
import {
  deviceIdOf,
  findKemPublicKeyText,
  findOperatorKey,
  importSigningKey,
  importVerifyKey,
  isSubkeyId,
  issueSubkeyCert,
  signingBytes,
  verifyChain,
  type Verdict,
  verifyDeviceCert,
  verifyDeviceRevocation,
  verifyIdentityCert,
  verifyKeyBytes,
  verifyOperatorAttestation,
  verifyOperatorRevocation,
  verifySlugBinding,
  verifySubkeyCert,
} from '../../src/index.ts';
import { deviceIdFrom, readCast, valueOf } from './cast.ts';
import { refused, same, sameReason } from './checker.ts';
import type { Vector } from './vector.ts';

export function checkKeys(vector: Vector): void {
  const identity = readCast().identities.get(vector.text('slug'));
  same(identity?.identityType, vector.text('identity_type'));
  same(identity?.rootKey.publicKey, vector.text('root_public_key'));
  same(importSigningKey(vector.base64('root_secret_key')).verifyKey.publicKey, vector.text('root_public_key'));
  for (const device of vector.list('devices')) {
    const member = readCast().byDevice.get(device.text('device_id'));
    same(member?.device.signingKey.publicKey, device.text('device_signing_public_key'));
    same(member?.deviceKey.verifyKey.publicKey, device.text('device_signing_public_key'));
    same(member?.kemKey.kemPublicKey.publicKey, device.text('kem_public_key'));
    same(member?.subkey.subkeyId, device.text('subkey_id'));
    same(member?.subkeyKey.verifyKey.publicKey, device.text('subkey_public_key'));
  }
}

export function checkCert(vector: Vector): void {
  const cert = vector.record('cert');
  same(vector.text('expected'), 'valid');
  same(Buffer.from(signingBytes(cert.object)).toString(), vector.text('signing_bytes_utf8'));
  const key = importVerifyKey(vector.base64('verify_with_public_key'));
  const verdict = verifyByKind(vector.text('kind'), cert, key);
  same(verdict.kind, 'valid');
}

export function checkNegativeCert(vector: Vector): void {
  const kind = vector.text('kind');
  const cert = vector.record('cert');
  let verdict: Verdict<unknown>;
  if (kind === 'identity_cert') {
    verdict = verifyIdentityCert(cert.object);
  } else if (kind === 'operator_attestation') {
    const operatorKey = importVerifyKey(vector.base64('operator_root_public_key'));
    const agentKey = importVerifyKey(vector.base64('agent_root_public_key'));
    verdict = verifyOperatorAttestation(cert.object, { operatorKey, agentKey });
  } else {
    const rootKey = importVerifyKey(vector.base64('expected_root_public_key'));
    verdict =
      kind === 'slug_binding'
        ? verifySlugBinding(cert.object, { rootKey })
        : verifyDeviceCert(cert.object, { rootKey });
  }
  if (vector.text('required') === 'either') {
    same(['valid', 'refused'].includes(verdict.kind), true);
    return;
  }
  sameReason(refused(verdict), vector);
}

export function checkChain(vector: Vector): void {
  const root = vector.record('identity_cert').text('root_public_key');
  const evidence = {
    slug: vector.text('slug'),
    identityCert: vector.any('identity_cert'),
    slugBinding: vector.any('slug_binding'),
    deviceCert: vector.any('device_cert'),
    subkeyCert: vector.any('subkey_cert'),
    operatorAttestation: vector.any('operator_attestation'),
    deviceRevocations: vector.list('device_revocations').map((revocation) => revocation.object),
  };
  const at = vector.number('at_ms');
  const verdict = verifyChain(evidence, { at, pinnedRoot: root });
  if (vector.text('expected') === 'invalid') {
    sameReason(refused(verdict), vector);
    return;
  }
  same(verdict.kind, 'trusted');
  same(verifyChain(evidence, { at, pinnedRoot: undefined }).kind, 'unknown-root');
  same(verifyChain(evidence, { at, pinnedRoot: encodeBase64url(new Uint8Array(32)) }).kind, 'changed-root');
}

export function checkKemKeyLookup(vector: Vector): void {
  const expected = vector.any('kem_public_key');
  same(findKemPublicKeyText(vector.any('cert')) ?? null, expected);
}

export function checkSubkeyCert(vector: Vector): void {
  const cert = vector.record('cert');
  const signingKey = importVerifyKey(vector.base64('device_signing_public_key'));
  const deviceId = deviceIdOf(verifyKeyBytes(signingKey));
  const verdict = verifySubkeyCert(cert.object, { deviceId, signingKey });
  if (vector.text('expected') === 'invalid') {
    sameReason(refused(verdict), vector);
    return;
  }
  const { subkeyId, issuedAt, expiresAt, key } = valueOf(verdict);
  same(isSubkeyId(subkeyId), true);
  same(Buffer.from(signingBytes(cert.object)).toString(), vector.text('signing_bytes_utf8'));
  if (expiresAt === null) return;
  const deviceKey = importSigningKey(vector.base64('device_signing_secret_key'));
  same(issueSubkeyCert(deviceKey, { subkey: key, issuedAt, lifetimeMs: expiresAt - issuedAt }), cert.object);
}

export function checkOperatorKey(vector: Vector): void {
  same(findOperatorKey(vector.text('identity_cert_json'))?.publicKey ?? null, vector.any('operator_root_public_key'));
}

function verifyByKind(kind: string, cert: Vector, key: ReturnType<typeof importVerifyKey>): Verdict<unknown> {
  switch (kind) {
    case 'identity_cert':
      return verifyIdentityCert(cert.object);
    case 'slug_binding':
      return verifySlugBinding(cert.object, { rootKey: key });
    case 'device_cert':
      return verifyDeviceCert(cert.object, { rootKey: key });
    case 'subkey_cert':
      return verifySubkeyCert(cert.object, { deviceId: deviceIdFrom(cert.text('device_id')), signingKey: key });
    case 'device_revocation':
      return verifyDeviceRevocation(cert.object, { deviceId: deviceIdFrom(cert.text('device_id')), rootKey: key });
    case 'operator_attestation':
    case 'operator_revocation': {
      const agentKey = importVerifyKey(cert.base64('agent_root_public_key'));
      const verify = kind === 'operator_attestation' ? verifyOperatorAttestation : verifyOperatorRevocation;
      return verify(cert.object, { operatorKey: key, agentKey });
    }
    default:
      throw new TypeError(`no check for certificates of kind ${kind}`);
  }
}
