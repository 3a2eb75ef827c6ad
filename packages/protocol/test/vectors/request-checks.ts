import { isJsonObject } from '@puffo/base';
import {
  type AuthClass,
  type Authority,
  createConnectFrame,
  decodeEnvelope,
  decodeJson,
  decodeSignedEvent,
  eventOfLogEntry,
  importKemSecretKey,
  importSigningKey,
  importVerifyKey,
  isSignatureTextValid,
  isSlug,
  isSubkeyId,
  type KnownSigner,
  openRootKey,
  ProtocolError,
  requestSigningString,
  sealRootKey,
  signEvent,
  signingBytes,
  signRequest,
  socketUrlOf,
  verifyChain,
  verifyConnectFrame,
  verifyRequest,
  verifySignedEvent,
} from '../../src/index.ts';
import { readCast, signerOf, valueOf } from './cast.ts';
import { refused, same, sameBytes } from './checker.ts';
import { scriptedRandom } from './scripted-random.ts';
import { readVectorFile, type Vector, vectorOf } from './vector.ts';

export function checkRequestSigning(vector: Vector): void {
  const request = { method: vector.text('method'), target: vector.text('path'), body: vector.hex('body_hex') };
  const headers = vector.record('headers');
  const signature = headers.text('x-puffo-signature');
  const stamp = { timestamp: String(vector.number('timestamp_ms')), nonce: vector.text('nonce') };
  const message = requestSigningString(request, stamp);
  const key = importVerifyKey(vector.base64('signing_public_key'));
  const isValid = vector.text('expected') === 'valid';
  same(isSignatureTextValid(key, { message, signature }), isValid);
  if (!isValid) return;
  sameBytes(message, vector.hex('signing_string_hex'));
  const slug = headers.text('x-puffo-slug');
  const signerId = headers.text('x-puffo-signer-id');
  const signed = signRequest(request, {
    // Test code may trust the ids of a vector.
    slug: slug as KnownSigner['slug'],
    signerId: signerId as KnownSigner['deviceId'],
    signingKey: importSigningKey(vector.base64('signing_secret_key')),
    timestamp: vector.number('timestamp_ms'),
    random: scriptedRandom([vector.base64('nonce')]),
  });
  same({ ...signed, 'content-type': 'application/json' }, headers.object);
}

export async function checkRequestPolicy(vector: Vector, directory: readonly Vector[]): Promise<void> {
  const expected = vector.any('expected');
  const used = new Set<string>();
  const decisions: string[] = [];
  for (const request of vector.list('requests')) {
    const verdict = await verifyRequest(
      {
        method: request.text('method'),
        target: request.text('target'),
        body: request.hex('body_hex'),
        headers: textMembers(request.record('headers')),
      },
      {
        now: vector.number('now_ms'),
        authClass: vector.text('route_class') as AuthClass,
        ...directoryOf(directory, used),
      },
    );
    decisions.push(verdict.kind === 'accepted' ? 'accept' : 'reject');
  }
  same(decisions, expected);
}

export async function checkConnect(vector: Vector): Promise<void> {
  const frame = vector.record('frame');
  const timestamp = frame.number('timestamp');
  const key = importVerifyKey(vector.base64('subkey_public_key'));
  const authority: Omit<Authority, 'authClass'> = {
    now: timestamp,
    findSigner: (signerId) =>
      Promise.resolve({
        ...knownSigner(signerOf(signerId).subkeyId),
        // The negative vectors name another slug or time than was signed; only the signature may tell.
        slug: frame.text('slug') as KnownSigner['slug'],
        key,
      }),
    claimNonce: () => Promise.resolve(true),
  };
  const verdict = await verifyConnectFrame(frame.object, authority);
  if (vector.text('expected') === 'invalid') {
    same(refused(verdict), 'signature_invalid');
    return;
  }
  same(verdict.kind, 'accepted');
  same(socketUrlOf(vector.text('server_url')), vector.text('ws_url'));
  const slug = frame.text('slug');
  const subkeyId = frame.text('subkey_id');
  if (!isSlug(slug) || !isSubkeyId(subkeyId)) throw new TypeError('malformed vector');
  const signingKey = importSigningKey(vector.base64('subkey_secret_key'));
  const random = scriptedRandom([frame.base64('nonce')]);
  same(createConnectFrame({ slug, subkeyId, signingKey, timestamp, random }), frame.object);
}

export function checkSignedEvent(vector: Vector): void {
  const event = vector.record('event');
  const signer = [...readCast().bySubkey.values()].find(
    ({ subkey }) => subkey.key.publicKey === vector.text('signer_subkey_public_key'),
  );
  if (signer === undefined) throw new TypeError('unknown signer');
  if (vector.text('expected') === 'invalid') {
    same(typeof reasonOf(() => verifySignedEvent(decodeSignedEvent(event.object), signer.subkey)), 'string');
    return;
  }
  const decoded = decodeSignedEvent(event.object);
  same(verifySignedEvent(decoded, signer.subkey).kind, 'valid');
  same(Buffer.from(signingBytes(event.object)).toString(), vector.text('signing_bytes_utf8'));
  same(signEvent(decoded, importSigningKey(vector.base64('signer_subkey_secret_key'))), event.object);
}

export function checkReplayEntry(vector: Vector): void {
  const event = eventOfLogEntry(vector.any('entry'));
  same(Buffer.from(signingBytes(event)).toString(), vector.text('reconstructed_signing_bytes_utf8'));
  const decoded = decodeSignedEvent(event);
  const signer = signerOf(decoded.signerSubkeyId);
  same(signer.key.publicKey, vector.text('signer_subkey_public_key'));
  same(verifySignedEvent(decoded, signer).kind, 'valid');
}

