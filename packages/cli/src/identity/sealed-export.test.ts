import { seededRandom } from '@puffo/base';
import { formatIdentityFile, generateIdentity, type IdentityKeys, parseSlug } from '@puffo/protocol';
import { describe, expect, test } from 'vitest';
import { openExport, parseExport, sealExport } from './sealed-export.ts';

const random = seededRandom(7);
const PASSPHRASE = 'correct horse battery';
const keys = makeKeys();
const sealed = await sealExport(keys, { passphrase: PASSPHRASE, random });

function makeKeys(): IdentityKeys {
  const made = generateIdentity({ operatorKey: null, issuedAt: 1, random });
  return {
    slug: parseSlug('alice-1234'),
    deviceId: made.deviceId,
    rootKey: made.rootKey,
    deviceKey: made.deviceKey,
    kemKey: made.kemKey,
    serverUrl: 'https://chat.example.org',
    slugBindingJson: null,
    identityCertJson: JSON.stringify(made.identityCert),
    identityProfileJson: null,
  };
}

function change(edit: (object: Record<string, unknown>) => void): string {
  const object = JSON.parse(sealed) as Record<string, unknown>;
  edit(object);
  return JSON.stringify(object);
}

describe('an exported identity', () => {
  test('comes back with its passphrase, whole, and shows none of its secrets', async () => {
    const opened = await openExport(parseExport(sealed), PASSPHRASE);
    expect(formatIdentityFile(opened)).toBe(formatIdentityFile(keys));
    const file = JSON.parse(formatIdentityFile(keys)) as Record<string, string>;
    for (const name of ['root_secret_key', 'device_signing_secret_key', 'kem_secret_key', 'slug']) {
      expect(sealed).not.toContain(file[name]);
    }
  });

  test('does not come back with another passphrase', async () => {
    await expect(openExport(parseExport(sealed), 'correct horse batterz')).rejects.toThrow('the passphrase is wrong');
  });

  test('is told from other files without a passphrase', () => {
    for (const text of ['', 'root:x:0:0', '[]', '{}']) {
      expect(() => parseExport(text)).toThrow('is not one that puffo-cli identity export wrote');
    }
  });

  test.each<readonly [string, (object: Record<string, unknown>) => void, string]>([
    ['another nonce', (object) => (object['nonce'] = 'AAAAAAAAAAAAAAAA'), 'the passphrase is wrong'],
    ['a shorter ciphertext', (object) => (object['ciphertext'] = 'AAAA'), 'the passphrase is wrong'],
    ['another version', (object) => (object['version'] = 2), 'a newer puffo-cli wrote it'],
    ['another type', (object) => (object['type'] = 'x'), 'is not one that puffo-cli identity export wrote'],
    [
      'a cost that would fill the memory',
      (object) => ((object['kdf'] as Record<string, unknown>)['log2_n'] = 30),
      'is not one that puffo-cli identity export wrote',
    ],
    [
      'no cost at all',
      (object) => ((object['kdf'] as Record<string, unknown>)['log2_n'] = 0),
      'is not one that puffo-cli identity export wrote',
    ],
  ])('is refused with %s', async (_what, edit, sentence) => {
    await expect((async () => openExport(parseExport(change(edit)), PASSPHRASE))()).rejects.toThrow(sentence);
  });
});
