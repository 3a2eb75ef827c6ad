// What must hold for inputs that nobody wrote down.
import { encodeBase64url, isJsonObject, type JsonObject, type JsonValue, safeParseJson } from '@puffo/base';
import fc from 'fast-check';
import { canonicalize as independentCanonicalize } from 'json-canonicalize';
import { afterAll, describe, expect, test } from 'vitest';
import { primitives } from '#primitives';
import {
  canonicalize,
  createWrapPool,
  decodeEnvelope,
  decodeJson,
  decodeSignedEvent,
  type Envelope,
  findKemPublicKeyText,
  findOperatorKey,
  importVerifyKey,
  LIMITS,
  openAttachment,
  openEnvelope,
  openRootKey,
  parseIdentityFile,
  parseSessionFile,
  ProtocolError,
  restoreLegacyAttachment,
  type UnverifiedMessage,
  unwrapLegacyMultipart,
  type Verdict,
  verifyChain,
  verifyConnectFrame,
  verifyMessage,
  verifyRequest,
} from '../src/index.ts';
import { createPerson, NOW, random, say, valueOf } from './people.ts';

/** Everything on OpenSSL; a fair sample on the pure JavaScript build, which is more than ten times slower. */
const SHARE = primitives.build === 'node' ? 1 : 1 / 15;
const runs = (count: number): { numRuns: number } => ({ numRuns: Math.ceil(count * SHARE) });

const wrapPool = createWrapPool({ threads: 0 });
afterAll(() => wrapPool[Symbol.asyncDispose]());

const alice = createPerson('alice-0001');
const helper = createPerson('helper-0002', alice);

/** Strings of whole code points: what JSON may carry. */
const text = fc.string({ unit: 'binary' });
const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 6, noNullPrototype: true }),
  ),
})).value;

describe('canonical JSON', () => {
  test('agrees with an independent implementation', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalize(value)).toBe(independentCanonicalize(value));
      }),
      runs(2000),
    );
  });

  test('is a fixed point: parsing it gives the value that it was made of', () => {
    fc.assert(
      fc.property(json, (value) => {
        const canonical = canonicalize(value);
        const parsed = safeParseJson(canonical, { maxLength: 1e6, maxDepth: 64, integers: 'any' });
        expect(parsed.kind === 'value' && canonicalize(parsed.value)).toBe(canonical);
      }),
      runs(500),
    );
  });
});

describe('an envelope', () => {
  test('is refused when any bit of any protected member is flipped', async () => {
    const { envelope } = await say({ from: helper, to: [alice], wrapPool });
    const places = flippablePlaces(envelope.object);
    expect(places.length).toBeGreaterThan(4000);
    for (const [index, { path, changed }] of places.entries()) {
      if ((index * SHARE) % 1 >= SHARE) continue;
      expect(`${path}: ${outcomeOf(JSON.stringify(changed))}`).not.toContain('accepted');
    }
  });

  test('is refused, or is the very same message, when any byte of its JSON is replaced', async () => {
    const { envelope } = await say({ from: helper, to: [alice], wrapPool });
    const bytes = Buffer.from(JSON.stringify(envelope.object));
    const accepted: string[] = [];
    for (let at = 0; at < bytes.length; at += Math.ceil(1 / SHARE)) {
      for (const mask of [0x01, 0x20, 0x80]) {
        const changed = Uint8Array.from(bytes);
        changed[at] = (bytes[at] ?? 0) ^ mask;
        if (outcomeOf(changed) !== 'accepted') continue;
        accepted.push(Buffer.from(changed).toString());
      }
    }
    // Only the name of the one member that is null here may change: null and absent are alike, and unknown is ignored.
    for (const json of accepted) {
      const value: unknown = JSON.parse(json);
      if (!isJsonObject(value)) throw new TypeError('an envelope is an object');
      const { recipient_slug: _, ...expected } = envelope.object;
      expect(value).toMatchObject(expected);
    }
    expect(accepted.length).toBeLessThan(60);
  });

  test('is refused when two entries of different recipients are exchanged', async () => {
    const { envelope } = await say({ from: helper, to: [alice, helper], wrapPool });
    const [first, second] = envelope.object['recipients'] as readonly JsonObject[];
    const swapped = [
      { ...first, device_id: second?.['device_id'] },
      { ...second, device_id: first?.['device_id'] },
    ];
    expect(outcomeOf(JSON.stringify({ ...envelope.object, recipients: swapped }))).toBe('hpke_open_failed');
  });
});

