// What the signed identity objects say, once they are read and verified. spec: wire-protocol 4.2-4.8
import type { JsonObject } from '@puffo/base';
import type { VerifyKey } from '../crypto/ed25519.ts';
import type { KemPublicKey } from '../crypto/x25519.ts';
import type { DeviceId, Slug, SubkeyId } from '../ids.ts';

export type IdentityType = 'human' | 'agent';

interface SignedObject {
  /** The object member for member as received: what is stored, served and signed. */
  readonly object: JsonObject;
}

export interface IdentityCert extends SignedObject {
  readonly rootKey: VerifyKey;
  readonly identityType: IdentityType;
  /** The operator's root key; `null` for a human. */
  readonly operatorKey: VerifyKey | null;
}

export interface SlugBinding extends SignedObject {
  readonly rootKey: VerifyKey;
  readonly slug: Slug;
  readonly issuedAt: number;
}

export interface DeviceCert extends SignedObject {
  readonly deviceId: DeviceId;
  readonly rootKey: VerifyKey;
  readonly signingKey: VerifyKey;
  readonly kemKey: KemPublicKey;
  readonly issuedAt: number;
  /** `null`: does not expire. */
  readonly expiresAt: number | null;
}

export interface SubkeyCert extends SignedObject {
  readonly subkeyId: SubkeyId;
  readonly deviceId: DeviceId;
  readonly key: VerifyKey;
  readonly issuedAt: number;
  /** `null`: does not expire. Readers accept it, a server refuses to register it (spec 4.5). */
  readonly expiresAt: number | null;
}

export interface OperatorAttestation extends SignedObject {
  readonly operatorKey: VerifyKey;
  readonly agentKey: VerifyKey;
  readonly issuedAt: number;
}

export interface DeviceRevocation extends SignedObject {
  readonly deviceId: DeviceId;
  readonly rootKey: VerifyKey;
  /** From this instant on, inclusive, the device is invalid. */
  readonly effectiveFrom: number;
  readonly issuedAt: number;
}

export interface OperatorRevocation extends SignedObject {
  readonly operatorKey: VerifyKey;
  readonly agentKey: VerifyKey;
  /** From this instant on, inclusive, the agent's identity is dead. */
  readonly effectiveFrom: number;
  readonly issuedAt: number;
}
