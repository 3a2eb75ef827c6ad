// The order in which a server believes a caller, for requests and for socket connections alike. spec: wire-protocol 5.6
import { isSignatureTextValid, type VerifyKey } from '../crypto/ed25519.ts';
import type { ProtocolErrorCode, Refusal } from '../errors.ts';
import { type DeviceId, isDeviceId, isSubkeyId, type Slug, type SubkeyId } from '../ids.ts';
import { LIMITS } from '../limits.ts';

/** Which keys an endpoint accepts. spec: wire-protocol 5.7 */
export type AuthClass = 'device' | 'device-or-subkey' | 'subkey';

/** What the directory of a server knows about the key that a caller names. */
export interface KnownSigner {
  readonly kind: 'device' | 'subkey';
  readonly slug: Slug;
  readonly deviceId: DeviceId;
  readonly key: VerifyKey;
  /** Of the subkey or device itself; `null`: none. */
  readonly expiresAt: number | null;
  /** Of the device that issued the subkey, or is the signer. */
  readonly deviceExpiresAt: number | null;
  readonly deviceRevokedFrom: number | null;
  /** Registration is committed, and the operator has not revoked the identity. */
  readonly isIdentityActive: boolean;
}

export interface Authority {
  /** ms */
  readonly now: number;
  readonly authClass: AuthClass;
  readonly findSigner: (signerId: SubkeyId | DeviceId) => Promise<KnownSigner | undefined>;
  /**
   * Records the nonce and answers `true`, or answers `false` when this signer has used it before, as one step. The
   * record must outlive `keepUntil` (ms). Called only for requests whose signature is right, so strangers cannot fill it.
   */
  readonly claimNonce: (claim: NonceClaim) => Promise<boolean>;
}

export interface NonceClaim {
  readonly signerId: SubkeyId | DeviceId;
  readonly nonce: string;
  readonly keepUntil: number;
}

export interface Claims {
  readonly slug: Slug;
  readonly signerId: SubkeyId | DeviceId;
  /** ms */
  readonly timestamp: number;
  readonly nonce: string;
  readonly signature: string;
  /** The byte strings the signature may be over, tried in order. */
  readonly messages: readonly Uint8Array[];
}

export type AuthVerdict =
  | { readonly kind: 'accepted'; readonly signer: KnownSigner; readonly signerId: SubkeyId | DeviceId }
  | Refusal;

/** Steps 2 to 7. Tell callers no more than that they are not authenticated, but for the time in case of `clock_skew`. */
export async function authenticate(claims: Claims, authority: Authority): Promise<AuthVerdict> {
  const { now } = authority;
  if (Math.abs(now - claims.timestamp) > LIMITS.clockWindowMs) {
    return refuse('clock_skew', `its time differs by more than ${LIMITS.clockWindowMs} ms from ${now}`);
  }
  if (isSubkeyId(claims.signerId) ? authority.authClass === 'device' : authority.authClass === 'subkey') {
    return refuse('key_class', 'this kind of key is not accepted here');
  }
  const signer = await authority.findSigner(claims.signerId);
  if (signer === undefined) return refuse('signer_unknown', 'its signer is not registered');
  const problem = findProblem(signer, claims, now);
  if (problem !== undefined) return problem;
  if (!claims.messages.some((message) => isSignatureTextValid(signer.key, { message, signature: claims.signature }))) {
    return refuse('signature_invalid', 'its signature does not verify');
  }
  const keepUntil = Math.max(now, claims.timestamp) + LIMITS.nonceLifetimeMs;
  const isNew = await authority.claimNonce({ signerId: claims.signerId, nonce: claims.nonce, keepUntil });
  if (!isNew) return refuse('nonce_replayed', 'its nonce was used before');
  return { kind: 'accepted', signer, signerId: claims.signerId };
}

/** Neither slug nor signer id is signed: that they belong together is checked here. */
function findProblem(signer: KnownSigner, claims: Claims, now: number): Refusal | undefined {
  if (signer.kind === 'subkey' && signer.expiresAt !== null && now >= signer.expiresAt) {
    return refuse('subkey_expired', `its subkey expired at ${signer.expiresAt}`);
  }
  const deviceExpiresAt = signer.kind === 'device' ? signer.expiresAt : signer.deviceExpiresAt;
  if (deviceExpiresAt !== null && now >= deviceExpiresAt) {
    return refuse('device_expired', `its device expired at ${deviceExpiresAt}`);
  }
  if (signer.deviceRevokedFrom !== null && now >= signer.deviceRevokedFrom) {
    return refuse('device_revoked', `its device is revoked from ${signer.deviceRevokedFrom} on`);
  }
  if (signer.slug !== claims.slug) return refuse('slug_mismatch', 'its signer belongs to another slug');
  if (!signer.isIdentityActive) return refuse('identity_inactive', 'its identity is not active');
  return undefined;
}

export function isSignerId(value: unknown): value is SubkeyId | DeviceId {
  return isSubkeyId(value) || isDeviceId(value);
}

function refuse(reason: ProtocolErrorCode, problem: string): Refusal {
  return { kind: 'refused', reason, message: `Cannot authenticate caller: ${problem}` };
}