describe('decoders', () => {
  test.each(decoders())('%s: arbitrary JSON gives a value or a ProtocolError', (_name, decode) => {
    fc.assert(
      fc.property(json, (value) => onlyProtocolErrors(() => decode(value))),
      runs(300),
    );
  });

  test.each(decoders())('%s: what is nearly right gives a value or a ProtocolError', async (_name, decode) => {
    const { envelope } = await say({ from: helper, to: [alice], wrapPool });
    const originals = [envelope.object, ...Object.values(helper.certs), helper.operatorAttestation ?? {}];
    const mutation = fc.record({
      original: fc.constantFrom(...originals),
      replacement: json,
      place: fc.nat(),
      how: fc.constantFrom('replace', 'remove', 'wrap', 'grow'),
    });
    fc.assert(
      fc.property(mutation, (plan) => onlyProtocolErrors(() => decode(mutate(plan)))),
      runs(300),
    );
  });

  test('random bytes as JSON give a value or a ProtocolError', () => {
    const input = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      text.map((value) => new Uint8Array(Buffer.from(value))),
    );
    fc.assert(
      fc.property(input, (bytes) => onlyProtocolErrors(() => decodeJson(bytes, { what: 'input', maxLength: 1000 }))),
      runs(2000),
    );
  });

  test('random bytes as files give bytes or a refusal', () => {
    const line = fc.constantFrom(
      '--',
      '-',
      '\r\n',
      '\r\n\r\n',
      'boundary',
      'Content-Disposition: form-data',
      'x',
      '\0',
    );
    const pieces = fc.array(line, { maxLength: 40 }).map((parts) => new Uint8Array(Buffer.from(parts.join(''))));
    const key = { filename: 'a', mimeType: 'b', key: encodeBase64url(new Uint8Array(32)), nonce: 'AAAAAAAAAAAAAAAA' };
    fc.assert(
      fc.property(fc.oneof(pieces, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        expect(unwrapLegacyMultipart(bytes).length).toBeLessThanOrEqual(bytes.length);
        expect(restoreLegacyAttachment(bytes, 5).length).toBeLessThanOrEqual(bytes.length);
        expect(openAttachment(key, bytes).kind).toBe('refused');
      }),
      runs(1000),
    );
  });

  test('arbitrary requests and connect frames are refused, never thrown', async () => {
    const authority = {
      now: NOW,
      authClass: 'subkey' as const,
      findSigner: () => Promise.resolve(undefined),
      claimNonce: () => Promise.resolve(true),
    };
    const headers = fc.dictionary(
      fc.constantFrom(
        'x-puffo-version',
        'x-puffo-slug',
        'x-puffo-signer-id',
        'x-puffo-timestamp',
        'x-puffo-nonce',
        'x-puffo-signature',
      ),
      fc.oneof(
        text,
        fc.constantFrom('v1', alice.slug, alice.subkey.subkeyId, String(NOW), 'A'.repeat(22), 'A'.repeat(86)),
        fc.array(text),
      ),
      { noNullPrototype: true },
    );
    const request = fc.record({ headers, method: text, target: text, body: fc.uint8Array() });
    await fc.assert(
      fc.asyncProperty(request, json, async (received, frame) => {
        expect((await verifyRequest(received, authority)).kind).toBe('refused');
        expect((await verifyConnectFrame(frame, authority)).kind).toBe('refused');
      }),
      runs(300),
    );
  });

  test('the worst inputs for a naive reader are dealt with', () => {
    const megabyte = 1024 * 1024;
    const hostile = [
      '['.repeat(megabyte),
      '{"a":'.repeat(megabyte / 8),
      `"${'\\\\'.repeat(megabyte / 4)}"`,
      '"\\"'.repeat(1000),
    ];
    for (const input of hostile) {
      onlyProtocolErrors(() => decodeJson(input, { what: 'input', maxLength: LIMITS.incomingFrameBytes }));
      onlyProtocolErrors(() => parseIdentityFile(input));
    }
    const dashes = new Uint8Array(8 * megabyte).fill(0x2d);
    dashes.set(Buffer.from('\r\n'), 250);
    expect(unwrapLegacyMultipart(dashes).length).toBeLessThanOrEqual(dashes.length);
  });
});

