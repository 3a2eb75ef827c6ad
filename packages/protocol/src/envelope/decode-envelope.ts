// Rung 3 of the golden path: from parsed JSON to a well-formed envelope. spec: wire-protocol 6.6, 6.7 steps 1 to 5
import { decodeBase64url, isJsonArray, type JsonValue } from '@puffo/base';
import { ENC_BYTES, HPKE_OVERHEAD_BYTES } from '../crypto/hpke.ts';
import { KEY_BYTES } from '../crypto/key-handle.ts';
import { NONCE_BYTES, TAG_BYTES } from '../crypto/aead.ts';
import { ProtocolError, type ProtocolErrorCode } from '../errors.ts';
import { parseDeviceId, parseEnvelopeId, parseSlug } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import {
  checkBytes,
  decodeBytes,
  type ExpectedBytes,
  type Members,
  readObject,
  readString,
  readTime,
  readTypedObject,
} from '../members.ts';
import type { Envelope, RecipientEntry } from './envelope.ts';
import { readRoute } from './read-route.ts';

export const WRAPPED_KEY_BYTES = KEY_BYTES + HPKE_OVERHEAD_BYTES;

const ENC: ExpectedBytes = { field: 'recipient.hpke_enc', length: ENC_BYTES };
const WRAPPED_KEY: ExpectedBytes = {
  field: 'recipient.wrapped_content_key',
  length: WRAPPED_KEY_BYTES,
  // An entry of this length holds a content key of 32 bytes, and no other one does.
  code: 'content_key_length',
};

/** Throws a `ProtocolError` that names the member. Unknown members are kept in `object` and otherwise ignored. */
export function decodeEnvelope(value: unknown): Envelope {
  const members = readEnvelopeObject(value);
  const envelopeId = parseEnvelopeId(readString(members, 'envelope_id'), 'envelope.envelope_id');
  const senderSlug = parseSlug(readString(members, 'sender_slug'), 'envelope.sender_slug');
  const sentAt = readTime(members, 'sent_at');
  const recipients = readRecipients(members);
  const route = readRoute(members);
  const contentNonce = decodeBytes(readString(members, 'content_nonce'), {
    field: 'envelope.content_nonce',
    length: NONCE_BYTES,
    code: 'content_nonce_length',
  });
  const contentCiphertext = readCiphertext(members);
  const { object } = members;
  return { envelopeId, senderSlug, sentAt, route, contentNonce, contentCiphertext, recipients, object } as Envelope;
}

/** Type and version of an envelope are not protected by anything, so their failure says no more than "no envelope". */
function readEnvelopeObject(value: unknown): Members {
  try {
    const members = readTypedObject(value, 'message_envelope');
    return { ...members, what: 'envelope' };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ProtocolError('envelope_invalid', error.message, { field: error.field ?? 'envelope', cause: error });
  }
}

function readRecipients(members: Members): readonly RecipientEntry[] {
  const list: JsonValue | undefined = members.object['recipients'];
  if (list === undefined || !isJsonArray(list)) throw failure('missing_member', 'recipients', 'it is no array');
  if (list.length === 0) throw failure('no_recipient_entry', 'recipients', 'it is empty');
  if (list.length > LIMITS.recipientsPerEnvelope) {
    throw failure('too_large', 'recipients', `it has ${list.length} entries, allowed ${LIMITS.recipientsPerEnvelope}`);
  }
  const seen = new Set<string>();
  return list.map((item, index) => {
    const entry = readRecipient(item, index);
    if (seen.has(entry.deviceId)) {
      throw failure('duplicate_recipient', `recipients[${index}]`, 'its device is listed before');
    }
    seen.add(entry.deviceId);
    return entry;
  });
}

function readRecipient(item: unknown, index: number): RecipientEntry {
  try {
    const entry = readObject(item, 'recipient');
    const deviceId = parseDeviceId(readString(entry, 'device_id'), 'recipient.device_id');
    const hpkeEnc = readString(entry, 'hpke_enc');
    checkBytes(hpkeEnc, ENC);
    const wrappedContentKey = readString(entry, 'wrapped_content_key');
    checkBytes(wrappedContentKey, WRAPPED_KEY);
    return { deviceId, hpkeEnc, wrappedContentKey };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    // The place is put in here, and not spelled out for each of thousands of entries that are right.
    const field = (error.field ?? 'recipient').replace('recipient', `envelope.recipients[${index}]`);
    throw new ProtocolError(error.code, error.message.replace('recipient', `envelope.recipients[${index}]`), { field });
  }
}

function readCiphertext(members: Members): Uint8Array {
  const text = readString(members, 'content_ciphertext');
  if (text.length > LIMITS.messageBodyBytes) {
    throw failure('too_large', 'content_ciphertext', `it has ${text.length} characters`);
  }
  const bytes = decodeBase64url(text);
  if (bytes === undefined) throw failure('bad_length', 'content_ciphertext', 'it is not strict base64url');
  if (bytes.length < TAG_BYTES) throw failure('bad_length', 'content_ciphertext', `it has ${bytes.length} bytes`);
  return bytes;
}

function failure(code: ProtocolErrorCode, member: string, problem: string): ProtocolError {
  const field = `envelope.${member}`;
  return new ProtocolError(code, `Cannot read ${field}: ${problem}`, { field });
}
