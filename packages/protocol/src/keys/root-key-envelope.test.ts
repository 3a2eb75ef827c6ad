import { expect, test } from 'vitest';
import { createPerson, random, valueOf } from '../../test/people.ts';
import { exportSigningKey } from '../crypto/ed25519.ts';
import { openRootKey, sealRootKey } from './root-key-envelope.ts';

const alice = createPerson('alice-0001');
const bob = createPerson('bob-0002');
const enrollmentNonce = random.bytes(32);
const envelope = sealRootKey({
  rootKey: alice.rootKey,
  recipientKey: bob.kemKey.kemPublicKey,
  enrollmentNonce,
  random,
});
const reader = { kemKey: bob.kemKey, enrollmentNonce, rootKey: alice.rootKey.verifyKey };

test('the new device receives the root secret', () => {
  expect(exportSigningKey(valueOf(openRootKey(envelope, reader)))).toEqual(exportSigningKey(alice.rootKey));
});

test.each([
  ['another device', { kemKey: alice.kemKey }, 'no_recipient_entry'],
  ['another enrolment', { enrollmentNonce: random.bytes(32) }, 'signer_mismatch'],
  ['an identity with another root', { rootKey: bob.rootKey.verifyKey }, 'fingerprint_mismatch'],
])('it is refused for %s', (_name, changes, reason) => {
  expect(openRootKey(envelope, { ...reader, ...changes })).toMatchObject({ kind: 'refused', reason });
});

test('a fingerprint of another root does not open', () => {
  const { root_public_key_fingerprint: _, ...rest } = envelope;
  const other = sealRootKey({ rootKey: bob.rootKey, recipientKey: bob.kemKey.kemPublicKey, enrollmentNonce, random });
  const mixed = { ...rest, root_public_key_fingerprint: other['root_public_key_fingerprint'] };
  expect(openRootKey(mixed, reader)).toMatchObject({ kind: 'refused', reason: 'hpke_open_failed' });
});
