// The identifiers of the wire. Several byte strings join ids without separators, so the exact forms are a security
// property and not cosmetics. spec: wire-protocol 1.2, 6.3
import { type Brand, encodeBase64url, isBase64urlOf, type Random } from '@puffo/base';
import { primitives } from '#primitives';
import { ProtocolError, type ProtocolErrorCode } from './errors.ts';
import { LIMITS } from './limits.ts';

/** The address of an identity, such as `helper-9a7c`. */
export type Slug = Brand<string, 'Slug'>;
export type DeviceId = Brand<`dev_${string}`, 'DeviceId'>;
export type SubkeyId = Brand<`sk_${string}`, 'SubkeyId'>;
export type EnvelopeId = Brand<`msg_${string}`, 'EnvelopeId'>;
export type EventId = Brand<`ev_${string}`, 'EventId'>;
export type SpaceId = Brand<`sp_${string}`, 'SpaceId'>;
export type ChannelId = Brand<`ch_${string}`, 'ChannelId'>;
export type RunId = Brand<`run_${string}`, 'RunId'>;
/** Named by the server, opaque to clients; safe as one path segment. */
export type BlobId = Brand<string, 'BlobId'>;
export type SessionId = Brand<string, 'SessionId'>;

const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;
const USERNAME = /^[a-z0-9][a-z0-9-]{0,57}$/;
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const ENVELOPE_ID = new RegExp(`^msg_${UUID}$`);
const EVENT_ID = new RegExp(`^ev_${UUID}$`);
const SPACE_ID = new RegExp(`^sp_${UUID}$`);
const CHANNEL_ID = new RegExp(`^ch_${UUID}$`);
const RUN_ID = /^run_[0-9a-f]{32}$/;
const SESSION_ID = /^[A-Za-z0-9_-]{1,128}$/;
const BLOB_ID = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$/;
const KEY_HASH_BYTES = 32;

export function isSlug(value: unknown): value is Slug {
  return typeof value === 'string' && SLUG.test(value);
}

/** The name part that a person asks for at registration, after lowercasing. */
export function isUsername(value: unknown): value is string {
  return typeof value === 'string' && USERNAME.test(value);
}

export function isDeviceId(value: unknown): value is DeviceId {
  return typeof value === 'string' && isKeyHash(value, 'dev_');
}

export function isSubkeyId(value: unknown): value is SubkeyId {
  return typeof value === 'string' && isKeyHash(value, 'sk_');
}

export function isEnvelopeId(value: unknown): value is EnvelopeId {
  return typeof value === 'string' && ENVELOPE_ID.test(value);
}

export function isEventId(value: unknown): value is EventId {
  return typeof value === 'string' && EVENT_ID.test(value);
}

export function isSpaceId(value: unknown): value is SpaceId {
  return typeof value === 'string' && SPACE_ID.test(value);
}

export function isChannelId(value: unknown): value is ChannelId {
  return typeof value === 'string' && CHANNEL_ID.test(value);
}

export function isRunId(value: unknown): value is RunId {
  return typeof value === 'string' && RUN_ID.test(value);
}

export function isSessionId(value: unknown): value is SessionId {
  return typeof value === 'string' && SESSION_ID.test(value);
}

/** Whether `value` can be one path segment of a URL and of a file system; `.` and `..` cannot. */
export function isBlobId(value: unknown): value is BlobId {
  return typeof value === 'string' && BLOB_ID.test(value);
}

export function parseSlug(value: unknown, field = 'slug'): Slug {
  return parseWith(isSlug, value, { field, code: 'slug_invalid', form: 'lowercase letters, digits and dashes' });
}

export function parseDeviceId(value: unknown, field = 'device_id'): DeviceId {
  return parseWith(isDeviceId, value, { field, form: 'dev_ and 43 base64url characters' });
}

export function parseSubkeyId(value: unknown, field = 'subkey_id'): SubkeyId {
  return parseWith(isSubkeyId, value, { field, form: 'sk_ and 43 base64url characters' });
}

export function parseEnvelopeId(value: unknown, field = 'envelope_id'): EnvelopeId {
  return parseWith(isEnvelopeId, value, { field, form: 'msg_ and a lowercase UUIDv4' });
}

export function parseEventId(value: unknown, field = 'event_id'): EventId {
  return parseWith(isEventId, value, { field, form: 'ev_ and a lowercase UUIDv4' });
}

export function parseSpaceId(value: unknown, field = 'space_id'): SpaceId {
  return parseWith(isSpaceId, value, { field, form: 'sp_ and a lowercase UUIDv4' });
}

export function parseChannelId(value: unknown, field = 'channel_id'): ChannelId {
  return parseWith(isChannelId, value, { field, form: 'ch_ and a lowercase UUIDv4' });
}

/** `dev_` and the hash of the device's Ed25519 signing key (32 raw bytes). */
export function deviceIdOf(signingPublicKey: Uint8Array): DeviceId {
  return `dev_${keyHash(signingPublicKey)}` as DeviceId;
}

/** `sk_` and the hash of the subkey's Ed25519 public key (32 raw bytes). */
export function subkeyIdOf(subkeyPublicKey: Uint8Array): SubkeyId {
  return `sk_${keyHash(subkeyPublicKey)}` as SubkeyId;
}

export function createEnvelopeId(random: Random): EnvelopeId {
  return `msg_${uuid(random)}` as EnvelopeId;
}

export function createEventId(random: Random): EventId {
  return `ev_${uuid(random)}` as EventId;
}

export function createSpaceId(random: Random): SpaceId {
  return `sp_${uuid(random)}` as SpaceId;
}

export function createChannelId(random: Random): ChannelId {
  return `ch_${uuid(random)}` as ChannelId;
}

export function createBlobId(random: Random): BlobId {
  return `blob_${uuid(random)}` as BlobId;
}

/** Names one processing run of an agent. */
export function createRunId(random: Random): RunId {
  return `run_${uuid(random).replaceAll('-', '')}` as RunId;
}

function keyHash(publicKey: Uint8Array): string {
  return encodeBase64url(primitives.sha256(publicKey));
}

function isKeyHash(value: string, prefix: string): boolean {
  return value.startsWith(prefix) && isBase64urlOf(value.slice(prefix.length), KEY_HASH_BYTES);
}

/** A random UUID (version 4), lowercase with dashes. */
function uuid(random: Random): string {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

interface IdForm {
  readonly field: string;
  readonly form: string;
  readonly code?: ProtocolErrorCode;
}

function parseWith<Id>(isId: (value: unknown) => value is Id, value: unknown, expected: IdForm): Id {
  if (isId(value)) return value;
  const { field, form, code = 'id_format' } = expected;
  throw new ProtocolError(code, `Cannot read ${field}: got ${describe(value)}, expected ${form}`, { field });
}

/** Names a refused value without repeating more of it than a log line bears. */
export function describe(value: unknown): string {
  if (typeof value === 'string') {
    if (value.length <= LIMITS.slugCharacters + 1) return `'${value.replaceAll(/[^\x20-\x7e]/g, '?')}'`;
    return `a string of ${value.length} characters`;
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return value === undefined ? 'nothing' : `a value of type ${typeof value}`;
}
