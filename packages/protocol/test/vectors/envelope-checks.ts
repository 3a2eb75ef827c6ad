import { encodeBase64url } from '@puffo/base';
import {
  createWrapPool,
  decodeEnvelope,
  type Envelope,
  importKemSecretKey,
  isEnvelopeId,
  type MessagePayload,
  type MessageVerdict,
  openEnvelope,
  outerAad,
  ProtocolError,
  sealEnvelope,
  signingBytes,
  type UnverifiedMessage,
  verifyMessage,
  wrapAad,
} from '../../src/index.ts';
import { deviceIdFrom, ownerOf, readCast, signerOf, valueOf } from './cast.ts';
import { refused, same, sameBytes, sameReason } from './checker.ts';
import { scriptedRandom } from './scripted-random.ts';
import type { Vector } from './vector.ts';

export async function checkEnvelope(vector: Vector): Promise<void> {
  const envelope = decodeEnvelope(vector.any('envelope'));
  const expected = vector.record('expected');
  same(expected.text('result'), 'accept');
  const { envelopeId, senderSlug, sentAt, route } = envelope;
  sameBytes(
    outerAad({ envelopeId, envelopeKind: route.kind, senderSlug, sentAt, ...route }),
    vector.hex('outer_aad_hex'),
  );
  let opened: UnverifiedMessage | undefined;
  for (const recipient of vector.list('recipients')) {
    const deviceId = deviceIdFrom(recipient.text('device_id'));
    sameBytes(wrapAad(envelope.envelopeId, deviceId), recipient.hex('wrap_aad_hex'));
    opened = valueOf(
      openEnvelope(envelope, { deviceId, kemKey: importKemSecretKey(recipient.base64('kem_secret_key')) }),
    );
    same(opened.payloadObject, expected.any('payload'));
    same(opened.signature, expected.text('inner_signature'));
    const bytes = signingBytes(opened.payloadObject);
    same(Buffer.from(bytes).toString(), expected.text('payload_signing_bytes_utf8'));
    const verdict = verify(opened, { deviceId, subkeyId: vector.record('sender').text('subkey_id') });
    same(verdict.kind, 'verified');
  }
  if (vector.has('seal_inputs') && opened !== undefined) {
    await checkSeal(vector, { envelope, payload: opened.payload });
  }
}

/** Sealing again with the same secrets gives the same envelope, byte for byte. */
async function checkSeal(vector: Vector, original: { envelope: Envelope; payload: MessagePayload }): Promise<void> {
  const { envelope, payload } = original;
  const inputs = vector.record('seal_inputs');
  const ephemerals = inputs.any('hpke_ephemeral_secret_keys');
  if (!Array.isArray(ephemerals)) throw new TypeError('hpke_ephemeral_secret_keys is no array');
  const ephemeralBytes = Buffer.concat(ephemerals.map((text) => Buffer.from(String(text), 'base64url')));
  const random = scriptedRandom([
    inputs.base64('message_nonce'),
    inputs.base64('content_key'),
    inputs.base64('content_nonce'),
    ephemeralBytes,
  ]);
  const sender = readCast().bySubkey.get(payload.senderSubkeyId);
  if (sender === undefined || !isEnvelopeId(envelope.envelopeId)) throw new TypeError('unknown sender');
  await using wrapPool = createWrapPool();
  const sealed = await sealEnvelope(
    {
      envelopeId: envelope.envelopeId,
      signer: { slug: sender.slug, subkeyId: payload.senderSubkeyId, signingKey: sender.subkeyKey },
      route: payload.route,
      sentAt: payload.sentAt,
      contentType: payload.contentType,
      content: payload.content,
      threadRootId: payload.threadRootId,
      replyToId: payload.replyToId,
      recipients: envelope.recipients.map(({ deviceId }) => {
        const device = readCast().byDevice.get(deviceId);
        if (device === undefined) throw new TypeError(`keys.json has no device ${deviceId}`);
        return { deviceId, kemKey: device.kemKey.kemPublicKey };
      }),
    },
    { random, wrapPool },
  );
  same(JSON.stringify(sealed.envelope.object), JSON.stringify(vector.any('envelope')));
  same(encodeBase64url(sealed.contentKey), vector.text('content_key'));
}

export function checkNegativeEnvelope(vector: Vector): void {
  const deviceId = deviceIdFrom(vector.text('device_id'));
  const outcome = receive(vector, deviceId);
  if (vector.text('required') === 'either') {
    same(typeof outcome, 'string');
    return;
  }
  sameReason(outcome, vector);
}

/** What becomes of the envelope of a negative vector: the reason of its refusal, or `verified`. */
function receive(vector: Vector, deviceId: ReturnType<typeof deviceIdFrom>): string {
  let envelope: Envelope;
  try {
    envelope = decodeEnvelope(vector.any('envelope'));
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  const opened = openEnvelope(envelope, { deviceId, kemKey: importKemSecretKey(vector.base64('kem_secret_key')) });
  if (opened.kind === 'refused') return opened.reason;
  const verdict = verify(opened.value, { deviceId, subkeyId: vector.text('sender_subkey_id') });
  return verdict.kind === 'refused' ? verdict.reason : verdict.kind;
}

export function checkRewrapReplay(vector: Vector): void {
  const deviceId = deviceIdFrom(vector.text('device_id'));
  const kemKey = importKemSecretKey(vector.base64('kem_secret_key'));
  const [original, rewrapped] = ['original', 'rewrapped'].map((name) =>
    valueOf(openEnvelope(decodeEnvelope(vector.any(name)), { deviceId, kemKey })),
  );
  if (original === undefined || rewrapped === undefined) throw new TypeError('two envelopes expected');
  const subkeyId = original.payload.senderSubkeyId;
  same(signerOf(subkeyId).key.publicKey, vector.text('sender_subkey_public_key'));
  const first = verify(original, { deviceId, subkeyId });
  same(first.kind, 'verified');
  const seen = new Set(first.kind === 'verified' ? [first.message.replayKey] : []);
  same(refused(verify(rewrapped, { deviceId, subkeyId }, seen)), 'replay');
}

function verify(
  message: UnverifiedMessage,
  by: { deviceId: string; subkeyId: string },
  seen: ReadonlySet<string> = new Set(),
): MessageVerdict {
  const signer = signerOf(by.subkeyId);
  const pinnedRoot = signer.device.identity.rootKey.publicKey;
  return verifyMessage(message, {
    signer,
    pinnedRoot,
    ownSlug: ownerOf(by.deviceId),
    hasSeen: (replayKey) => seen.has(replayKey),
  });
}
