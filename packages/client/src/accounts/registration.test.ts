import { seededRandom } from '@puffo/base';
import { generateIdentity, issueSlugBinding, parseSlug } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import { formatRegistration, parseRegistration, type Registration } from './registration.ts';

const random = seededRandom(4);
const identity = generateIdentity({ operatorKey: null, issuedAt: 1e12, random });
const slug = parseSlug('alice-0001');
const reserved: Registration = {
  serverUrl: 'https://chat.test',
  username: 'alice',
  identity,
  attestation: null,
  reserved: { slug, token: 'token', slugBinding: issueSlugBinding(identity.rootKey, { slug, issuedAt: 1e12 }) },
};
const text = formatRegistration(reserved);

describe('a pending registration', () => {
  it.each([
    ['with its slug', reserved],
    ['without a slug', { ...reserved, reserved: null }],
    ['that only has to be kept', { ...reserved, reserved: { ...reserved.reserved!, token: null } }],
    ['of an agent', { ...reserved, attestation: { type: 'operator_attestation' } }],
  ])('%s is the same after it was kept', (_name, registration) => {
    const kept = formatRegistration(registration);
    const read = parseRegistration(kept);
    expect(formatRegistration(read)).toBe(kept);
    expect(read.identity.deviceId).toBe(identity.deviceId);
  });

  it.each([
    'server_url',
    'username',
    'root_secret_key',
    'device_signing_secret_key',
    'kem_secret_key',
    'identity_cert',
    'device_cert',
    'attestation',
    'slug',
    'slug_binding',
    'pending_token',
    'type',
  ])('is refused without a right %s, and its secrets stay out of the error', (member) => {
    const broken = text.replace(new RegExp(`"${member}": `), `"${member}": 7, "x": `);
    expect(broken).not.toBe(text);
    let message = '';
    try {
      parseRegistration(broken);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('Cannot');
    for (const secret of text.match(/(?<="\w+_secret_key": ")[\w-]{43}/g) ?? []) expect(message).not.toContain(secret);
  });
});
