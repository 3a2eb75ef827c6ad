// Structure and membership of spaces and channels change only by events that somebody signs. spec: wire-protocol 8.1
import { isJsonObject, type JsonObject } from '@puffo/base';
import { assertSignable, signingBytes } from '../canonical/signing-bytes.ts';
import { judgeSubkey, type VerifiedSubkey } from '../cert/chain.ts';
import { isSignatureTextValid, type SigningKey, signToText } from '../crypto/ed25519.ts';
import { ProtocolError, type ProtocolErrorCode, type Verdict, verdictOf } from '../errors.ts';
import {
  type DeviceId,
  type EventId,
  parseDeviceId,
  parseEventId,
  parseSlug,
  parseSubkeyId,
  type Slug,
  type SubkeyId,
} from '../ids.ts';
import { readMember, readString, readTypedObject } from '../members.ts';
import { eventTimeOf } from './event-payload.ts';

const TYPE = 'signed_event';
/** What the server puts in the place of a signature on events of its own making. spec: wire-protocol 8.7 */
const SERVER_MARKER = 'server-auto:';

export interface EventToSign {
  readonly eventId: EventId;
  readonly kind: string;
  readonly payload: JsonObject;
  readonly signerSlug: Slug;
  readonly signerDeviceId: DeviceId;
  readonly signerSubkeyId: SubkeyId;
}

/** Well formed, but untrusted. */
export interface SignedEvent extends EventToSign {
  /** base64url. */
  readonly signature: string;
  /** The event as received, unknown members included. */
  readonly object: JsonObject;
}

export function signEvent(event: EventToSign, key: SigningKey): JsonObject {
  const body = {
    type: TYPE,
    version: 1,
    event_id: event.eventId,
    kind: event.kind,
    payload: event.payload,
    signer_slug: event.signerSlug,
    signer_device_id: event.signerDeviceId,
    signer_subkey_id: event.signerSubkeyId,
  };
  assertSignable(body);
  return { ...body, signature: signToText(key, signingBytes(body)) };
}

/**
 * Reads an event. One that the server made itself is refused with `unsigned_server_event`: it is nobody's act, only a
 * hint to read spaces and members again. Does not look into the payload; `parseEventPayload` does.
 */
export function decodeSignedEvent(value: unknown): SignedEvent {
  const members = readTypedObject(value, TYPE);
  const eventId = parseEventId(readString(members, 'event_id'), `${TYPE}.event_id`);
  const kind = readString(members, 'kind');
  const payload = readMember(members, 'payload').object;
  const signature = readString(members, 'signature');
  if (signature.startsWith(SERVER_MARKER)) {
    throw failure('unsigned_server_event', 'signature', 'the server made this event, nobody signed it');
  }
  return {
    eventId,
    kind,
    payload,
    signerSlug: parseSlug(readString(members, 'signer_slug'), `${TYPE}.signer_slug`),
    signerDeviceId: parseDeviceId(readString(members, 'signer_device_id'), `${TYPE}.signer_device_id`),
    signerSubkeyId: parseSubkeyId(readString(members, 'signer_subkey_id'), `${TYPE}.signer_subkey_id`),
    signature,
    object: members.object,
  };
}

/**
 * Whether `signer` did this, judged at the event's own time. The event is that of the log or of a push; what it may do
 * is for the rules of the space.
 */
export function verifySignedEvent(event: SignedEvent, signer: VerifiedSubkey): Verdict<SignedEvent> {
  const at = eventTimeOf(event.kind, event.payload);
  if (at !== undefined) {
    const judged = judgeSubkey(signer, at);
    if (judged.kind === 'refused') return judged;
  }
  return verdictOf(() => {
    if (at === undefined) throw failure('time_invalid', 'payload', 'it has no time of its own');
    const { device } = signer;
    if (event.signerSubkeyId !== signer.subkeyId) {
      throw failure('subkey_id_mismatch', 'signer_subkey_id', 'it names another subkey than the one given');
    }
    if (event.signerDeviceId !== device.deviceId || event.signerSlug !== device.identity.slug) {
      throw failure('signer_mismatch', 'signer_slug', 'slug, device and subkey do not belong together');
    }
    if (!isSignatureTextValid(signer.key, { message: signingBytes(event.object), signature: event.signature })) {
      throw failure('signature_invalid', 'signature', 'it does not verify');
    }
    return event;
  });
}

/** The event inside an entry of a space's log, as it was signed. spec: wire-protocol 8.5 */
export function eventOfLogEntry(entry: unknown): JsonObject {
  if (!isJsonObject(entry)) throw failure('not_object', 'entry', 'it is no object');
  const members = Object.entries(entry).filter(([name]) => name !== 'seq' && name !== 'payload_issued_at');
  return { type: TYPE, version: 1, ...Object.fromEntries(members) };
}

function failure(code: ProtocolErrorCode, member: string, problem: string): ProtocolError {
  const field = `${TYPE}.${member}`;
  return new ProtocolError(code, `Cannot accept ${field}: ${problem}`, { field });
}
