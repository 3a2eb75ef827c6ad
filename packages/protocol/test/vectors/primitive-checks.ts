import { encodeBase64url, encodeUtf8 } from '@puffo/base';
import {
  aeadOpen,
  aeadSeal,
  attachmentAad,
  createHpkeInfo,
  hpkeOpen,
  hpkeSeal,
  importKemPublicKey,
  importKemSecretKey,
  importSigningKey,
  importVerifyKey,
  isSignatureTextValid,
  openAttachment,
  outerAad,
  ProtocolError,
  rootKeyEnvelopeAad,
  sealAttachment,
  signToText,
  wrapAad,
} from '../../src/index.ts';
import { refused, same, sameBytes, throwsProtocolError } from './checker.ts';
import { valueOf } from './cast.ts';
import { scriptedRandom } from './scripted-random.ts';
import type { Vector } from './vector.ts';

export function checkEd25519(vector: Vector): void {
  const isValid = vector.text('expected') === 'valid';
  const message = vector.hex('message_hex');
  const signature = vector.text('signature');
  same(isSignatureTextValid(importVerifyKey(vector.base64('public_key')), { message, signature }), isValid);
  if (!isValid) return;
  const key = importSigningKey(vector.base64('secret_key'));
  same(key.verifyKey.publicKey, vector.text('public_key'));
  same(signToText(key, message), signature);
}

export function checkAead(vector: Vector): void {
  const input = { key: vector.base64('key'), nonce: vector.base64('nonce'), aad: vector.hex('aad_hex') };
  const ciphertext = vector.hex('ciphertext_hex');
  if (vector.text('expected') === 'error') {
    same(
      orUndefined(() => aeadOpen(input, ciphertext)),
      undefined,
    );
    return;
  }
  sameBytes(aeadSeal(input, vector.hex('plaintext_hex')), ciphertext);
  sameBytes(aeadOpen(input, ciphertext), vector.hex('plaintext_hex'));
}

export function checkHpke(vector: Vector): void {
  const recipient = importKemSecretKey(vector.base64('recipient_secret_key'));
  const info = createHpkeInfo(encodeUtf8(vector.text('info_utf8')));
  const aad = vector.hex('aad_hex');
  const enc = vector.base64('enc');
  const ciphertext = vector.base64('ciphertext');
  if (vector.text('expected') === 'error') {
    same(
      orUndefined(() => hpkeOpen(recipient, { info, aad, enc, ciphertext })),
      undefined,
    );
    return;
  }
  const plaintext = vector.hex('plaintext_hex');
  same(recipient.kemPublicKey.publicKey, vector.text('recipient_public_key'));
  sameBytes(hpkeOpen(recipient, { info, aad, enc, ciphertext }), plaintext);
  if (!vector.has('ephemeral_secret_key')) return;
  const ephemeralSecret = vector.base64('ephemeral_secret_key');
  const sealed = hpkeSeal(recipient.kemPublicKey, { info, aad, plaintext, ephemeralSecret });
  sameBytes(sealed.enc, enc);
  sameBytes(sealed.ciphertext, ciphertext);
}

export function checkOuterAad(vector: Vector): void {
  const input = vector.record('input');
  const build = () =>
    outerAad({
      envelopeId: input.text('envelope_id'),
      envelopeKind: input.text('envelope_kind'),
      senderSlug: input.text('sender_slug'),
      sentAt: input.number('sent_at_ms'),
      spaceId: input.has('space_id') ? input.text('space_id') : null,
      channelId: input.has('channel_id') ? input.text('channel_id') : null,
      recipientSlug: input.has('recipient_slug') ? input.text('recipient_slug') : null,
    });
  if (vector.text('expected') === 'error') throwsProtocolError(build);
  else sameBytes(build(), vector.hex('aad_hex'));
}

export function checkWrapAad(vector: Vector): void {
  const build = () => wrapAad(vector.text('envelope_id'), vector.text('device_id'));
  if (vector.text('expected') === 'error') throwsProtocolError(build);
  else sameBytes(build(), vector.hex('aad_hex'));
}

export function checkAttachmentAad(vector: Vector): void {
  const aad = attachmentAad({ filename: vector.text('filename'), mimeType: vector.text('mime_type') });
  sameBytes(aad, vector.hex('aad_hex'));
}

export function checkRootKeyAad(vector: Vector): void {
  const aad = rootKeyEnvelopeAad({
    enrollmentNonce: vector.base64('enrollment_nonce'),
    recipientKey: importKemPublicKey(vector.base64('recipient_kem_public_key')),
    fingerprint: vector.base64('root_public_key_fingerprint'),
  });
  sameBytes(aad, vector.hex('aad_hex'));
}

export function checkAttachment(vector: Vector): void {
  const meta = vector.record('meta');
  const file = { filename: meta.text('filename'), mimeType: meta.text('mime_type') };
  const keys = { key: meta.text('key'), nonce: meta.text('nonce') };
  const ciphertext = vector.hex('ciphertext_hex');
  const opened = openAttachment({ ...file, ...keys }, ciphertext);
  if (vector.text('expected') === 'error') {
    refused(opened);
    return;
  }
  const plaintext = vector.hex('plaintext_hex');
  sameBytes(valueOf(opened), plaintext);
  sameBytes(attachmentAad(file), vector.hex('aad_hex'));
  const random = scriptedRandom([meta.base64('key'), meta.base64('nonce')]);
  const sealed = sealAttachment({ ...file, bytes: plaintext }, random);
  sameBytes(sealed.ciphertext, ciphertext);
  same({ key: sealed.key, nonce: sealed.nonce, size: sealed.size }, { ...keys, size: meta.number('size') });
}

/** What the action returns; `undefined` also where it throws a ProtocolError, as it may for wrong lengths. */
function orUndefined(action: () => Uint8Array | undefined): string | undefined {
  try {
    const bytes = action();
    return bytes === undefined ? undefined : encodeBase64url(bytes);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
