// Somebody who speaks to a server: keys, signed calls, and the steps every scenario begins with.
import { encodeBase64url, encodeUtf8, type JsonObject, type JsonValue, seededRandom } from '@puffo/base';
import {
  createChannelId,
  createEventId,
  createSpaceId,
  type DeviceId,
  generateIdentity,
  generateSigningKey,
  issueOperatorAttestation,
  issueSlugBinding,
  issueSubkeyCert,
  type NewIdentity,
  parseSlug,
  type RequestCredentials,
  signEvent,
  type SigningKey,
  signRequest,
  type Slug,
  type SubkeyId,
  subkeyIdOf,
  verifyKeyBytes,
} from '@puffo/protocol';

export const random = seededRandom(Date.now() % 1e9);

/** What a person needs of a server: where it is and what time it is there. */
export interface Place {
  readonly url: string;
  readonly clock: { readonly now: number };
}

export interface Response {
  readonly status: number;
  /** Parsed JSON; `undefined` for an empty body. */
  readonly body: JsonObject;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

export interface TestPerson {
  readonly server: Place;
  readonly slug: Slug;
  readonly identity: NewIdentity;
  readonly deviceId: DeviceId;
  readonly subkeyId: SubkeyId;
  readonly subkey: SigningKey;
  readonly subkeyCert: JsonObject;
  /** A call signed by the subkey. `body`: JSON, or bytes as they are. */
  call(method: string, target: string, body?: unknown): Promise<Response>;
  callAs(credentials: RequestCredentials, method: string, target: string, body?: unknown): Promise<Response>;
  /** As `call`, and fails with the answer when it is no success. */
  ok(method: string, target: string, body?: unknown): Promise<JsonObject>;
  /** Signs an event and posts it alone. */
  post(spaceId: string, kind: string, payload: JsonObject): Promise<Response>;
  signEvent(kind: string, payload: JsonObject): JsonObject;
}

/** Signs up a person and registers a subkey. */
export async function signUp(server: Place, username = 'alice', invite_code = 'none'): Promise<TestPerson> {
  const issuedAt = server.clock.now;
  const identity = generateIdentity({ operatorKey: null, issuedAt, random });
  const { identityCert: identity_cert, deviceCert: device_cert } = identity;
  const answer = await unsigned(server, '/signup', { invite_code, username, identity_cert, device_cert });
  return finish(server, { identity, slug: textOf(answer['slug']), token: textOf(answer['pending_token']) });
}

/** Registers an agent of `operator`, and a subkey for it. */
export async function registerAgent(operator: TestPerson, username = 'helper'): Promise<TestPerson> {
  const { server } = operator;
  const issuedAt = server.clock.now;
  const operatorKey = operator.identity.rootKey;
  const identity = generateIdentity({ operatorKey: operatorKey.verifyKey, issuedAt, random });
  const attestation = issueOperatorAttestation(operatorKey, { agentKey: identity.rootKey.verifyKey, issuedAt, random });
  const { identityCert: identity_cert, deviceCert: device_cert } = identity;
  const answer = await operator.ok('POST', '/agents', { username, identity_cert, device_cert, attestation });
  return finish(server, { identity, slug: textOf(answer['agent_slug']), token: textOf(answer['pending_token']) });
}

async function finish(
  server: Place,
  { identity, slug: slugText, token }: { identity: NewIdentity; slug: string; token: string },
): Promise<TestPerson> {
  const slug = parseSlug(slugText);
  const issuedAt = server.clock.now;
  const slug_binding = issueSlugBinding(identity.rootKey, { slug, issuedAt });
  await unsigned(server, '/certs/slug_binding', { pending_token: token, slug_binding });
  const subkey = generateSigningKey(random);
  const person = createPerson(server, { identity, slug, subkey });
  const device = { slug, signerId: identity.deviceId, signingKey: identity.deviceKey };
  const registered = await person.callAs(device, 'POST', '/devices/subkeys', { subkey_cert: person.subkeyCert });
  if (registered.status >= 300) throw new Error(`subkey refused: ${JSON.stringify(registered.body)}`);
  return person;
}

function createPerson(
  server: Place,
  { identity, slug, subkey }: { identity: NewIdentity; slug: Slug; subkey: SigningKey },
): TestPerson {
  const { deviceId } = identity;
  const subkeyId = subkeyIdOf(verifyKeyBytes(subkey.verifyKey));
  const own = { slug, signerId: subkeyId, signingKey: subkey };

  async function callAs(
    credentials: RequestCredentials,
    method: string,
    target: string,
    body?: unknown,
  ): Promise<Response> {
    const bytes = toBytes(body);
    const headers = signRequest(
      { method, target, body: bytes },
      { ...credentials, timestamp: server.clock.now, random },
    );
    const init = { method, headers: { ...headers, 'content-type': 'application/json' } };
    return read(await fetch(server.url + target, bytes.length === 0 ? init : { ...init, body: bytes }));
  }

  function sign(kind: string, payload: JsonObject): JsonObject {
    const nonce = encodeBase64url(random.bytes(32));
    const event = { eventId: createEventId(random), kind, payload: { ...payload, nonce } };
    return signEvent({ ...event, signerSlug: slug, signerDeviceId: deviceId, signerSubkeyId: subkeyId }, subkey);
  }

  const person: TestPerson = {
    server,
    slug,
    identity,
    deviceId,
    subkeyId,
    subkey,
    subkeyCert: issueSubkeyCert(identity.deviceKey, { subkey: subkey.verifyKey, issuedAt: server.clock.now }),
    callAs,
    call: (method, target, body) => callAs(own, method, target, body),
    async ok(method, target, body) {
      const response = await callAs(own, method, target, body);
      if (response.status < 300) return response.body;
      throw new Error(`${method} ${target}: ${response.status} ${JSON.stringify(response.body)}`);
    },
    signEvent: sign,
    post: (spaceId, kind, payload) =>
      callAs(own, 'POST', '/spaces/events', { space_id: spaceId, events: [sign(kind, payload)] }),
  };
  return person;
}

/** What the device signs with. */
export function deviceOf({ slug, identity }: TestPerson): RequestCredentials {
  return { slug, signerId: identity.deviceId, signingKey: identity.deviceKey };
}

const HOUR_MS = 60 * 60_000;

/** Of a new subkey of the person's device. */
export function createSubkeyCert(
  { server, identity }: TestPerson,
  { at = server.clock.now, lifetimeMs = HOUR_MS } = {},
): JsonObject {
  const subkey = generateSigningKey(random).verifyKey;
  return issueSubkeyCert(identity.deviceKey, { subkey, issuedAt: at, lifetimeMs });
}

/** A space with a channel of its own besides the public one, made by `owner`. */
export async function createSpace(
  owner: TestPerson,
): Promise<{ readonly spaceId: string; readonly channelId: string }> {
  const spaceId = createSpaceId(random);
  const channelId = createChannelId(random);
  const created_at = owner.server.clock.now;
  const events = [
    owner.signEvent('create_space', { space_id: spaceId, name: 'Team', created_at }),
    owner.signEvent('create_channel', { space_id: spaceId, channel_id: channelId, name: 'plans', created_at }),
  ];
  await owner.ok('POST', '/spaces/events', { space_id: spaceId, events });
  return { spaceId, channelId };
}

/** Invites `guest` to the space and to one channel, and accepts for them. */
export async function join(
  owner: TestPerson,
  guest: TestPerson,
  place: { spaceId: string; channelId: string },
): Promise<void> {
  const at = owner.server.clock.now;
  const { spaceId: space_id, channelId } = place;
  const invite = owner.signEvent('invite_to_space', {
    space_id,
    invitee_slug: guest.slug,
    initial_channel_ids: [channelId],
    issued_at: at,
  });
  await owner.ok('POST', '/spaces/events', { space_id, events: [invite] });
  const invitation_event_id = textOf(invite['event_id']);
  const accept = guest.signEvent('accept_space_invite', { space_id, invitation_event_id, accepted_at: at });
  await guest.ok('POST', '/spaces/events', { space_id, events: [accept] });
}

export async function unsigned(server: Place, target: string, body?: unknown): Promise<JsonObject> {
  const init = body === undefined ? {} : { method: 'POST', body: toBytes(body) };
  const response = await read(await fetch(server.url + target, init));
  if (response.status < 300) return response.body;
  throw new Error(`${target}: ${response.status} ${JSON.stringify(response.body)}`);
}

function toBytes(body: unknown): Uint8Array<ArrayBuffer> {
  if (body === undefined) return new Uint8Array(0);
  return body instanceof Uint8Array ? new Uint8Array(body) : encodeUtf8(JSON.stringify(body));
}

async function read(response: globalThis.Response): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  const body = (isJson && bytes.length > 0 ? JSON.parse(Buffer.from(bytes).toString()) : {}) as JsonObject;
  return { status: response.status, body, headers: response.headers, bytes };
}

/** A text in an answer; anything else fails the test where it is. */
export function textOf(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`expected text, got ${JSON.stringify(value)}`);
}
