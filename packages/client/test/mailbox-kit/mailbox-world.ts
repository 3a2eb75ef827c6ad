// People who write real messages, and a server, a connection and a directory that do what a test says.
import {
  createAsyncQueue,
  type JsonObject,
  type JsonValue,
  type Random,
  seededRandom,
  silentLogger,
} from '@puffo/base';
import {
  createWrapPool,
  type DeviceId,
  type EnvelopeId,
  generateIdentity,
  generateSigningKey,
  issueDeviceRevocation,
  issueSlugBinding,
  issueSubkeyCert,
  type MessageSigner,
  type NewIdentity,
  parseChannelId,
  parseSlug,
  parseSpaceId,
  type Route,
  sealEnvelope,
  type ServerFrame,
  type Slug,
  type SubkeyId,
  type Verdict,
  type VerifiedSubkey,
  verifyDevice,
  verifyIdentity,
  verifySubkey,
} from '@puffo/protocol';
import {
  ClientError,
  type Connection,
  type ConnectionEvent,
  type ConnectionState,
  type HttpClient,
  type Inbound,
  type MailboxDirectory,
} from '../../src/index.ts';

export const NOW = 1_778_400_000_000;
const CHANNEL: Route = {
  kind: 'channel',
  spaceId: parseSpaceId('sp_9ae7a91d-7284-4514-af2d-3b35ec73c3db'),
  channelId: parseChannelId('ch_9b5aabe9-1ce4-497e-930f-bac3583e371e'),
};

export interface Member {
  readonly slug: Slug;
  readonly keys: NewIdentity;
  readonly signer: MessageSigner;
  readonly subkey: VerifiedSubkey;
}

const wrapPool = createWrapPool({ threads: 0 });

export function createMember(slugText: string, random: Random, issuedAt = NOW): Member {
  const slug = parseSlug(slugText);
  const keys = generateIdentity({ operatorKey: null, issuedAt, random });
  return memberOf(slug, keys, { random, issuedAt });
}

/** With another subkey, and revoked from a time on if it is given. */
export function memberOf(
  slug: Slug,
  keys: NewIdentity,
  {
    random,
    issuedAt = NOW,
    revokedFrom,
  }: { readonly random: Random; readonly issuedAt?: number; readonly revokedFrom?: number },
): Member {
  const { rootKey, deviceKey, deviceId, identityCert, deviceCert } = keys;
  const subkeyKey = generateSigningKey(random);
  const subkeyCert = issueSubkeyCert(deviceKey, { subkey: subkeyKey.verifyKey, issuedAt });
  const slugBinding = issueSlugBinding(rootKey, { slug, issuedAt });
  const identity = valueOf(verifyIdentity({ slug, identityCert, slugBinding }));
  const deviceRevocations =
    revokedFrom === undefined
      ? []
      : [issueDeviceRevocation(rootKey, { deviceId, effectiveFrom: revokedFrom, issuedAt: revokedFrom })];
  const subkey = valueOf(verifySubkey(valueOf(verifyDevice(identity, { deviceCert, deviceRevocations })), subkeyCert));
  return { slug, keys, subkey, signer: { slug, subkeyId: subkey.subkeyId, signingKey: subkeyKey } };
}

export interface Saying {
  readonly from: Member;
  readonly to: readonly Member[];
  readonly random: Random;
  readonly content?: JsonValue;
  readonly route?: Route;
  readonly sentAt?: number;
}

export async function say({ from, to, random, content = 'Hello', route = CHANNEL, sentAt = NOW }: Saying) {
  const recipients = to.map(({ keys }) => ({ deviceId: keys.deviceId, kemKey: keys.kemKey.kemPublicKey }));
  const message = { signer: from.signer, route, sentAt, contentType: 'text/plain', content, recipients };
  const { envelope } = await sealEnvelope(message, { random, wrapPool });
  return envelope.object;
}

export function idOf(envelope: JsonObject): EnvelopeId {
  return envelope['envelope_id'] as EnvelopeId;
}

export interface FakeDirectory extends MailboxDirectory {
  readonly subkeys: Map<SubkeyId, VerifiedSubkey>;
  readonly pins: Map<Slug, string>;
  readonly noted: number[];
  readonly connected: boolean[];
  readonly asked: SubkeyId[];
  /** What asking for a subkey ends in, instead of an answer. */
  failure: Error | 'never' | undefined;
  know(member: Member): void;
}

export function createFakeDirectory(): FakeDirectory {
  const directory: FakeDirectory = {
    subkeys: new Map(),
    pins: new Map(),
    noted: [],
    connected: [],
    asked: [],
    failure: undefined,
    know: ({ subkey }) => directory.subkeys.set(subkey.subkeyId, subkey),
    async findSubkey(slug, subkeyId) {
      directory.asked.push(subkeyId);
      if (directory.failure === 'never') await new Promise(() => undefined);
      if (directory.failure instanceof Error) throw directory.failure;
      const found = directory.subkeys.get(subkeyId);
      return found?.device.identity.slug === slug ? found : undefined;
    },
    findPin: async (slug) => directory.pins.get(slug),
    async pinOnFirstUse({ slug, rootKey }) {
      const pinned = directory.pins.get(slug) ?? rootKey.publicKey;
      directory.pins.set(slug, pinned);
      return pinned;
    },
    async noteCert({ seq }) {
      directory.noted.push(seq);
    },
    setConnected: (isConnected) => directory.connected.push(isConnected),
  };
  return directory;
}

