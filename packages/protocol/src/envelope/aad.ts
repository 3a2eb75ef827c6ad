// The byte strings that bind ciphertexts to their surroundings. spec: wire-protocol 6.3, 6.4
import { concatBytes, encodeUtf8 } from '@puffo/base';
import { ProtocolError, type ProtocolErrorCode } from '../errors.ts';
import { LABELS } from '../labels.ts';

const OUTER_LABEL = encodeUtf8(LABELS.envelopeOuterAad);
const WRAP_LABEL = encodeUtf8(LABELS.envelopeWrapAad);
const CHANNEL_KIND = Uint8Array.of(1);
const DM_KIND = Uint8Array.of(2);
const MAX_PREFIXED_BYTES = 0xffff;

/** The members that the content of an envelope is bound to. Members of the other kind are ignored. */
export interface OuterAadInput {
  readonly envelopeId: string;
  readonly envelopeKind: string;
  readonly senderSlug: string;
  /** ms */
  readonly sentAt: number;
  readonly spaceId?: string | null;
  readonly channelId?: string | null;
  readonly recipientSlug?: string | null;
}

export function outerAad(input: OuterAadInput): Uint8Array {
  const head = [OUTER_LABEL, filled(input.envelopeId, 'envelope_id')];
  const sender = [...lengthPrefixed(input.senderSlug, 'sender_slug'), int64(input.sentAt)];
  if (input.envelopeKind === 'channel') {
    const route = [routeMember(input.spaceId, 'space_id'), routeMember(input.channelId, 'channel_id')];
    return concatBytes(...head, CHANNEL_KIND, ...sender, ...route);
  }
  if (input.envelopeKind === 'dm') {
    routeMember(input.recipientSlug, 'recipient_slug');
    return concatBytes(...head, DM_KIND, ...sender, ...lengthPrefixed(input.recipientSlug ?? '', 'recipient_slug'));
  }
  throw failure('unknown_kind', 'envelope_kind', "it is neither 'channel' nor 'dm'");
}

export function wrapAad(envelopeId: string, deviceId: string): Uint8Array {
  return concatBytes(wrapAadPrefix(envelopeId), filled(deviceId, 'device_id'));
}

/** What the associated data of all recipients of an envelope begin with; the device id follows. */
export function wrapAadPrefix(envelopeId: string): Uint8Array {
  return concatBytes(WRAP_LABEL, filled(envelopeId, 'envelope_id'));
}

function filled(text: string, field: string): Uint8Array {
  if (text === '') throw failure('envelope_invalid', field, 'it is empty');
  return encodeUtf8(text);
}

function routeMember(text: string | null | undefined, field: string): Uint8Array {
  if (text === null || text === undefined || text === '') throw failure('missing_route', field, 'it is missing');
  return encodeUtf8(text);
}

/** Two bytes of length, big endian, then the text in UTF-8. */
function lengthPrefixed(text: string, field: string): [Uint8Array, Uint8Array] {
  const bytes = filled(text, field);
  if (bytes.length > MAX_PREFIXED_BYTES) throw failure('envelope_invalid', field, `it has ${bytes.length} bytes`);
  return [Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes];
}

/** Signed, big endian. */
function int64(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw failure('time_invalid', 'sent_at', 'it is no whole number of milliseconds from 0 to 2^53 - 1');
  }
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value));
  return bytes;
}

function failure(code: ProtocolErrorCode, member: string, problem: string): ProtocolError {
  const field = `envelope.${member}`;
  return new ProtocolError(code, `Cannot build associated data: ${field}: ${problem}`, { field });
}
