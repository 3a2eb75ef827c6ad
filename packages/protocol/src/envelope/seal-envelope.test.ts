import { afterAll, describe, expect, test } from 'vitest';
import { createPerson, NOW, type Person, random, type Saying, say, valueOf } from '../../test/people.ts';
import { receiveMessage } from '../../test/receive-message.ts';
import { createWrapPool } from '#wrap-pool';
import type { ProtocolError } from '../errors.ts';
import { decodeEnvelope } from './decode-envelope.ts';
import type { Envelope, Route } from './envelope.ts';
import { openEnvelope } from './open-envelope.ts';
import { sealEnvelope, wrapForDevices } from './seal-envelope.ts';
import { type MessageReader, type MessageVerdict, verifyMessage } from './verify-message.ts';

const wrapPool = createWrapPool({ threads: 0 });
afterAll(() => wrapPool[Symbol.asyncDispose]());

const alice = createPerson('alice-0001');
const helper = createPerson('helper-0002', alice);
const bob = createPerson('bob-0003');
const toAlice: Route = { kind: 'dm', recipientSlug: alice.slug };

function read(envelope: Envelope, reader: Person, changes: Partial<MessageReader> = {}): MessageVerdict {
  const received = decodeEnvelope(JSON.parse(JSON.stringify(envelope.object)));
  return verifyMessage(valueOf(openEnvelope(received, reader.device)), {
    signer: helper.subkey,
    pinnedRoot: helper.rootKey.verifyKey.publicKey,
    ownSlug: reader.slug,
    hasSeen: () => false,
    ...changes,
  });
}

function sayToAll(changes: Partial<Saying> = {}) {
  return say({ from: helper, to: [alice, bob, helper], wrapPool, ...changes });
}

describe('a sealed message', () => {
  test.each(['Hello', '', 'ünïcode 😀 \u0000\u007f', 'x'.repeat(100_000)])(
    'arrives as it was written',
    async (content) => {
      const { envelope, payload } = await sayToAll({ content });
      for (const reader of [alice, bob, helper]) {
        const verdict = read(envelope, reader);
        expect(verdict).toMatchObject({
          kind: 'verified',
          message: { content, senderSlug: helper.slug, sentAt: NOW + 1000 },
        });
      }
      expect(payload.content).toBe(content);
    },
  );

  test('lists a device once, however often it was named', async () => {
    const { envelope } = await sayToAll({ to: [alice, bob, alice] });
    expect(envelope.recipients.map(({ deviceId }) => deviceId)).toEqual([alice.device.deviceId, bob.device.deviceId]);
  });

  test('serves devices that were missing, under the same content', async () => {
    const { envelope, contentKey } = await sayToAll({ to: [alice] });
    expect(openEnvelope(envelope, bob.device)).toMatchObject({ kind: 'refused', reason: 'no_recipient_entry' });
    const { envelopeId } = envelope;
    const devices = [{ deviceId: bob.device.deviceId, kemKey: bob.kemKey.kemPublicKey }];
    const [entry] = await wrapForDevices({ envelopeId, contentKey, devices }, { random, wrapPool });
    const extended = {
      ...envelope.object,
      recipients: [
        { device_id: entry?.deviceId, hpke_enc: entry?.hpkeEnc, wrapped_content_key: entry?.wrappedContentKey },
      ],
    };
    expect(valueOf(openEnvelope(decodeEnvelope(extended), bob.device)).payload.content).toBe('Hello');
  });

  test.each([
    ['nobody', { to: [] }, { code: 'no_recipients' }],
    ['content with a fraction', { content: { price: 0.5 } }, { code: 'not_signable', field: 'content.price' }],
    ['a member name outside ASCII', { content: { é: 1 } }, { code: 'not_signable' }],
    ['a lone surrogate', { content: '\ud800' }, { code: 'not_json_value' }],
  ] satisfies [string, Partial<Saying>, Partial<ProtocolError>][])(
    'is not made for %s',
    async (_name, changes, expected) => {
      await expect(sayToAll(changes)).rejects.toMatchObject(expected);
    },
  );

  test('carries thread, reply and visibility, and a missing hint is no hint', async () => {
    const { envelope: root } = await sayToAll();
    const { envelope } = await sealEnvelope(
      {
        signer: helper.signer,
        route: root.route,
        sentAt: NOW + 1000,
        contentType: 'text/plain',
        content: 'reply',
        threadRootId: root.envelopeId,
        isVisibleToHuman: false,
        recipients: [{ deviceId: alice.device.deviceId, kemKey: alice.kemKey.kemPublicKey }],
      },
      { random, wrapPool },
    );
    const message = { threadRootId: root.envelopeId, replyToId: null, isVisibleToHuman: false };
    expect(read(envelope, alice)).toMatchObject({ kind: 'verified', message });
    expect(read(root, alice)).toMatchObject({ message: { threadRootId: null, isVisibleToHuman: true } });
  });
});