/** Every signed request of a flow verifies, and the signed objects in its body are well formed. */
export function checkFlow(vector: Vector): void {
  for (const step of vector.list('steps')) {
    const request = step.record('request');
    const body = Buffer.from(request.text('body_utf8'));
    if (request.has('verify_with_public_key')) {
      const headers = request.record('headers');
      const stamp = { timestamp: headers.text('x-puffo-timestamp'), nonce: headers.text('x-puffo-nonce') };
      const message = requestSigningString(
        { method: request.text('method'), target: request.text('path'), body },
        stamp,
      );
      const key = importVerifyKey(request.base64('verify_with_public_key'));
      same(isSignatureTextValid(key, { message, signature: headers.text('x-puffo-signature') }), true);
    }
    checkFlowBody(request.text('path'), decodeJson(body, { what: 'body', maxLength: 100_000 }), vector);
  }
}

function checkFlowBody(path: string, body: unknown, vector: Vector): void {
  if (!isJsonObject(body)) throw new TypeError('a flow body is no object');
  if (path === '/messages') same(decodeEnvelope(body).senderSlug.length > 0, true);
  if (path === '/spaces/events' && Array.isArray(body['events'])) {
    for (const event of body['events']) {
      const decoded = decodeSignedEvent(event);
      same(verifySignedEvent(decoded, signerOf(decoded.signerSubkeyId)).kind, 'valid');
    }
  }
  if (path.endsWith('/complete')) checkEnrolment(body, vector);
}

/** The new device opens the root secret; sealing it again with the same ephemeral key gives the same envelope. */
function checkEnrolment(body: Readonly<Record<string, unknown>>, vector: Vector): void {
  const { root_key_envelope: sealed, identity_cert: identityCert, slug_binding: slugBinding } = body;
  const open = vector.record('root_key_envelope_open');
  const kemKey = importKemSecretKey(vector.record('new_device').base64('kem_secret_key'));
  const rootKey = importSigningKey(open.base64('plaintext_root_secret_key'));
  if (!isJsonObject(sealed) || !isJsonObject(slugBinding)) throw new TypeError('malformed enrolment');
  const slug = vectorOf(slugBinding, 'slug_binding').text('slug');
  const enrollmentNonce = vectorOf(sealed, 'root_key_envelope').base64('enrollment_nonce');
  const opened = valueOf(openRootKey(sealed, { kemKey, enrollmentNonce, rootKey: rootKey.verifyKey }));
  same(opened.verifyKey.publicKey, rootKey.verifyKey.publicKey);
  const random = scriptedRandom([open.base64('ephemeral_secret_key')]);
  same(sealRootKey({ rootKey, recipientKey: kemKey.kemPublicKey, enrollmentNonce, random }), sealed);
  const subkeyCert = vector
    .list('steps')
    .map((step) => decodeJson(step.record('request').text('body_utf8'), { what: 'body', maxLength: 100_000 }))
    .find((other) => isJsonObject(other) && 'subkey_cert' in other);
  const verdict = verifyChain(
    {
      slug,
      identityCert,
      slugBinding,
      deviceCert: body['device_cert'],
      operatorAttestation: body['operator_attestation'] ?? attestationOf(slug),
      subkeyCert: isJsonObject(subkeyCert) ? subkeyCert['subkey_cert'] : undefined,
    },
    { at: 1_778_400_100_000, pinnedRoot: rootKey.verifyKey.publicKey },
  );
  same(verdict.kind, 'trusted');
}

function attestationOf(slug: string): unknown {
  return castEntry(slug).any('operator_attestation');
}

function castEntry(slug: string): Vector {
  const found = readVectorFile('keys.json')
    .list('vectors')
    .find((entry) => entry.text('slug') === slug);
  if (found === undefined) throw new TypeError(`keys.json has no ${slug}`);
  return found;
}

function directoryOf(entries: readonly Vector[], used: Set<string>): Pick<Authority, 'findSigner' | 'claimNonce'> {
  return {
    findSigner: (signerId) => {
      const entry = entries.find((candidate) => candidate.text('signer_id') === signerId);
      return Promise.resolve(entry === undefined ? undefined : knownSignerOf(entry));
    },
    claimNonce: ({ signerId, nonce }) => {
      const isNew = !used.has(`${signerId} ${nonce}`);
      used.add(`${signerId} ${nonce}`);
      return Promise.resolve(isNew);
    },
  };
}

function knownSignerOf(entry: Vector): KnownSigner {
  return {
    kind: entry.text('kind') === 'device' ? 'device' : 'subkey',
    slug: entry.text('slug') as KnownSigner['slug'],
    deviceId: entry.text('device_id') as KnownSigner['deviceId'],
    key: importVerifyKey(entry.base64('public_key')),
    expiresAt: entry.any('expires_at') === null ? null : entry.number('expires_at'),
    deviceExpiresAt: null,
    deviceRevokedFrom: entry.any('device_revoked_from') === null ? null : entry.number('device_revoked_from'),
    isIdentityActive: true,
  };
}

function knownSigner(subkeyId: string): KnownSigner {
  const { device, key, expiresAt } = signerOf(subkeyId);
  const { deviceId, expiresAt: deviceExpiresAt, revokedFrom: deviceRevokedFrom, identity } = device;
  const owner = { slug: identity.slug, isIdentityActive: true };
  return { kind: 'subkey', deviceId, key, expiresAt, deviceExpiresAt, deviceRevokedFrom, ...owner };
}

function textMembers(headers: Vector): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(headers.object).map((name) => [name, headers.text(name)]));
}

function reasonOf(judge: () => { readonly kind: string }): string {
  try {
    return refused(judge());
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}
