// The existing device's side of an enrolment: vouches for the keys that a person brought over. spec: wire-protocol 4.12, 9.9
import { decodeBase64url, type JsonObject } from '@puffo/base';
import {
  decodeJsonObject,
  type DeviceId,
  deviceIdOf,
  issueDeviceCert,
  issueIdentityCert,
  issueSlugBinding,
  ProtocolError,
  sealRootKey,
  verifyIdentityCert,
  verifyKeyBytes,
} from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { DeviceParts } from './devices.ts';
import { parseEnrolmentCode } from './enrolment-code.ts';
import { repeatCall } from './repeat-call.ts';

const MAX_FILE_TEXT_CHARACTERS = 64 * 1024;

/**
 * Whoever showed `code` becomes a device of this identity and receives its root secret: compare the fingerprint on both
 * screens before. Nothing of the keys comes from the server. Returns the id of the new device.
 */
export async function completeEnrolment(parts: DeviceParts, code: string): Promise<DeviceId> {
  const { http, session, context } = parts;
  const { nonce, signingKey, kemKey } = parseEnrolmentCode(code);
  const { rootKey, identityProfileJson } = session.keys;
  const enrollmentNonce = decodeBase64url(nonce) ?? new Uint8Array(0);
  const body = {
    device_cert: issueDeviceCert(rootKey, { signingKey, kemKey, issuedAt: context.clock() }),
    root_key_envelope: sealRootKey({ rootKey, recipientKey: kemKey, enrollmentNonce, random: context.random }),
    slug_binding: slugBindingOf(parts),
    identity_cert: await identityCertOf(parts),
    identity_profile: identityProfileJson === null ? null : (readStored(identityProfileJson) ?? null),
  };
  // The same bundle again is answered as the first.
  await repeatCall(() => http.call('completeEnrolment', { params: { nonce }, body }), context);
  return deviceIdOf(verifyKeyBytes(signingKey));
}

/** A binding of the same root and slug is as good as the first. */
function slugBindingOf({ session, context }: DeviceParts): JsonObject {
  const { slugBindingJson, rootKey, slug } = session.keys;
  const stored = slugBindingJson === null ? undefined : readStored(slugBindingJson);
  return stored ?? issueSlugBinding(rootKey, { slug, issuedAt: context.clock() });
}

/** There is one per root for ever, and the same members always make the same one. spec: wire-protocol 4.2 */
async function identityCertOf({ session, directory }: DeviceParts): Promise<JsonObject> {
  const { identityCertJson, rootKey, slug } = session.keys;
  const stored = identityCertJson === null ? undefined : readStored(identityCertJson);
  if (stored !== undefined && verifyIdentityCert(stored).kind === 'valid') return stored;
  const { people } = await directory.getPeople([slug]);
  const identity = people.get(slug)?.identity;
  if (identity?.rootKey.publicKey === rootKey.verifyKey.publicKey)
    return issueIdentityCert(rootKey, identity.operatorKey);
  throw new ClientError('Cannot add a device: your own identity does not verify with the keys on this one', {
    code: 'untrusted',
  });
}

/** `undefined`: what is on disk is no JSON object. */
function readStored(text: string): JsonObject | undefined {
  try {
    return decodeJsonObject(text, { what: 'identity file', maxLength: MAX_FILE_TEXT_CHARACTERS });
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
