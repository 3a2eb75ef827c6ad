// What the directory knows about the key that a request names. Asked anew for every request: a revocation counts at
// once, on every node. spec: wire-protocol 5.6 step 3
import { decodeBase64url } from '@puffo/base';
import { type DeviceId, importVerifyKey, type KnownSigner, type SubkeyId, type VerifyKey } from '@puffo/protocol';
import type { Database, Slots } from '@puffo/sql';
import { prepareOneRowQuery } from '../db/prepare-query.ts';
import type { ServerSchema } from '../db/schema.ts';

const MAX_KEYS = 10_000;

/** A known signer, and what else a caller is made of. */
export interface FoundSigner extends KnownSigner {
  readonly identityType: 'human' | 'agent';
  readonly rootPublicKey: string;
}

export type FindSigner = (signerId: SubkeyId | DeviceId) => Promise<FoundSigner | undefined>;

export function createFindSigner(database: Database<ServerSchema>): FindSigner {
  const importKey = createKeyCache();

  return async (signerId) => {
    const isDevice = signerId.startsWith('dev_');
    const find = isDevice ? findDevice : findSubkey;
    const { rows } = await find(database.db, { signerId });
    const [row] = rows;
    if (row === undefined) return undefined;
    return {
      kind: isDevice ? 'device' : 'subkey',
      // The tables hold only what was checked when it was registered.
      slug: row.slug as KnownSigner['slug'],
      deviceId: row.device_id as DeviceId,
      key: importKey(row.public_key),
      expiresAt: row.expires_at,
      deviceExpiresAt: row.device_expires_at,
      deviceRevokedFrom: row.revoked_from,
      isIdentityActive: row.state === 'active',
      identityType: row.identity_type,
      rootPublicKey: row.root_public_key,
    };
  };
}

interface SignerArgs {
  readonly signerId: string;
}

const findSubkey = prepareOneRowQuery((db, slot: Slots<SignerArgs>) =>
  db
    .selectFrom('subkeys')
    .innerJoin('devices', 'devices.device_id', 'subkeys.device_id')
    .innerJoin('identities', 'identities.root_public_key', 'devices.root_public_key')
    .where('subkeys.subkey_id', '=', slot('signerId'))
    .select([
      'subkeys.public_key as public_key',
      'subkeys.expires_at as expires_at',
      'devices.device_id as device_id',
      'devices.expires_at as device_expires_at',
      'devices.revoked_from as revoked_from',
      'identities.slug as slug',
      'identities.state as state',
      'identities.identity_type as identity_type',
      'identities.root_public_key as root_public_key',
    ]),
);

const findDevice = prepareOneRowQuery((db, slot: Slots<SignerArgs>) =>
  db
    .selectFrom('devices')
    .innerJoin('identities', 'identities.root_public_key', 'devices.root_public_key')
    .where('devices.device_id', '=', slot('signerId'))
    .select([
      'devices.signing_public_key as public_key',
      'devices.expires_at as expires_at',
      'devices.device_id as device_id',
      'devices.expires_at as device_expires_at',
      'devices.revoked_from as revoked_from',
      'identities.slug as slug',
      'identities.state as state',
      'identities.identity_type as identity_type',
      'identities.root_public_key as root_public_key',
    ]),
);

/** Importing a key costs more than finding its row. Keys never change, so nothing has to be forgotten for safety. */
function createKeyCache(): (publicKey: string) => VerifyKey {
  const keys = new Map<string, VerifyKey>();
  return (publicKey) => {
    const known = keys.get(publicKey);
    if (known !== undefined) return known;
    if (keys.size >= MAX_KEYS) keys.clear();
    const key = importVerifyKey(decodeBase64url(publicKey) ?? new Uint8Array(0));
    keys.set(publicKey, key);
    return key;
  };
}
