// A chat server in a hundred lines for the tests of the outbox: it keeps messages by their id, and fails when it is told to.
import { type JsonObject, type JsonValue, seededRandom, silentLogger } from '@puffo/base';
import {
  decodeEnvelope,
  type DeviceId,
  generateIdentity,
  generateKemSecretKey,
  generateSigningKey,
  issueDeviceCert,
  issueDeviceRevocation,
  issueSlugBinding,
  type KemSecretKey,
  type NewIdentity,
  openEnvelope,
  parseSlug,
  type Slug,
  subkeyIdOf,
  type VerifiedDevice,
  verifyDevice,
  verifyIdentity,
  verifyKeyBytes,
  type Verdict,
} from '@puffo/protocol';
import { ClientError, type ClientErrorOptions } from '../../src/client-error.ts';
import type { ClientContext } from '../../src/context.ts';
import type { Person, PersonProblem } from '../../src/directory/directory.ts';
import type { CallOptions, HttpClient } from '../../src/http/http-client.ts';

export interface TestClock {
  now: number;
}

export interface World {
  readonly clock: TestClock;
  readonly context: ClientContext;
  readonly server: FakeServer;
  readonly directory: FakeDirectory;
  person(name: string): TestPerson;
}

export interface TestPerson {
  readonly slug: Slug;
  readonly identity: NewIdentity;
  readonly person: Person;
  readonly devices: readonly TestDevice[];
  addDevice(): TestDevice;
  revoke(deviceId: DeviceId): void;
}

interface TestDevice {
  readonly deviceId: DeviceId;
  readonly kemKey: KemSecretKey;
  readonly verified: VerifiedDevice;
}

export interface FakeDirectory {
  /** What it knows; people come in with their devices of then. */
  know(person: TestPerson): void;
  problem(problem: PersonProblem): void;
  /** Each call of `getPeople`. */
  readonly asked: { readonly slugs: readonly Slug[]; readonly isFresh: boolean }[];
  getPeople(
    slugs: readonly Slug[],
    options?: { readonly isFresh?: boolean },
  ): Promise<{ readonly people: ReadonlyMap<Slug, Person>; readonly problems: readonly PersonProblem[] }>;
}

/** Before: as if nothing had arrived. After: it is stored, and the answer got lost. */
export type Failure = {
  readonly when: 'before' | 'after';
  readonly error: ClientError;
};

export interface FakeServer extends HttpClient {
  /** Posted objects, in order, refused ones included. */
  readonly posted: JsonObject[];
  /** Accepted ones: as stored first, with all recipients that were added. */
  readonly accepted: Map<string, { object: JsonObject; seq: number; devices: Set<string> }>;
  /** Taken one by one, for the next postings. */
  readonly failures: (Failure | undefined)[];
  /** Device ids of the audience; a posting is told which of them it did not list. */
  audience: readonly DeviceId[];
  /** Resolves before each posting is worked on. */
  gate: Promise<void>;
}

export function createWorld(seed = 1): World {
  const clock: TestClock = { now: 1_780_000_000_000 };
  const random = seededRandom(seed);
  const context: ClientContext = { clock: () => clock.now, random, log: silentLogger };
  return {
    clock,
    context,
    server: createFakeServer(clock),
    directory: createFakeDirectory(),
    person: (name) => createPerson(name, context),
  };
}

function createPerson(name: string, { random, clock }: ClientContext): TestPerson {
  const slug = parseSlug(`${name}-0001`);
  const identity = generateIdentity({ operatorKey: null, issuedAt: clock(), random });
  const slugBinding = issueSlugBinding(identity.rootKey, { slug, issuedAt: clock() });
  const verified = valid(verifyIdentity({ slug, identityCert: identity.identityCert, slugBinding }));
  const certs = [{ deviceId: identity.deviceId, kemKey: identity.kemKey, deviceCert: identity.deviceCert }];
  const revocations: JsonObject[] = [];

  function listDevices(): readonly TestDevice[] {
    return certs.map(({ deviceId, kemKey, deviceCert }) => ({
      deviceId,
      kemKey,
      verified: valid(verifyDevice(verified, { deviceCert, deviceRevocations: revocations })),
    }));
  }

  return {
    slug,
    identity,
    get person() {
      return { identity: verified, devices: listDevices().map((device) => device.verified) };
    },
    get devices() {
      return listDevices();
    },
    addDevice() {
      const signingKey = generateSigningKey(random);
      const kemKey = generateKemSecretKey(random);
      const issuedAt = clock();
      const deviceCert = issueDeviceCert(identity.rootKey, {
        signingKey: signingKey.verifyKey,
        kemKey: kemKey.kemPublicKey,
        issuedAt,
      });
      const device = valid(verifyDevice(verified, { deviceCert }));
      certs.push({ deviceId: device.deviceId, kemKey, deviceCert });
      return { deviceId: device.deviceId, kemKey, verified: device };
    },
    revoke(deviceId) {
      const at = clock();
      revocations.push(issueDeviceRevocation(identity.rootKey, { deviceId, effectiveFrom: at, issuedAt: at }));
    },
  };
}