export interface Posted {
  readonly seq: number;
  readonly envelope: JsonObject;
}

export interface FakeServer extends HttpClient {
  readonly pending: Map<EnvelopeId, Posted>;
  /** Numbers of the lists that were given out. */
  readonly lists: number[][];
  /** Ids per acknowledgement over HTTP. */
  readonly httpAcks: number[];
  failure: Error | undefined;
  /** Acknowledged and pending all the same. */
  isDeaf: boolean;
  /** Resolves before a list is answered. */
  gate: Promise<void>;
  post(envelope: JsonObject, seq?: number): Posted;
  acknowledge(envelopeIds: readonly string[]): void;
}

export function createFakeServer(): FakeServer {
  let lastSeq = 0;
  const server: FakeServer = {
    serverUrl: 'http://chat.test',
    pending: new Map(),
    lists: [],
    httpAcks: [],
    failure: undefined,
    isDeaf: false,
    gate: Promise.resolve(),
    post(envelope, seq = ++lastSeq) {
      lastSeq = Math.max(lastSeq, seq);
      const posted = { seq, envelope };
      server.pending.set(idOf(envelope), posted);
      return posted;
    },
    acknowledge(envelopeIds) {
      for (const id of server.isDeaf ? [] : envelopeIds) server.pending.delete(id as EnvelopeId);
    },
    async call(name: string, call: { readonly body?: unknown; readonly signal?: AbortSignal | undefined }) {
      if (server.failure !== undefined) throw server.failure;
      if (name === 'acknowledgeMessages') {
        const { envelope_ids: ids } = call.body as { readonly envelope_ids: readonly string[] };
        server.httpAcks.push(ids.length);
        server.acknowledge(ids);
        return { ok: true } as never;
      }
      await server.gate;
      call.signal?.throwIfAborted();
      const items = [...server.pending.values()];
      server.lists.push(items.map(({ seq }) => seq));
      return { messages: { items, unreadable: 0 } } as never;
    },
  };
  return server;
}

export interface FakeConnection extends Connection {
  readonly acked: EnvelopeId[];
  /** Ids per frame. */
  readonly ackFrames: number[];
  open(): void;
  say(frame: ServerFrame): void;
  deliver(posted: Posted): void;
  close(): void;
  stop(): void;
}

/** Acknowledgements reach `server`, unless `isLossy`. */
export function createFakeConnection(server: FakeServer): FakeConnection & { isLossy: boolean } {
  const events = createAsyncQueue<ConnectionEvent>(100_000);
  let state: ConnectionState = 'connecting';
  let count = 0;
  const connection: FakeConnection & { isLossy: boolean } = {
    acked: [],
    ackFrames: [],
    isLossy: false,
    get state() {
      return state;
    },
    events,
    onState: () => () => undefined,
    send(frame) {
      if (state !== 'open' || frame.type !== 'ack') return false;
      const ids = frame.envelope_ids as readonly EnvelopeId[];
      connection.ackFrames.push(ids.length);
      connection.acked.push(...ids);
      if (!connection.isLossy) server.acknowledge(ids);
      return true;
    },
    open() {
      state = 'open';
      events.add({ kind: 'open', connection: ++count });
    },
    say: (frame) => void events.add({ kind: 'frame', connection: count, frame }),
    deliver: (posted) => connection.say({ type: 'message', ...posted }),
    close() {
      state = 'waiting';
      events.add({ kind: 'closed', connection: count, code: 1006, retryInMs: 1000 });
    },
    stop() {
      state = 'stopped';
      events.add({ kind: 'closed', connection: count, code: 4403 });
      events.end();
    },
    async [Symbol.asyncDispose]() {
      connection.stop();
    },
  };
  return connection;
}

export const away = new ClientError('the server is away', { code: 'unreachable', retryable: true });

/** A word per message: what was said, or why it is not known. */
export function wordOf(inbound: Inbound): JsonValue {
  return inbound.kind === 'message' ? inbound.message.content : inbound.reason;
}

export function changed(envelope: JsonObject, members: JsonObject): JsonObject {
  return { ...envelope, ...members };
}

export const quiet = (seed: number, clock: () => number) => ({ clock, random: seededRandom(seed), log: silentLogger });

export function deviceOf({ keys }: Member): { readonly deviceId: DeviceId; readonly kemKey: NewIdentity['kemKey'] } {
  return { deviceId: keys.deviceId, kemKey: keys.kemKey };
}

function valueOf<Value>(verdict: Verdict<Value>): Value {
  if (verdict.kind === 'refused') throw new Error(`refused: ${verdict.reason}: ${verdict.message}`);
  return verdict.value;
}