/** What becomes of an envelope for alice: `accepted`, or why not. */
function outcomeOf(envelopeJson: string | Uint8Array): string {
  let envelope: Envelope;
  try {
    envelope = decodeEnvelope(decodeJson(envelopeJson, { what: 'envelope', maxLength: LIMITS.messageBodyBytes }));
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  const opened: Verdict<UnverifiedMessage> = openEnvelope(envelope, alice.device);
  if (opened.kind === 'refused') return opened.reason;
  const verdict = verifyMessage(opened.value, {
    signer: helper.subkey,
    pinnedRoot: helper.rootKey.verifyKey.publicKey,
    ownSlug: alice.slug,
    hasSeen: () => false,
  });
  if (verdict.kind === 'verified') return 'accepted';
  return verdict.kind === 'refused' ? verdict.reason : verdict.kind;
}

interface Flip {
  readonly path: string;
  readonly changed: JsonObject;
}

/** The envelope with each bit of each member changed in turn: base64url members by bytes, the others by characters. */
function flippablePlaces(object: JsonObject): readonly Flip[] {
  const flips: Flip[] = [];
  for (const name of ['envelope_id', 'envelope_kind', 'sender_slug', 'space_id', 'channel_id', 'type']) {
    const value = textOf(object, name);
    for (let at = 0; at < value.length * 7; at++) {
      const codes = Array.from(value, (character) => character.charCodeAt(0));
      const index = Math.floor(at / 7);
      codes[index] = (codes[index] ?? 0) ^ (1 << (at % 7));
      flips.push({ path: name, changed: { ...object, [name]: String.fromCharCode(...codes) } });
    }
  }
  for (let bit = 0; bit < 50; bit++) {
    const sentAt = Number(BigInt(Number(object['sent_at'])) ^ (1n << BigInt(bit)));
    flips.push({ path: 'sent_at', changed: { ...object, sent_at: sentAt } });
  }
  for (const name of ['content_nonce', 'content_ciphertext']) {
    for (const value of flippedTexts(textOf(object, name)))
      flips.push({ path: name, changed: { ...object, [name]: value } });
  }
  const [entry] = object['recipients'] as readonly JsonObject[];
  for (const name of ['hpke_enc', 'wrapped_content_key']) {
    for (const value of flippedTexts(textOf(entry, name))) {
      flips.push({ path: name, changed: { ...object, recipients: [{ ...entry, [name]: value }] } });
    }
  }
  const deviceHash = textOf(entry, 'device_id').slice(4);
  for (const value of flippedTexts(deviceHash)) {
    flips.push({ path: 'device_id', changed: { ...object, recipients: [{ ...entry, device_id: `dev_${value}` }] } });
  }
  return flips;
}

function textOf(object: JsonObject | undefined, name: string): string {
  const value = object?.[name];
  if (typeof value !== 'string') throw new TypeError(`${name} is no string`);
  return value;
}

function flippedTexts(base64: string): readonly string[] {
  const bytes = Buffer.from(base64, 'base64url');
  return Array.from({ length: bytes.length * 8 }, (_, at) => {
    const changed = Uint8Array.from(bytes);
    const index = Math.floor(at / 8);
    changed[index] = (changed[index] ?? 0) ^ (1 << (at % 8));
    return encodeBase64url(changed);
  });
}

function decoders(): readonly (readonly [string, (value: JsonValue) => unknown])[] {
  const rootKey = importVerifyKey(Buffer.from(helper.rootKey.verifyKey.publicKey, 'base64url'));
  return [
    ['decodeEnvelope', decodeEnvelope],
    ['decodeSignedEvent', decodeSignedEvent],
    ['verifyChain with the value as each certificate', (value) => chainsWith(value)],
    [
      'openRootKey',
      (value) => openRootKey(value, { kemKey: alice.kemKey, enrollmentNonce: random.bytes(32), rootKey }),
    ],
    ['parseIdentityFile', (value) => parseIdentityFile(JSON.stringify(value))],
    ['parseSessionFile', (value) => parseSessionFile(JSON.stringify(value))],
    ['findOperatorKey', (value) => findOperatorKey(JSON.stringify(value))],
    ['findKemPublicKeyText', findKemPublicKeyText],
  ];
}

function chainsWith(value: JsonValue): void {
  const right = { slug: helper.slug, ...helper.certs, operatorAttestation: helper.operatorAttestation };
  const act = { at: NOW, pinnedRoot: undefined };
  expect(verifyChain(right, act).kind).toBe('unknown-root');
  for (const name of ['identityCert', 'slugBinding', 'deviceCert', 'subkeyCert', 'operatorAttestation']) {
    verifyChain({ ...right, [name]: value }, act);
  }
  const revocations = { deviceRevocations: [value], operatorRevocations: [value] };
  expect(verifyChain({ ...right, ...revocations }, act).kind).toBe('unknown-root');
}

interface Mutation {
  readonly original: JsonObject;
  readonly replacement: JsonValue;
  readonly place: number;
  readonly how: string;
}

function mutate({ original, replacement, place, how }: Mutation): JsonValue {
  const names = Object.keys(original);
  const name = names[place % names.length] ?? 'type';
  if (how === 'wrap') return [original, replacement];
  if (how === 'grow') return { ...original, [JSON.stringify(replacement)]: replacement };
  const { [name]: _, ...rest } = original;
  return how === 'remove' ? rest : { ...rest, [name]: replacement };
}

/** Runs the action; a `ProtocolError` is an answer too, anything else fails the property. */
function onlyProtocolErrors(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    if (error instanceof ProtocolError) expect(error.message.length).toBeLessThan(400);
  }
}

test('the people of these tests are right themselves', () => {
  expect(valueOf({ kind: 'valid', value: helper.subkey.device.identity.slug })).toBe(helper.slug);
});
