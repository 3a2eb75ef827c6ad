// A registration that is not finished yet, as it is kept: with it, whoever was interrupted goes on with the same keys and the
// same slug. The text holds secrets; it lies beside the identities as `pending-<name>.json`. spec: wire-protocol 4.10, 4.11;
// daemon-and-cli 1.9
import { decodeBase64url, encodeBase64url, isJsonObject, type JsonObject } from '@puffo/base';
import {
  decodeJsonObject,
  type DeviceId,
  deviceIdOf,
  exportKemSecretKey,
  exportSigningKey,
  type IdentityKeys,
  importKemSecretKey,
  importSigningKey,
  isSlug,
  type KemSecretKey,
  type NewIdentity,
  type SigningKey,
  type Slug,
  verifyKeyBytes,
} from '@puffo/protocol';
import { ClientError } from '../client-error.ts';

export interface Registration {
  readonly serverUrl: string;
  readonly username: string;
  readonly identity: NewIdentity;
  /** Of an agent. */
  readonly attestation: JsonObject | null;
  /** Absent until the server gave a slug. */
  readonly reserved: ReservedSlug | null;
}

export interface ReservedSlug {
  readonly slug: Slug;
  /** `null`: the registration is finished already. */
  readonly token: string | null;
  readonly slugBinding: JsonObject;
}

/** Keeps the text, durably, in the place of the one before. Secret. */
export type KeepRegistration = (text: string) => Promise<void>;

const TYPE = 'puffo_pending_registration';
const MAX_CHARACTERS = 64 * 1024;

export function formatRegistration({ serverUrl, username, identity, attestation, reserved }: Registration): string {
  const { rootKey, deviceKey, kemKey, identityCert, deviceCert } = identity;
  return JSON.stringify(
    {
      type: TYPE,
      version: 1,
      server_url: serverUrl,
      username,
      root_secret_key: encodeBase64url(exportSigningKey(rootKey)),
      device_signing_secret_key: encodeBase64url(exportSigningKey(deviceKey)),
      kem_secret_key: encodeBase64url(exportKemSecretKey(kemKey)),
      identity_cert: identityCert,
      device_cert: deviceCert,
      attestation,
      reserved:
        reserved === null
          ? null
          : { slug: reserved.slug, pending_token: reserved.token, slug_binding: reserved.slugBinding },
    },
    null,
    2,
  );
}

/** Errors never quote the text. */
export function parseRegistration(text: string): Registration {
  const object = decodeJsonObject(text, { what: 'pending registration', maxLength: MAX_CHARACTERS });
  if (object['type'] !== TYPE || object['version'] !== 1) throw unreadable('type');
  const rootKey = readSigningKey(object, 'root_secret_key');
  const deviceKey = readSigningKey(object, 'device_signing_secret_key');
  const { attestation, reserved } = object;
  return {
    serverUrl: readText(object, 'server_url'),
    username: readText(object, 'username'),
    identity: {
      rootKey,
      deviceKey,
      deviceId: deviceIdFrom(deviceKey),
      kemKey: readKemKey(object),
      identityCert: readObject(object, 'identity_cert'),
      deviceCert: readObject(object, 'device_cert'),
    },
    attestation: attestation === null ? null : readObject(object, 'attestation'),
    reserved: reserved === null ? null : readReserved(readObject(object, 'reserved')),
  };
}

/** The keys of a finished registration, as they are kept from then on. */
export function toIdentityKeys(
  { serverUrl, identity }: Registration,
  { slug, slugBinding }: ReservedSlug,
): IdentityKeys {
  const { rootKey, deviceId, deviceKey, kemKey, identityCert } = identity;
  return {
    slug,
    deviceId,
    rootKey,
    deviceKey,
    kemKey,
    serverUrl,
    slugBindingJson: JSON.stringify(slugBinding),
    identityCertJson: JSON.stringify(identityCert),
    identityProfileJson: null,
  };
}

function readReserved(object: JsonObject): ReservedSlug {
  const { slug, pending_token: token } = object;
  if (!isSlug(slug)) throw unreadable('reserved.slug');
  if (token !== null && typeof token !== 'string') throw unreadable('reserved.pending_token');
  return { slug, token, slugBinding: readObject(object, 'slug_binding') };
}

function deviceIdFrom(deviceKey: SigningKey): DeviceId {
  return deviceIdOf(verifyKeyBytes(deviceKey.verifyKey));
}

function readSigningKey(object: JsonObject, name: string): SigningKey {
  return importSigningKey(readBytes(object, name), name);
}

function readKemKey(object: JsonObject): KemSecretKey {
  return importKemSecretKey(readBytes(object, 'kem_secret_key'), 'kem_secret_key');
}

function readBytes(object: JsonObject, name: string): Uint8Array {
  const bytes = decodeBase64url(readText(object, name));
  if (bytes === undefined) throw unreadable(name);
  return bytes;
}

function readText(object: JsonObject, name: string): string {
  const value = object[name];
  if (typeof value === 'string') return value;
  throw unreadable(name);
}

function readObject(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  if (isJsonObject(value)) return value;
  throw unreadable(name);
}

function unreadable(field: string): ClientError {
  const problem = `its member '${field}' is missing or wrong; begin again`;
  return new ClientError(`Cannot go on with the registration: ${problem}`, { code: 'store-failed', fields: { field } });
}
