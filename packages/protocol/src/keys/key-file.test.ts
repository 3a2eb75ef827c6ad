import { readFileSync } from 'node:fs';
import { encodeBase64url } from '@puffo/base';
import { describe, expect, test } from 'vitest';
import { createPerson, NOW } from '../../test/people.ts';
import { exportSigningKey } from '../crypto/ed25519.ts';
import { exportKemSecretKey } from '../crypto/x25519.ts';
import {
  formatIdentityFile,
  formatSessionFile,
  type IdentityKeys,
  parseIdentityFile,
  parseSessionFile,
} from './key-file.ts';

/** Written by the reference 0.7.2 itself. */
const REFERENCE_FILE = readFileSync(
  new URL('../../../../fixtures/home-0.7.2/agents/helper-9a7c/keys/helper-9a7c.json', import.meta.url),
  'utf8',
);

const alice = createPerson('alice-0001');
const keys: IdentityKeys = {
  slug: alice.slug,
  deviceId: alice.device.deviceId,
  rootKey: alice.rootKey,
  deviceKey: alice.deviceKey,
  kemKey: alice.kemKey,
  serverUrl: 'http://127.0.0.1:8787',
  slugBindingJson: null,
  identityCertJson: JSON.stringify(alice.certs.identityCert),
  identityProfileJson: null,
};

describe('an identity file', () => {
  test('of the reference is read, and written again byte for byte', () => {
    const read = parseIdentityFile(REFERENCE_FILE);
    expect(read.slug).toBe('helper-9a7c');
    expect(formatIdentityFile(read)).toBe(REFERENCE_FILE);
  });

  test('goes both ways, and absent members stay absent', () => {
    const text = formatIdentityFile(keys);
    const read = parseIdentityFile(`\uFEFF${text}`);
    expect(encodeBase64url(exportSigningKey(read.rootKey))).toBe(encodeBase64url(exportSigningKey(alice.rootKey)));
    expect(encodeBase64url(exportKemSecretKey(read.kemKey))).toBe(encodeBase64url(exportKemSecretKey(alice.kemKey)));
    expect(Object.keys(JSON.parse(text) as object)).not.toContain('slug_binding_json');
  });

  test('accepts null for absent members', () => {
    const withNull = { ...(JSON.parse(REFERENCE_FILE) as object), identity_profile_json: null };
    expect(parseIdentityFile(JSON.stringify(withNull)).identityProfileJson).toBeNull();
  });

  test('with the device id of another key is refused', () => {
    const text = formatIdentityFile({ ...keys, deviceId: createPerson('bob-0002').device.deviceId });
    expect(() => parseIdentityFile(text)).toThrow(expect.objectContaining({ code: 'id_derivation' }));
  });
});

describe('a session file', () => {
  const session = { slug: alice.slug, subkeyId: alice.subkey.subkeyId, subkey: alice.subkeyKey };

  test.each([NOW, null])('with expiry %s goes both ways', (expiresAt) => {
    const read = parseSessionFile(formatSessionFile({ ...session, expiresAt }));
    expect(read).toMatchObject({ slug: alice.slug, subkeyId: alice.subkey.subkeyId, expiresAt });
    expect(exportSigningKey(read.subkey)).toEqual(exportSigningKey(alice.subkeyKey));
  });

  test('with the id of another subkey is refused', () => {
    const { subkeyId } = createPerson('bob-0002').subkey;
    const text = formatSessionFile({ ...session, subkeyId, expiresAt: NOW });
    expect(() => parseSessionFile(text)).toThrow(expect.objectContaining({ code: 'id_derivation' }));
  });
});
