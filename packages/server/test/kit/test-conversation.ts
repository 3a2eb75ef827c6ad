// Channels and envelopes without the events and the cryptography that a server cannot see anyway.
import { encodeBase64url, isJsonArray, isJsonObject, type JsonObject } from '@puffo/base';
import { createChannelId, createEnvelopeId, createSpaceId, deviceIdOf } from '@puffo/protocol';
import { random, type TestPerson } from './test-person.ts';
import type { TestServer } from './test-server.ts';

export interface TestChannel {
  readonly kind: 'channel';
  readonly spaceId: string;
  readonly channelId: string;
}

export type TestRoute = TestChannel | { readonly kind: 'dm'; readonly recipientSlug: string };

/** A space with one channel and these members, written into the tables. */
export async function makeChannel(server: TestServer, members: readonly { slug: string }[]): Promise<TestChannel> {
  const { db } = server.context.database;
  const spaceId = createSpaceId(random);
  const channelId = createChannelId(random);
  const at = { created_at: server.clock.now, owner_slug: members[0]?.slug ?? 'nobody' };
  const space = { space_id: spaceId, name: 'Team', description: null, avatar_url: null };
  await db
    .insertInto('spaces')
    .values({ ...space, ...at, archived_at: null, deleted_at: null })
    .execute();
  const channel = { channel_id: channelId, space_id: spaceId, name: 'plans', description: null, is_public: 0 };
  await db
    .insertInto('channels')
    .values({ ...channel, ...at, deleted_at: null })
    .execute();
  for (const member of members) await addMember(server, { spaceId, channelId }, member.slug);
  return { kind: 'channel', spaceId, channelId };
}

async function addMember(
  server: TestServer,
  { spaceId, channelId }: { spaceId: string; channelId: string },
  slug: string,
): Promise<void> {
  const { db } = server.context.database;
  const member = { space_id: spaceId, slug, role: 'member' as const, joined_at: server.clock.now };
  const settings = { auto_accept_owner_invite: 0, auto_accept_member_invite: 0 };
  await db
    .insertInto('space_members')
    .values({ ...member, ...settings })
    .execute();
  await db
    .insertInto('channel_members')
    .values({ ...member, channel_id: channelId })
    .execute();
}

export async function removeMember(server: TestServer, { channelId }: TestChannel, slug: string): Promise<void> {
  const { db } = server.context.database;
  await db.deleteFrom('channel_members').where('channel_id', '=', channelId).where('slug', '=', slug).execute();
}

/** A further device of somebody, which only exists in the tables. */
export async function addDevice(
  server: TestServer,
  { slug }: TestPerson,
  state: { revokedFrom?: number; expiresAt?: number } = {},
): Promise<string> {
  const device_id = deviceIdOf(random.bytes(32));
  const { db } = server.context.database;
  const { root_public_key } = await db
    .selectFrom('identities')
    .where('slug', '=', slug)
    .select('root_public_key')
    .executeTakeFirstOrThrow();
  const key = { root_public_key, slug, signing_public_key: encodeBase64url(random.bytes(32)) };
  const ends = { expires_at: state.expiresAt ?? null, revoked_from: state.revokedFrom ?? null };
  await db
    .insertInto('devices')
    .values({ device_id, ...key, ...ends, registered_at: server.clock.now })
    .execute();
  return device_id;
}

/** Well formed, sealed with nothing. `to`: people, by their first device, or device ids. */
export function makeEnvelope(
  sender: TestPerson,
  { route, to }: { route: TestRoute; to: readonly (TestPerson | string)[] },
): JsonObject {
  return {
    type: 'message_envelope',
    version: 1,
    envelope_id: createEnvelopeId(random),
    envelope_kind: route.kind,
    sender_slug: sender.slug,
    sent_at: sender.server.clock.now,
    space_id: route.kind === 'channel' ? route.spaceId : null,
    channel_id: route.kind === 'channel' ? route.channelId : null,
    recipient_slug: route.kind === 'dm' ? route.recipientSlug : null,
    content_nonce: encodeBase64url(random.bytes(12)),
    content_ciphertext: encodeBase64url(random.bytes(64)),
    recipients: makeEntries(to),
  };
}

export function makeEntries(to: readonly (TestPerson | string)[]): JsonObject[] {
  return to.map((target) => ({
    device_id: typeof target === 'string' ? target : target.deviceId,
    hpke_enc: encodeBase64url(random.bytes(32)),
    wrapped_content_key: encodeBase64url(random.bytes(48)),
  }));
}

/** The items that wait for the person's device. */
export async function listWaiting(person: TestPerson, query = ''): Promise<readonly JsonObject[]> {
  const { messages } = await person.ok('GET', `/messages/pending${query}`);
  if (messages === undefined || !isJsonArray(messages)) throw new TypeError('no list');
  return messages.filter(isJsonObject);
}

/** The envelope of this id, if it waits. */
export async function findPending(person: TestPerson, id: unknown): Promise<JsonObject | undefined> {
  const envelopes = (await listWaiting(person)).map((item) => item['envelope'] as JsonObject);
  return envelopes.find((envelope) => envelope['envelope_id'] === id);
}