describe('a reader has to decide', () => {
  test('what an unknown subkey is', async () => {
    const { envelope } = await sayToAll();
    expect(read(envelope, alice, { signer: undefined }).kind).toBe('unknown-subkey');
  });

  test('whether an unknown root is trusted; a changed one brings no message', async () => {
    const { envelope } = await sayToAll();
    expect(read(envelope, alice, { pinnedRoot: undefined })).toHaveProperty('message.content', 'Hello');
    const changed = read(envelope, alice, { pinnedRoot: bob.rootKey.verifyKey.publicKey });
    expect(changed.kind).toBe('changed-root');
    expect(changed).not.toHaveProperty('message');
  });

  test('what was seen before', async () => {
    const { envelope } = await sayToAll();
    const seen: string[] = [];
    read(envelope, alice, { hasSeen: (key) => seen.push(key) === 0 });
    expect(seen[0]).toMatch(/^helper-0002\/[\w-]{22}$/);
    expect(read(envelope, alice, { hasSeen: (key) => seen.includes(key) })).toMatchObject({ reason: 'replay' });
  });
});

describe('a direct message', () => {
  test('is for its recipient and for its sender, and for nobody else who can decrypt it', async () => {
    const { envelope } = await sayToAll({ route: toAlice });
    expect(read(envelope, alice).kind).toBe('verified');
    expect(read(envelope, helper).kind).toBe('verified');
    expect(read(envelope, bob)).toMatchObject({ kind: 'refused', reason: 'not_addressed' });
  });

  test('must not carry a channel besides', async () => {
    const { envelope } = await sayToAll({ route: toAlice });
    const stray = { ...envelope.object, channel_id: 'ch_9b5aabe9-1ce4-497e-930f-bac3583e371e' };
    expect(() => decodeEnvelope(stray)).toThrow(expect.objectContaining({ field: 'envelope.channel_id' }));
  });
});

test('the example of the README receives a message', async () => {
  const { envelope } = await sayToAll();
  const pinnedRoot = helper.rootKey.verifyKey.publicKey;
  const reader: MessageReader = { signer: helper.subkey, pinnedRoot, ownSlug: alice.slug, hasSeen: () => false };
  expect(receiveMessage(envelope.object, alice.device, reader)).toHaveProperty('content', 'Hello');
  expect(receiveMessage(envelope.object, alice.device, { ...reader, pinnedRoot: undefined })).toBe('unknown-root');
  expect(receiveMessage(envelope.object, createPerson('eve-0004').device, reader)).toBe('no_recipient_entry');
});

test('a message is judged at its own time: a subkey that has expired since still proves old messages', async () => {
  const { envelope } = await sayToAll();
  expect(read(envelope, alice).kind).toBe('verified');
  const { payload } = valueOf(openEnvelope(envelope, alice.device));
  const late = {
    ...valueOf(openEnvelope(envelope, alice.device)),
    payload: { ...payload, sentAt: NOW + 48 * 3_600_000 },
  };
  const reader = { signer: helper.subkey, pinnedRoot: undefined, ownSlug: alice.slug, hasSeen: () => false };
  expect(verifyMessage(late, reader)).toMatchObject({ kind: 'refused', reason: 'subkey_expired' });
});
