// The new device's side of an enrolment: shows a code, waits, and believes nothing that does not fit together.
// spec: wire-protocol 4.12, 9.9
import { type Backoff, backoffDelay, decodeBase64url, encodeBase64url, sleep } from '@puffo/base';
import {
  type DeviceId,
  deviceIdOf,
  type EnrolmentBundle,
  generateKemSecretKey,
  generateSigningKey,
  type IdentityKeys,
  type KemSecretKey,
  openRootKey,
  type SigningKey,
  type Verdict,
  type VerifyKey,
  verifyDeviceCert,
  verifyIdentityCert,
  verifyKeyBytes,
  verifySlugBinding,
} from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import { createHttpClient } from '../http/create-http-client.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { Platform } from '../platform.ts';
import { enrolmentFingerprint, formatEnrolmentCode } from './enrolment-code.ts';

export interface EnrolmentToStart {
  readonly platform: Pick<Platform, 'transport'>;
  readonly context: ClientContext;
  readonly serverUrl: string;
}

/** Secret while it lasts. */
export interface StartedEnrolment {
  /** For the existing device, by a way that the server is not on: pasted, or as a QR code. */
  readonly code: string;
  /** Shown on both sides. */
  readonly fingerprint: string;
  readonly deviceId: DeviceId;
  readonly http: HttpClient;
  readonly context: ClientContext;
  readonly nonce: string;
  readonly deviceKey: SigningKey;
  readonly kemKey: KemSecretKey;
}

export interface EnrolmentToAwait {
  /** How often the server is asked. */
  readonly intervalMs?: number;
  /** Until it is given up; as long as servers keep an enrolment, when absent. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The fingerprint of `rootKey` is to be compared with what the existing device shows: only that says whose device this is now. */
export interface EnrolledDevice {
  readonly keys: IdentityKeys;
  readonly rootKey: VerifyKey;
}

const NONCE_BYTES = 32;
const INTERVAL_MS = 2000;
const TIMEOUT_MS = 15 * 60_000;
const MAX_PROFILE_CHARACTERS = 32 * 1024;

export async function startEnrolment({ platform, context, serverUrl }: EnrolmentToStart): Promise<StartedEnrolment> {
  const http = createHttpClient({ serverUrl, transport: platform.transport, context });
  const { random } = context;
  const deviceKey = generateSigningKey(random);
  const kemKey = generateKemSecretKey(random);
  const nonce = encodeBase64url(random.bytes(NONCE_BYTES));
  const shown = { nonce, signingKey: deviceKey.verifyKey, kemKey: kemKey.kemPublicKey };
  const fingerprint = enrolmentFingerprint(shown);
  await http.call('startEnrolment', {
    body: {
      nonce,
      device_signing_public_key: deviceKey.verifyKey.publicKey,
      device_kem_public_key: kemKey.kemPublicKey.publicKey,
      fingerprint,
    },
  });
  const deviceId = deviceIdOf(verifyKeyBytes(deviceKey.verifyKey));
  return { code: formatEnrolmentCode(shown), fingerprint, deviceId, http, context, nonce, deviceKey, kemKey };
}

/** Resolves when an existing device has vouched for this one. */
export async function waitForEnrolment(
  enrolment: StartedEnrolment,
  { intervalMs = INTERVAL_MS, timeoutMs = TIMEOUT_MS, signal }: EnrolmentToAwait = {},
): Promise<EnrolledDevice> {
  const { http, context, nonce } = enrolment;
  const endsAt = context.clock() + timeoutMs;
  const backoff: Backoff = { firstMs: intervalMs, maxMs: Math.max(intervalMs, 30_000), minMs: intervalMs };
  for (let failures = 0; ;) {
    const answer = await askForBundle({ http, nonce, signal });
    if (answer.kind === 'complete') return openBundle(answer.bundle, enrolment);
    failures = answer.kind === 'failed' ? failures + 1 : 0;
    if (context.clock() >= endsAt) throw givenUp(answer.kind === 'failed' ? answer.error : undefined);
    await sleep(backoffDelay(backoff, failures, context.random), signal);
  }
}

type EnrolmentAnswer =
  | { readonly kind: 'pending' }
  | { readonly kind: 'complete'; readonly bundle: EnrolmentBundle }
  | { readonly kind: 'failed'; readonly error: ClientError };

async function askForBundle(asked: {
  readonly http: HttpClient;
  readonly nonce: string;
  readonly signal: AbortSignal | undefined;
}): Promise<EnrolmentAnswer> {
  const { http, nonce, signal } = asked;
  try {
    const { status, bundle } = await http.call('getEnrolment', { params: { nonce }, signal });
    return status === 'complete' && bundle !== undefined ? { kind: 'complete', bundle } : { kind: 'pending' };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    if (error.retryable) return { kind: 'failed', error };
    if (error.status !== 404) throw error;
    throw new ClientError('Cannot enrol this device: the server forgot the enrolment; begin again', {
      code: 'refused',
      cause: error,
    });
  }
}

function openBundle(bundle: EnrolmentBundle, enrolment: StartedEnrolment): EnrolledDevice {
  const { deviceKey, kemKey, deviceId, nonce, http } = enrolment;
  const identity = valid(verifyIdentityCert(bundle.identity_cert));
  const { rootKey: rootPublicKey } = identity;
  const binding = valid(verifySlugBinding(bundle.slug_binding, { rootKey: rootPublicKey }));
  const device = valid(verifyDeviceCert(bundle.device_cert, { rootKey: rootPublicKey }));
  const isThisDevice = device.signingKey.publicKey === deviceKey.verifyKey.publicKey;
  if (!isThisDevice || device.kemKey.publicKey !== kemKey.kemPublicKey.publicKey) {
    throw untrusted('its device certificate is for other keys');
  }
  const enrollmentNonce = decodeBase64url(nonce) ?? new Uint8Array(0);
  const rootKey = valid(openRootKey(bundle.root_key_envelope, { kemKey, enrollmentNonce, rootKey: rootPublicKey }));
  const profile = bundle.identity_profile === undefined ? null : JSON.stringify(bundle.identity_profile);
  return {
    rootKey: rootPublicKey,
    keys: {
      slug: binding.slug,
      deviceId,
      rootKey,
      deviceKey,
      kemKey,
      serverUrl: http.serverUrl,
      slugBindingJson: JSON.stringify(bundle.slug_binding),
      identityCertJson: JSON.stringify(bundle.identity_cert),
      identityProfileJson: profile !== null && profile.length <= MAX_PROFILE_CHARACTERS ? profile : null,
    },
  };
}

function valid<Value>(verdict: Verdict<Value>): Value {
  if (verdict.kind === 'valid') return verdict.value;
  throw untrusted(`${verdict.message} (${verdict.reason})`);
}

function untrusted(problem: string): ClientError {
  return new ClientError(`Cannot enrol this device: what the server handed over is not right: ${problem}`, {
    code: 'untrusted',
  });
}

function givenUp(cause: ClientError | undefined): ClientError {
  return new ClientError('Cannot enrol this device: nobody vouched for it in time; begin again', {
    code: 'timeout',
    cause,
  });
}