function createFakeDirectory(): FakeDirectory {
  const known = new Map<Slug, Person>();
  const problems = new Map<Slug, PersonProblem>();
  const asked: { readonly slugs: readonly Slug[]; readonly isFresh: boolean }[] = [];
  return {
    asked,
    know: ({ slug, person }) => known.set(slug, person),
    problem: (problem) => problems.set(problem.slug, problem),
    async getPeople(slugs, { isFresh = false } = {}) {
      asked.push({ slugs, isFresh });
      const found = slugs.flatMap((slug) => {
        const person = known.get(slug);
        return person === undefined || problems.has(slug) ? [] : [[slug, person] as const];
      });
      return { people: new Map(found), problems: slugs.flatMap((slug) => problems.get(slug) ?? []) };
    },
  };
}

function createFakeServer(clock: TestClock): FakeServer {
  let lastSeq = 0;

  function accept(object: JsonObject) {
    const id = textOf(object['envelope_id']);
    const stored = server.accepted.get(id);
    const devices = devicesOf(object);
    const isSame = ['content_nonce', 'content_ciphertext', 'sent_at'].every(
      (name) => stored?.object[name] === object[name],
    );
    if (stored !== undefined && !isSame) throw refusal({ status: 409, apiCode: 'CONFLICT' });
    if (stored === undefined && Math.abs(Number(object['sent_at']) - clock.now) > 300_000) {
      throw refusal({ status: 400, apiCode: 'INVALID_PAYLOAD' });
    }
    const entry = stored ?? { object, seq: ++lastSeq, devices: new Set<string>() };
    for (const device of devices) entry.devices.add(device);
    server.accepted.set(id, entry);
    const missing_devices = server.audience.filter((device) => !entry.devices.has(device));
    return { ok: true, envelope_id: id, seq: entry.seq, replay: stored !== undefined, missing_devices };
  }

  const server: FakeServer = {
    serverUrl: 'http://chat.test',
    posted: [],
    accepted: new Map(),
    failures: [],
    audience: [],
    gate: Promise.resolve(),
    async call(name: string, call: CallOptions & { readonly body?: unknown }) {
      if (name !== 'sendMessage') throw new TypeError(`nobody taught this server ${name}`);
      await server.gate;
      if (call.signal?.aborted === true) throw new ClientError('stopped', { code: 'aborted' });
      const object = call.body as JsonObject;
      server.posted.push(object);
      const failure = server.failures.shift();
      if (failure?.when === 'before') throw failure.error;
      const answer = accept(object);
      if (failure !== undefined) throw failure.error;
      return answer as never;
    },
  };
  return server;
}

export function devicesOf(object: JsonObject): readonly string[] {
  return (object['recipients'] as readonly JsonObject[]).map((entry) => textOf(entry['device_id']));
}

/** What `device` reads, or why it does not. */
export function readAs(device: Pick<TestDevice, 'deviceId' | 'kemKey'>, object: JsonObject): JsonValue {
  const opened = openEnvelope(decodeEnvelope(object), device);
  return opened.kind === 'valid' ? opened.value.payload.content : opened.reason;
}

export function failure(code: ClientError['code'], options: Partial<ClientErrorOptions> = {}): ClientError {
  const retryable = ['unreachable', 'timeout', 'rate-limited', 'server-failed'].includes(code);
  return new ClientError(`scripted: ${code}`, { code, retryable, ...options });
}

export function refusal(options: Partial<ClientErrorOptions>): ClientError {
  return failure('refused', options);
}

export function signerOf({ slug, identity }: TestPerson) {
  const { deviceKey } = identity;
  const signerId = subkeyIdOf(verifyKeyBytes(deviceKey.verifyKey));
  return { slug, getSubkey: async () => ({ slug, signerId, signingKey: deviceKey }) };
}

function valid<Value>(verdict: Verdict<Value>): Value {
  if (verdict.kind === 'valid') return verdict.value;
  throw new Error(verdict.message);
}

function textOf(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  throw new TypeError('a text is missing');
}
