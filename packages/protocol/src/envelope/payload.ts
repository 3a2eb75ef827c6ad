// The signed heart of a message. spec: wire-protocol 6.2
import { encodeUtf8, type JsonObject, type JsonValue } from '@puffo/base';
import { assertSignable, signingBytes } from '../canonical/signing-bytes.ts';
import { type SigningKey, signToText } from '../crypto/ed25519.ts';
import { ProtocolError } from '../errors.ts';
import { type EnvelopeId, isEnvelopeId, parseSlug, parseSubkeyId, type Slug, type SubkeyId } from '../ids.ts';
import { decodeBytes, type Members, readObject, readOptionalString, readString, readTime } from '../members.ts';
import { type Route, routeMembers } from './envelope.ts';
import { readRoute } from './read-route.ts';

export const MESSAGE_NONCE_BYTES = 16;
const PAYLOAD_TYPE = 'message_payload';

export interface MessagePayload {
  readonly senderSlug: Slug;
  readonly senderSubkeyId: SubkeyId;
  readonly route: Route;
  /** ms */
  readonly sentAt: number;
  /** base64url of 16 bytes; unique per sender, for ever. */
  readonly messageNonce: string;
  /** Hints by the sender: check that the message they name is of the same conversation before using them. */
  readonly threadRootId: EnvelopeId | null;
  readonly replyToId: EnvelopeId | null;
  readonly contentType: string;
  readonly content: JsonValue;
  /** A later client's hint to fold what agents say among themselves; absent on the wire means true. */
  readonly isVisibleToHuman: boolean;
}

/** The payload as 0.7.2 writes it: every member present, inactive ones null, in its order. */
function payloadObject(payload: MessagePayload): JsonObject {
  return {
    type: PAYLOAD_TYPE,
    version: 1,
    envelope_kind: payload.route.kind,
    sender_slug: payload.senderSlug,
    sender_subkey_id: payload.senderSubkeyId,
    ...routeMembers(payload.route),
    sent_at: payload.sentAt,
    message_nonce: payload.messageNonce,
    thread_root_id: payload.threadRootId,
    reply_to_id: payload.replyToId,
    content_type: payload.contentType,
    content: payload.content,
    ...(payload.isVisibleToHuman ? {} : { is_visible_to_human: false }),
  };
}

/** The plaintext that is encrypted: payload and signature as compact ASCII JSON, byte for byte as 0.7.2 writes it. */
export function signPayload(payload: MessagePayload, key: SigningKey): Uint8Array {
  const object = payloadObject(payload);
  assertSignable(object);
  const signature = signToText(key, signingBytes(object));
  const text = JSON.stringify({ payload: object, signature });
  return encodeUtf8(text.replaceAll(/[^\x20-\x7e]/g, escapeUnit));
}

/** Steps 11 and, in part, 14 to 16: reads the payload of a decrypted message. Members absent are read as null. */
export function readPayload(object: JsonObject): MessagePayload {
  const members = readObject(object, 'payload');
  if (object['type'] !== PAYLOAD_TYPE) {
    throw new ProtocolError('payload_type_invalid', `Cannot read payload: its type is not '${PAYLOAD_TYPE}'`, {
      field: 'payload.type',
    });
  }
  if (object['version'] !== 1) {
    throw new ProtocolError('payload_version_unsupported', 'Cannot read payload: its version is not 1', {
      field: 'payload.version',
    });
  }
  const messageNonce = readString(members, 'message_nonce');
  decodeBytes(messageNonce, { field: 'payload.message_nonce', length: MESSAGE_NONCE_BYTES });
  return {
    senderSlug: parseSlug(readString(members, 'sender_slug'), 'payload.sender_slug'),
    senderSubkeyId: parseSubkeyId(readString(members, 'sender_subkey_id'), 'payload.sender_subkey_id'),
    route: readRoute(members),
    sentAt: readTime(members, 'sent_at'),
    messageNonce,
    threadRootId: readReference(members, 'thread_root_id'),
    replyToId: readReference(members, 'reply_to_id'),
    contentType: readString(members, 'content_type'),
    content: object['content'] ?? null,
    isVisibleToHuman: object['is_visible_to_human'] !== false,
  };
}

/** Free text to the reference, a hint to us: what is no envelope id refers to nothing. spec: wire-protocol 6.8 */
function readReference(members: Members, name: string): EnvelopeId | null {
  const text = readOptionalString(members, name);
  return isEnvelopeId(text) ? text : null;
}

function escapeUnit(character: string): string {
  let escaped = '';
  for (let index = 0; index < character.length; index++) {
    escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}
