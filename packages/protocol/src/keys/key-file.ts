// The JSON files in which a client keeps its identity and its current subkey. Reading and writing files is done
// elsewhere; these are the shapes. spec: daemon-and-cli 1.9
import { encodeBase64url, type JsonObject, type JsonValue } from '@puffo/base';
import { decodeJsonObject } from '../canonical/decode-json.ts';
import { exportSigningKey, importSigningKey, type SigningKey, verifyKeyBytes } from '../crypto/ed25519.ts';
import { KEY_BYTES } from '../crypto/key-handle.ts';
import { exportKemSecretKey, importKemSecretKey, type KemSecretKey } from '../crypto/x25519.ts';
import { ProtocolError } from '../errors.ts';
import {
  type DeviceId,
  deviceIdOf,
  parseDeviceId,
  parseSlug,
  parseSubkeyId,
  type Slug,
  type SubkeyId,
  subkeyIdOf,
} from '../ids.ts';
import { type Members, readBytes, readNullableTime, readOptionalString, readString } from '../members.ts';

const MAX_FILE_CHARACTERS = 64 * 1024;
const IDENTITY = 'identity file';
const SESSION = 'session file';

export interface IdentityKeys {
  readonly slug: Slug;
  readonly deviceId: DeviceId;
  readonly rootKey: SigningKey;
  readonly deviceKey: SigningKey;
  readonly kemKey: KemSecretKey;
  readonly serverUrl: string;
  /** JSON texts as received; `null`: not stored. */
  readonly slugBindingJson: string | null;
  readonly identityCertJson: string | null;
  readonly identityProfileJson: string | null;
}

/** Reads `<slug>.json`. Errors name the member and never repeat a value of the file. */
export function parseIdentityFile(text: string): IdentityKeys {
  const members = readFile(text, IDENTITY);
  const deviceKey = readSigningKey(members, 'device_signing_secret_key');
  const deviceId = parseDeviceId(readString(members, 'device_id'), `${IDENTITY}.device_id`);
  if (deviceId !== deviceIdOf(verifyKeyBytes(deviceKey.verifyKey))) {
    throw notDerived(`${IDENTITY}.device_id`, 'device_signing_secret_key');
  }
  const serverUrl = readString(members, 'server_url');
  return {
    slug: parseSlug(readString(members, 'slug'), `${IDENTITY}.slug`),
    deviceId,
    rootKey: readSigningKey(members, 'root_secret_key'),
    deviceKey,
    kemKey: importKemSecretKey(readBytes(members, 'kem_secret_key', KEY_BYTES), `${IDENTITY}.kem_secret_key`),
    serverUrl,
    slugBindingJson: readOptionalString(members, 'slug_binding_json'),
    identityCertJson: readOptionalString(members, 'identity_cert_json'),
    identityProfileJson: readOptionalString(members, 'identity_profile_json'),
  };
}

/** The text of `<slug>.json`: secret. Absent optional members are left out, as 0.7.2 does. */
export function formatIdentityFile(keys: IdentityKeys): string {
  return formatFile({
    slug: keys.slug,
    device_id: keys.deviceId,
    root_secret_key: encodeBase64url(exportSigningKey(keys.rootKey)),
    device_signing_secret_key: encodeBase64url(exportSigningKey(keys.deviceKey)),
    kem_secret_key: encodeBase64url(exportKemSecretKey(keys.kemKey)),
    server_url: keys.serverUrl,
    slug_binding_json: keys.slugBindingJson,
    identity_cert_json: keys.identityCertJson,
    identity_profile_json: keys.identityProfileJson,
  });
}

export interface SessionKeys {
  readonly slug: Slug;
  readonly subkeyId: SubkeyId;
  readonly subkey: SigningKey;
  /** ms; `null`: does not expire, which the certificate format allows. */
  readonly expiresAt: number | null;
}

/** Reads `<slug>.session.json`. */
export function parseSessionFile(text: string): SessionKeys {
  const members = readFile(text, SESSION);
  const subkey = readSigningKey(members, 'subkey_secret_key');
  const subkeyId = parseSubkeyId(readString(members, 'subkey_id'), `${SESSION}.subkey_id`);
  if (subkeyId !== subkeyIdOf(verifyKeyBytes(subkey.verifyKey))) {
    throw notDerived(`${SESSION}.subkey_id`, 'subkey_secret_key');
  }
  const slug = parseSlug(readString(members, 'slug'), `${SESSION}.slug`);
  return { slug, subkeyId, subkey, expiresAt: readNullableTime(members, 'expires_at') };
}

/** The text of `<slug>.session.json`: secret. */
export function formatSessionFile(keys: SessionKeys): string {
  const { slug, subkeyId, subkey, expiresAt } = keys;
  const secret = encodeBase64url(exportSigningKey(subkey));
  const text = { slug, subkey_id: subkeyId, subkey_secret_key: secret };
  return `${JSON.stringify({ ...text, expires_at: expiresAt }, null, 2)}`;
}

/** An editor may have put a byte order mark in front. */
function readFile(text: string, what: string): Members {
  const json = text.replace(/^\uFEFF/, '');
  return { object: decodeJsonObject(json, { what, maxLength: MAX_FILE_CHARACTERS }), what };
}

function readSigningKey(members: Members, name: string): SigningKey {
  return importSigningKey(readBytes(members, name, KEY_BYTES), `${members.what}.${name}`);
}

/** Two spaces of indentation, as Python's writer; non-ASCII stays readable to it either way. */
function formatFile(members: Readonly<Record<string, JsonValue>>): string {
  const written = Object.entries(members).filter(([, value]) => value !== null);
  const object: JsonObject = Object.fromEntries(written);
  return JSON.stringify(object, null, 2);
}

function notDerived(field: string, keyName: string): ProtocolError {
  return new ProtocolError('id_derivation', `Cannot use ${field}: it is not derived from ${keyName}`, { field });
}
