// From a root key to the key that signed an act, and whether that act may be believed at its time. Signatures are
// checked once, when a link is made; time is judged at each act. Only the functions here make the verified types.
// spec: wire-protocol 4.9
import type { Brand } from '@puffo/base';
import type { VerifyKey } from '../crypto/ed25519.ts';
import type { KemPublicKey } from '../crypto/x25519.ts';
import { ProtocolError, type ProtocolErrorCode, type Refusal, refusalOf, type Verdict } from '../errors.ts';
import { type DeviceId, isSlug, type Slug, type SubkeyId } from '../ids.ts';
import type { IdentityType } from './cert.ts';
import {
  verifyDeviceCert,
  verifyDeviceRevocation,
  verifyIdentityCert,
  verifyOperatorAttestation,
  verifyOperatorRevocation,
  verifySlugBinding,
  verifySubkeyCert,
} from './verify-cert.ts';

/** How much later than our clock a subkey may say it was issued. */
const SUBKEY_EARLY_MS = 5 * 60_000;

/** A root key that owns a slug, and for an agent the operator who vouches for it. */
export type VerifiedIdentity = Brand<
  {
    readonly slug: Slug;
    readonly rootKey: VerifyKey;
    readonly identityType: IdentityType;
    readonly operatorKey: VerifyKey | null;
    /** The earliest valid revocation by the operator. */
    readonly operatorRevokedFrom: number | null;
  },
  'VerifiedIdentity'
>;

/** A device of a verified identity. May be expired or revoked: `judgeDevice` says so for a point in time. */
export type VerifiedDevice = Brand<
  {
    readonly identity: VerifiedIdentity;
    readonly deviceId: DeviceId;
    readonly signingKey: VerifyKey;
    readonly kemKey: KemPublicKey;
    readonly expiresAt: number | null;
    readonly revokedFrom: number | null;
  },
  'VerifiedDevice'
>;

/** A subkey of a verified device. May be expired: `judgeSubkey` says so for a point in time. */
export type VerifiedSubkey = Brand<
  {
    readonly device: VerifiedDevice;
    readonly subkeyId: SubkeyId;
    readonly key: VerifyKey;
    readonly issuedAt: number;
    readonly expiresAt: number | null;
  },
  'VerifiedSubkey'
>;

export interface IdentityEvidence {
  /** The slug that the other side claims. */
  readonly slug: string;
  readonly identityCert: unknown;
  readonly slugBinding: unknown;
  /** Needed for agents; ignored for humans. */
  readonly operatorAttestation?: unknown;
  /** Those that do not verify are ignored: anybody can write one. */
  readonly operatorRevocations?: readonly unknown[];
}

/** Steps 1, 2 and 6 of the chain. */
export function verifyIdentity(evidence: IdentityEvidence): Verdict<VerifiedIdentity> {
  const cert = verifyIdentityCert(evidence.identityCert);
  if (cert.kind === 'refused') return cert;
  const { rootKey, identityType, operatorKey } = cert.value;
  const binding = verifySlugBinding(evidence.slugBinding, { rootKey });
  if (binding.kind === 'refused') return binding;
  if (!isSlug(evidence.slug) || binding.value.slug !== evidence.slug) {
    return refuse('slug_mismatch', 'Cannot accept identity: its slug is not the one claimed', 'slug_binding.slug');
  }
  let operatorRevokedFrom: number | null = null;
  if (operatorKey !== null) {
    const expected = { operatorKey, agentKey: rootKey };
    if (evidence.operatorAttestation === undefined || evidence.operatorAttestation === null) {
      const message = 'Cannot accept identity: an agent needs an attestation by its operator';
      return refuse('attestation_missing', message, 'operator_attestation');
    }
    const attestation = verifyOperatorAttestation(evidence.operatorAttestation, expected);
    if (attestation.kind === 'refused') return attestation;
    const revocations = (evidence.operatorRevocations ?? []).map((value) => verifyOperatorRevocation(value, expected));
    operatorRevokedFrom = earliest(revocations);
  }
  const { slug } = binding.value;
  return valid({ slug, rootKey, identityType, operatorKey, operatorRevokedFrom } as VerifiedIdentity);
}

export interface DeviceEvidence {
  readonly deviceCert: unknown;
  /** Those of other devices and those that do not verify are ignored. */
  readonly deviceRevocations?: readonly unknown[];
}

/** Steps 3 and 4, apart from time. */
export function verifyDevice(identity: VerifiedIdentity, evidence: DeviceEvidence): Verdict<VerifiedDevice> {
  const { rootKey } = identity;
  const cert = verifyDeviceCert(evidence.deviceCert, { rootKey });
  if (cert.kind === 'refused') return cert;
  const { deviceId, signingKey, kemKey, expiresAt } = cert.value;
  const revocations = (evidence.deviceRevocations ?? []).map((value) =>
    verifyDeviceRevocation(value, { rootKey, deviceId }),
  );
  const revokedFrom = earliest(revocations);
  return valid({ identity, deviceId, signingKey, kemKey, expiresAt, revokedFrom } as VerifiedDevice);
}

