// What people and peers get wrong: each gives a coded error that names the member, and repeats no secret.
import { describe, expect, test } from 'vitest';
import {
  decodeEnvelope,
  decodeJson,
  decodeSignedEvent,
  importKemPublicKey,
  importSigningKey,
  importVerifyKey,
  LIMITS,
  parseIdentityFile,
  parseSessionFile,
  parseSlug,
  ProtocolError,
  sealAttachment,
  socketUrlOf,
  verifyDeviceCert,
  verifyIdentityCert,
  verifySlugBinding,
} from '../src/index.ts';
import { createPerson, random } from './people.ts';
import { readVectorFile } from './vectors/vector.ts';

const alice = createPerson('alice-0001');
const [envelopeVector] = readVectorFile('envelopes.json').list('vectors');
const ENVELOPE = envelopeVector?.record('envelope').object ?? {};
const SECRET = 'PtfJlBJa-HCisM9q30nwBPcTz05X94s-ZaIWufKbfck';
const IDENTITY_FILE = {
  slug: 'helper-9a7c',
  device_id: 'dev_ehK81JGM4WBC3jNs7Zn6Z5NESyAM1QEGy8PEMyqU23w',
  root_secret_key: SECRET,
  device_signing_secret_key: SECRET,
  kem_secret_key: SECRET,
  server_url: 'http://127.0.0.1:8787',
};
const HUGE = 'a'.repeat(70_000);
const DEEP = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`;

/** code, field, and what must happen to get them */
const CASES: readonly (readonly [string, string, string, () => unknown])[] = [
  [
    'a truncated key file',
    'json_invalid',
    'identity file',
    () => parseIdentityFile(JSON.stringify(IDENTITY_FILE).slice(0, 200)),
  ],
  ['an empty key file', 'json_invalid', 'identity file', () => parseIdentityFile('')],
  ['a key file that is a list', 'not_object', 'identity file', () => parseIdentityFile('[]')],
  [
    'a key file without a device',
    'missing_member',
    'identity file.device_id',
    () => parseIdentityFile(fileWith({ device_id: undefined })),
  ],
  [
    'a secret that is cut off',
    'bad_length',
    'identity file.root_secret_key',
    () => parseIdentityFile(fileWith({ root_secret_key: SECRET.slice(0, -1) })),
  ],
  [
    'a secret with padding',
    'bad_length',
    'identity file.kem_secret_key',
    () => parseIdentityFile(fileWith({ kem_secret_key: `${SECRET}=` })),
  ],
  [
    'a secret that is a number',
    'missing_member',
    'identity file.kem_secret_key',
    () => parseIdentityFile(fileWith({ kem_secret_key: 5 })),
  ],
  [
    'a session file with a date as text',
    'missing_member',
    'session file.expires_at',
    () => parseSessionFile(sessionWith({ expires_at: 'tomorrow' })),
  ],
  ['a slug of 70 KB', 'slug_invalid', 'slug', () => parseSlug(HUGE)],
  [
    'a slug of 70 KB in an envelope',
    'slug_invalid',
    'envelope.sender_slug',
    () => decodeEnvelope({ ...ENVELOPE, sender_slug: HUGE }),
  ],
  [
    'a slug of 70 KB in a certificate',
    'slug_invalid',
    'slug_binding.slug',
    () => thrown(verifySlugBinding({ ...alice.certs.slugBinding, slug: HUGE }, { rootKey: alice.rootKey.verifyKey })),
  ],
  [
    'an unknown type of envelope',
    'envelope_invalid',
    'message_envelope.type',
    () => decodeEnvelope({ ...ENVELOPE, type: 'plaintext_message_envelope' }),
  ],
  [
    'an unknown version of an envelope',
    'envelope_invalid',
    'message_envelope.version',
    () => decodeEnvelope({ ...ENVELOPE, version: 2 }),
  ],
  [
    'an unknown version of a certificate',
    'unsupported_version',
    'identity_cert.version',
    () => thrown(verifyIdentityCert({ ...alice.certs.identityCert, version: '1' })),
  ],
  [
    'an unknown type of certificate',
    'wrong_type',
    'identity_cert.type',
    () => thrown(verifyIdentityCert(alice.certs.deviceCert)),
  ],
  [
    'a certificate that is null',
    'not_object',
    'device_cert',
    () => thrown(verifyDeviceCert(null, { rootKey: alice.rootKey.verifyKey })),
  ],
  [
    'a certificate with an inner member missing',
    'missing_member',
    'device_cert.keys.encryption',
    () =>
      thrown(
        verifyDeviceCert({ ...alice.certs.deviceCert, keys: { signing: {} } }, { rootKey: alice.rootKey.verifyKey }),
      ),
  ],
  ['a time before 1970', 'time_invalid', 'envelope.sent_at', () => decodeEnvelope({ ...ENVELOPE, sent_at: -1 })],
  [
    'a time as text',
    'missing_member',
    'envelope.sent_at',
    () => decodeEnvelope({ ...ENVELOPE, sent_at: '1778400000000' }),
  ],
  [
    'a nonce of 11 bytes',
    'content_nonce_length',
    'envelope.content_nonce',
    () => decodeEnvelope({ ...ENVELOPE, content_nonce: 'A'.repeat(15) }),
  ],
  [
    'a third recipient that is no object',
    'not_object',
    'envelope.recipients[1]',
    () => decodeEnvelope({ ...ENVELOPE, recipients: [...recipients(), 7] }),
  ],
  [
    'a second recipient without a key',
    'missing_member',
    'envelope.recipients[1].hpke_enc',
    () => decodeEnvelope({ ...ENVELOPE, recipients: [...recipients(), { device_id: alice.device.deviceId }] }),
  ],
  [
    'ten thousand recipients',
    'too_large',
    'envelope.recipients',
    () => decodeEnvelope({ ...ENVELOPE, recipients: Array.from({ length: 10_000 }, () => recipients()[0]) }),
  ],
  ['deep JSON', 'json_too_deep', 'frame', () => decodeJson(DEEP, { what: 'frame', maxLength: 10_000 })],
  ['JSON that is too long', 'too_large', 'frame', () => decodeJson(HUGE, { what: 'frame', maxLength: 10_000 })],
  [
    'bytes that are not UTF-8',
    'json_invalid',
    'frame',
    () => decodeJson(Uint8Array.of(0x22, 0xff, 0x22), { what: 'frame', maxLength: 10 }),
  ],
  [
    'an event without a payload',
    'missing_member',
    'signed_event.payload',
    () =>
      decodeSignedEvent({
        type: 'signed_event',
        version: 1,
        event_id: 'ev_36fc7cc2-72bc-43e8-adae-4c5b1e91fd9c',
        kind: 'create_space',
      }),
  ],
  ['a signing key of 31 bytes', 'bad_length', 'secret_key', () => importSigningKey(new Uint8Array(31))],
  ['a public key of 33 bytes', 'bad_length', 'public_key', () => importVerifyKey(new Uint8Array(33))],
  ['a key of small order', 'small_order_key', 'kem_public_key', () => importKemPublicKey(new Uint8Array(32))],
  [
    'a file that is too large',
    'too_large',
    'attachment',
    () => sealAttachment({ filename: 'a', mimeType: '', bytes: new Uint8Array(LIMITS.fileBytes + 1) }, random),
  ],
  [
    'a file name with a NUL',
    'attachment_invalid',
    'attachment.filename',
    () => sealAttachment({ filename: 'a\0b', mimeType: '', bytes: new Uint8Array(1) }, random),
  ],
  ['a server address without a scheme', 'request_malformed', 'server_url', () => socketUrlOf('chat.example.test')],
];

describe('wrong input', () => {
  test.each(CASES)('%s gives %s at %s', (_name, code, field, action) => {
    const error = errorOf(action);
    expect({ code: error.code, field: error.field }).toEqual({ code, field });
    expect(error.message).toMatch(/^Cannot /);
    expect(error.message.length).toBeLessThan(300);
    expect(error.message).not.toContain(SECRET.slice(0, 8));
    expect(JSON.stringify(error.fields)).not.toContain(SECRET.slice(0, 8));
  });
});

function errorOf(action: () => unknown): ProtocolError {
  try {
    action();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** A verdict carries the same code and field as an error would. */
function thrown(verdict: { readonly kind: string }): void {
  if (!('reason' in verdict && 'message' in verdict)) return;
  const { reason, message, field } = verdict as { reason: ProtocolError['code']; message: string; field?: string };
  throw new ProtocolError(reason, message, field === undefined ? {} : { field });
}

function recipients(): readonly unknown[] {
  const list = ENVELOPE['recipients'];
  return Array.isArray(list) ? list : [];
}

function fileWith(changes: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...IDENTITY_FILE, ...changes });
}

function sessionWith(changes: Readonly<Record<string, unknown>>): string {
  const [entry] = readVectorFile('keys.json').list('vectors');
  const [device] = entry?.list('devices') ?? [];
  const keys = { subkey_id: device?.text('subkey_id'), subkey_secret_key: device?.text('subkey_secret_key') };
  return JSON.stringify({ slug: 'alice-3d3d', ...keys, expires_at: 5, ...changes });
}
