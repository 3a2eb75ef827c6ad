// A server full of people, written straight into its tables: registering a thousand of them is not what is measured.
import { encodeBase64url, type JsonObject, seededRandom } from '@puffo/base';
import {
  createChannelId,
  createConnectFrame,
  createEnvelopeId,
  createSpaceId,
  type DeviceId,
  deviceIdOf,
  generateSigningKey,
  parseSlug,
  signRequest,
  type SigningKey,
  type Slug,
  type SubkeyId,
  subkeyIdOf,
  verifyKeyBytes,
} from '@puffo/protocol';
import { openDatabase, type Settings } from '@puffo/server';

const random = seededRandom(7);
const SUBKEY_LIFETIME_MS = 47 * 3_600_000;

export interface Member {
  readonly slug: Slug;
  readonly deviceId: DeviceId;
  readonly subkeyId: SubkeyId;
  readonly subkey: SigningKey;
}

export interface Population {
  readonly spaceId: string;
  /** By size: the first N members are in the channel of N. */
  readonly channels: ReadonlyMap<number, string>;
  readonly members: readonly Member[];
}

/** People with a device each in one space of a new database, and a channel of each size. */
export async function populate(settings: Settings, sizes: readonly number[]): Promise<Population> {
  const spaceId = createSpaceId(random);
  const channels = new Map(sizes.map((size) => [size, createChannelId(random)]));
  const count = Math.max(...sizes);
  const members = Array.from({ length: count }, (_, index) => createMember(index));
  const now = Date.now();
  await using database = await openDatabase(settings);
  await database.write(async (transaction) => {
    const [owner] = members;
    const name = 'bench';
    const common = { name, description: null, owner_slug: owner?.slug ?? '', created_at: now, deleted_at: null };
    await transaction
      .insertInto('spaces')
      .values({ space_id: spaceId, avatar_url: null, archived_at: null, ...common })
      .execute();
    for (const channel_id of channels.values()) {
      const channel = { channel_id, space_id: spaceId, is_public: 0, ...common };
      await transaction.insertInto('channels').values(channel).execute();
    }
    for (const [index, { slug, deviceId, subkeyId, subkey }] of members.entries()) {
      const root = `root of ${slug}`;
      const role = index === 0 ? 'owner' : 'member';
      const place = { slug, space_id: spaceId, role, joined_at: now } as const;
      await transaction
        .insertInto('identities')
        .values({
          root_public_key: root,
          slug,
          identity_type: 'human',
          operator_root_public_key: null,
          state: 'active',
          registered_at: now,
        })
        .execute();
      await transaction
        .insertInto('devices')
        .values({
          device_id: deviceId,
          root_public_key: root,
          slug,
          signing_public_key: 'unused',
          expires_at: null,
          revoked_from: null,
          registered_at: now,
        })
        .execute();
      await transaction
        .insertInto('subkeys')
        .values({
          subkey_id: subkeyId,
          device_id: deviceId,
          slug,
          public_key: subkey.verifyKey.publicKey,
          issued_at: now,
          expires_at: now + SUBKEY_LIFETIME_MS,
          cert: '{}',
        })
        .execute();
      await transaction
        .insertInto('space_members')
        .values({ ...place, auto_accept_owner_invite: 0, auto_accept_member_invite: 0 })
        .execute();
      for (const [size, channel_id] of channels) {
        if (index >= size) continue;
        await transaction
          .insertInto('channel_members')
          .values({ ...place, channel_id })
          .execute();
      }
    }
  });
  return { spaceId, channels, members };
}

function createMember(index: number): Member {
  const subkey = generateSigningKey(random);
  const deviceKey = generateSigningKey(random);
  return {
    slug: parseSlug(`member-${index.toString(16).padStart(4, '0')}`),
    deviceId: deviceIdOf(verifyKeyBytes(deviceKey.verifyKey)),
    subkeyId: subkeyIdOf(verifyKeyBytes(subkey.verifyKey)),
    subkey,
  };
}

export interface SignedPost {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * A message of the first member to the channel of `devices` members, ready to be sent. A server cannot tell its keys from
 * real ones.
 */
export function createPost({ spaceId, channels, members }: Population, devices: number): SignedPost {
  const [sender] = members;
  if (sender === undefined) throw new Error('nobody is there');
  const timestamp = Date.now();
  const envelope: JsonObject = {
    type: 'message_envelope',
    version: 1,
    envelope_id: createEnvelopeId(random),
    envelope_kind: 'channel',
    sender_slug: sender.slug,
    sent_at: timestamp,
    space_id: spaceId,
    channel_id: channels.get(devices) ?? '',
    recipient_slug: null,
    content_nonce: encodeBase64url(random.bytes(12)),
    content_ciphertext: encodeBase64url(random.bytes(700)),
    recipients: inOrder(members.slice(0, devices)).map(({ deviceId }) => ({
      device_id: deviceId,
      hpke_enc: encodeBase64url(random.bytes(32)),
      wrapped_content_key: encodeBase64url(random.bytes(48)),
    })),
  };
  const body = Buffer.from(JSON.stringify(envelope));
  return { headers: signAs(sender, { method: 'POST', target: '/messages', body }), body };
}

/** As our clients list them. */
function inOrder(members: readonly Member[]): readonly Member[] {
  return members.toSorted((left, right) => (left.deviceId < right.deviceId ? -1 : 1));
}

export function signAs(
  { slug, subkeyId, subkey }: Member,
  request: { readonly method: string; readonly target: string; readonly body: Uint8Array },
): Readonly<Record<string, string>> {
  const credentials = { slug, signerId: subkeyId, signingKey: subkey, timestamp: Date.now(), random };
  return { ...signRequest(request, credentials), 'content-type': 'application/json' };
}

export function connectFrame({ slug, subkeyId, subkey }: Member): string {
  return JSON.stringify(createConnectFrame({ slug, subkeyId, signingKey: subkey, timestamp: Date.now(), random }));
}
