// The keys and certificates that an identity begins with, before a server has given it a slug. spec: wire-protocol 4.10
import type { JsonObject, Random } from '@puffo/base';
import { issueDeviceCert, issueIdentityCert } from '../cert/issue-cert.ts';
import { generateSigningKey, type SigningKey, type VerifyKey, verifyKeyBytes } from '../crypto/ed25519.ts';
import { generateKemSecretKey, type KemSecretKey } from '../crypto/x25519.ts';
import { type DeviceId, deviceIdOf } from '../ids.ts';

export interface NewIdentity {
  readonly rootKey: SigningKey;
  readonly deviceId: DeviceId;
  readonly deviceKey: SigningKey;
  readonly kemKey: KemSecretKey;
  readonly identityCert: JsonObject;
  readonly deviceCert: JsonObject;
}

export interface IdentityOptions {
  /** The operator's root key for an agent, `null` for a person. */
  readonly operatorKey: VerifyKey | null;
  /** ms */
  readonly issuedAt: number;
  readonly random: Random;
}

export function generateIdentity({ operatorKey, issuedAt, random }: IdentityOptions): NewIdentity {
  const rootKey = generateSigningKey(random);
  const deviceKey = generateSigningKey(random);
  const kemKey = generateKemSecretKey(random);
  return {
    rootKey,
    deviceId: deviceIdOf(verifyKeyBytes(deviceKey.verifyKey)),
    deviceKey,
    kemKey,
    identityCert: issueIdentityCert(rootKey, operatorKey),
    deviceCert: issueDeviceCert(rootKey, { signingKey: deviceKey.verifyKey, kemKey: kemKey.kemPublicKey, issuedAt }),
  };
}