/** Step 5, apart from time. */
export function verifySubkey(device: VerifiedDevice, subkeyCert: unknown): Verdict<VerifiedSubkey> {
  const cert = verifySubkeyCert(subkeyCert, device);
  if (cert.kind === 'refused') return cert;
  const { subkeyId, key, issuedAt, expiresAt } = cert.value;
  return valid({ device, subkeyId, key, issuedAt, expiresAt } as VerifiedSubkey);
}

/** Whether the device may act, and may be sent to, at `at` (ms). The refusal says why not. */
export function judgeDevice(device: VerifiedDevice, at: number): Verdict<VerifiedDevice> {
  const { operatorRevokedFrom } = device.identity;
  if (device.expiresAt !== null && at >= device.expiresAt) {
    return refuse('device_expired', `Cannot trust device: its certificate expired at ${device.expiresAt}`);
  }
  if (device.revokedFrom !== null && at >= device.revokedFrom) {
    return refuse('device_revoked', `Cannot trust device: it is revoked from ${device.revokedFrom} on`);
  }
  if (operatorRevokedFrom !== null && at >= operatorRevokedFrom) {
    return refuse('operator_revoked', `Cannot trust agent: its operator revoked it from ${operatorRevokedFrom} on`);
  }
  return valid(device);
}

/** Whether an act signed with the subkey at `at` (ms) may be believed. The refusal says why not. */
export function judgeSubkey(subkey: VerifiedSubkey, at: number): Verdict<VerifiedSubkey> {
  const device = judgeDevice(subkey.device, at);
  if (device.kind === 'refused') return device;
  if (subkey.expiresAt !== null && at >= subkey.expiresAt) {
    return refuse('subkey_expired', `Cannot trust subkey: it expired at ${subkey.expiresAt}`);
  }
  if (at < subkey.issuedAt - SUBKEY_EARLY_MS) {
    return refuse('subkey_not_yet_valid', `Cannot trust subkey: it was issued only at ${subkey.issuedAt}`);
  }
  return valid(subkey);
}

/** What is known of an identity's root beforehand. A root that changed is never trusted silently. */
export type RootJudgement =
  | { readonly kind: 'pinned' }
  /** Nothing is pinned: the caller decides whether to trust on first use, and then pins. */
  | { readonly kind: 'unknown-root' }
  | { readonly kind: 'changed-root'; readonly pinnedRoot: string; readonly foundRoot: string };

/** `pinnedRoot`: the `publicKey` text of the root pinned for this slug, or `undefined` when there is none. */
export function judgeRoot(identity: VerifiedIdentity, pinnedRoot: string | undefined): RootJudgement {
  if (pinnedRoot === undefined) return { kind: 'unknown-root' };
  const foundRoot = identity.rootKey.publicKey;
  return foundRoot === pinnedRoot ? { kind: 'pinned' } : { kind: 'changed-root', pinnedRoot, foundRoot };
}

export interface ChainEvidence extends IdentityEvidence, DeviceEvidence {
  readonly subkeyCert: unknown;
}

export type ChainVerdict =
  | { readonly kind: 'trusted'; readonly signer: VerifiedSubkey }
  /** All signatures and times are right, but nobody pinned this root yet. */
  | { readonly kind: 'unknown-root'; readonly signer: VerifiedSubkey }
  | { readonly kind: 'changed-root'; readonly pinnedRoot: string; readonly foundRoot: string }
  | Refusal;

/**
 * Steps 1 to 6 at once, for an act at `at` (ms): a message's `sent_at`, an event's own time, now for a request. Step 7,
 * the act's own signature, is checked with `signer.key`.
 */
export function verifyChain(
  evidence: ChainEvidence,
  act: { readonly at: number; readonly pinnedRoot: string | undefined },
): ChainVerdict {
  const identity = verifyIdentity(evidence);
  if (identity.kind === 'refused') return identity;
  const device = verifyDevice(identity.value, evidence);
  if (device.kind === 'refused') return device;
  const subkey = verifySubkey(device.value, evidence.subkeyCert);
  if (subkey.kind === 'refused') return subkey;
  const signer = judgeSubkey(subkey.value, act.at);
  if (signer.kind === 'refused') return signer;
  const root = judgeRoot(identity.value, act.pinnedRoot);
  if (root.kind === 'changed-root') return root;
  return { kind: root.kind === 'pinned' ? 'trusted' : 'unknown-root', signer: signer.value };
}

function earliest(revocations: readonly Verdict<{ readonly effectiveFrom: number }>[]): number | null {
  let first: number | null = null;
  for (const revocation of revocations) {
    if (revocation.kind === 'refused') continue;
    const { effectiveFrom } = revocation.value;
    if (first === null || effectiveFrom < first) first = effectiveFrom;
  }
  return first;
}

function valid<Value>(value: Value): Verdict<Value> {
  return { kind: 'valid', value };
}

function refuse(reason: ProtocolErrorCode, message: string, field?: string): Refusal {
  return refusalOf(new ProtocolError(reason, message, field === undefined ? {} : { field }));
}
