// One owner of the subkey: kept, renewed ahead of its end, and replaced once when it is refused. spec: wire-protocol 5.5
import { createKeyedMutex, isJsonObject, type JsonObject } from '@puffo/base';
import {
  LIMITS,
  ProtocolError,
  type SessionKeys,
  subkeyIdOf,
  type SubkeyId,
  verifyKeyBytes,
  verifySubkeyCert,
} from '@puffo/protocol';
import { describe, expect, test } from 'vitest';
import {
  ClientError,
  createHttpClient,
  deviceCredentialsOf,
  type HttpClient,
  openSession,
  type Session,
  type SessionStore,
} from '../src/index.ts';
import { createNodePlatform } from '../src/node/index.ts';
import { createContext, createKeys, createSessionKeys, NOW, type TestContext } from './kit/keys.ts';
import { answerJson, startRawServer } from './kit/raw-server.ts';

const FIVE_MINUTES_MS = LIMITS.subkeyRenewalMs;

interface FakeStore extends SessionStore {
  exclusively?: <Result>(work: () => Promise<Result>) => Promise<Result>;
  kept: SessionKeys | undefined;
  /** Rejected with, when there is one. */
  loadFailure?: Error;
  saveFailure?: Error;
}

function createStore(kept?: SessionKeys): FakeStore {
  const store: FakeStore = {
    kept,
    load: () => (store.loadFailure === undefined ? Promise.resolve(store.kept) : Promise.reject(store.loadFailure)),
    save(session) {
      if (store.saveFailure !== undefined) return Promise.reject(store.saveFailure);
      store.kept = session;
      return Promise.resolve();
    },
  };
  return store;
}

interface World {
  readonly context: TestContext;
  readonly session: Session;
  readonly store: FakeStore;
  /** Certificates that were to be registered, oldest first. */
  readonly certs: readonly JsonObject[];
  readonly waits: readonly number[];
}

interface WorldOptions {
  readonly kept?: (context: TestContext) => SessionKeys;
  /** What the server says to each registration; absent or past the end: yes. */
  readonly failures?: readonly Error[];
  /** Awaited before each answer. */
  readonly gate?: Promise<void>;
}

function open({ kept, failures = [], gate }: WorldOptions = {}): World {
  const context = createContext(7);
  const store = createStore(kept?.(context));
  const certs: JsonObject[] = [];
  const waits: number[] = [];
  const http = {
    serverUrl: 'http://127.0.0.1',
    async call(name: string, call: { readonly attempts: number; readonly body: { readonly subkey_cert: JsonObject } }) {
      expect([name, call.attempts], 'the session itself decides what is sent again').toEqual(['registerSubkey', 1]);
      certs.push(call.body.subkey_cert);
      await gate;
      const failure = failures[certs.length - 1];
      if (failure !== undefined) throw failure;
      return { ok: true };
    },
  } as unknown as HttpClient;
  const keys = createKeys(context);
  const wait = (delayMs: number) => {
    waits.push(delayMs);
    return Promise.resolve();
  };
  return { context, store, certs, waits, session: openSession({ keys, store, http, context, wait }) };
}

function livesFor(lifeMs: number | null) {
  const expiresAt = lifeMs === null ? null : NOW + lifeMs;
  return (context: TestContext) => createSessionKeys(context, { expiresAt });
}

function refusal(options: Partial<ConstructorParameters<typeof ClientError>[1]>): ClientError {
  return new ClientError('Cannot register subkey', { code: 'refused', ...options });
}

describe('getSubkey', () => {
  test.each([
    ['a subkey with more than five minutes to live', FIVE_MINUTES_MS + 1, 0],
    ['a subkey that never ends', null, 0],
    ['a subkey with five minutes to live', FIVE_MINUTES_MS, 1],
    ['a subkey that has ended', -1, 1],
  ])('with %s registers another one only when needed', async (_what, lifeMs, registered) => {
    const { session, certs, store } = open({ kept: livesFor(lifeMs) });
    const before = store.kept?.subkeyId;
    const { signerId, slug } = await session.getSubkey();
    expect(certs).toHaveLength(registered);
    expect(slug).toBe(session.slug);
    expect(signerId === before).toBe(registered === 0);
    expect(store.kept?.subkeyId).toBe(signerId);
  });

  test('registers one for 47 hours that the device has certified', async () => {
    const { session, certs, store, context } = open();
    const { signerId, signingKey } = await session.getSubkey();
    expect(signerId).toBe(subkeyIdOf(verifyKeyBytes(signingKey.verifyKey)));
    const { deviceId, deviceKey } = session.keys;
    const [cert] = certs;
    expect(verifySubkeyCert(cert, { deviceId, signingKey: deviceKey.verifyKey })).toMatchObject({
      kind: 'valid',
      value: { subkeyId: signerId, expiresAt: NOW + LIMITS.subkeyIssueMs },
    });
    expect(store.kept?.expiresAt).toBe(NOW + LIMITS.subkeyIssueMs);
    context.now += LIMITS.subkeyIssueMs - FIVE_MINUTES_MS;
    expect((await session.getSubkey()).signerId).not.toBe(signerId);
    expect(certs).toHaveLength(2);
  });

  test('does not take the subkey of somebody else', async () => {
    const { session, certs } = open({
      kept: (context) => createSessionKeys(context, { slug: createKeys(context, 'bob-0002').slug }),
    });
    expect((await session.getSubkey()).slug).toBe('alice-0001');
    expect(certs).toHaveLength(1);
  });

  test('registers one for all who ask at the same time', async () => {
    const { session, certs } = open();
    const all = await Promise.all(Array.from({ length: 20 }, () => session.getSubkey()));
    expect(new Set(all.map(({ signerId }) => signerId)).size).toBe(1);
    expect(certs).toHaveLength(1);
  });

  test('registers one for two processes on one store, one of which waits', async () => {
    const { session, store, certs } = open();
    const mutex = createKeyedMutex<'store'>();
    store.exclusively = (work) => mutex.run('store', work);
    const other = open();
    const second = openSession({
      keys: session.keys,
      store,
      http: { call: () => Promise.reject(new Error('it need not register')) } as unknown as HttpClient,
      context: other.context,
    });
    const [one, two] = await Promise.all([session.getSubkey(), second.getSubkey()]);
    expect(two.signerId).toBe(one.signerId);
    expect(certs).toHaveLength(1);
  });

  test('replaces a file that cannot be understood', async () => {
    const { session, store, certs } = open();
    store.loadFailure = new ProtocolError('json_invalid', 'Cannot read session file: it is not JSON');
    await session.getSubkey();
    expect(certs).toHaveLength(1);
  });

  test('fails when the store cannot be read, and registers nothing', async () => {
    const { session, store, certs } = open();
    store.loadFailure = new Error('EACCES: /home/alice');
    await expect(session.getSubkey()).rejects.toMatchObject({ code: 'store-failed' });
    await expect(session.getSubkey()).rejects.toThrow(/^(?!.*alice)/);
    expect(certs).toEqual([]);
  });

  test('gives nothing away that is not kept', async () => {
    const { session, store } = open({ kept: livesFor(0) });
    const before = store.kept;
    store.saveFailure = new Error('ENOSPC');
    await expect(session.getSubkey()).rejects.toMatchObject({ code: 'store-failed' });
    expect(store.kept).toBe(before);
    delete store.saveFailure;
    expect((await session.getSubkey()).signerId).toBe(store.kept?.subkeyId);
  });

  test('leaves what was kept when the server refuses, and tries anew when it is asked again', async () => {
    const failure = refusal({ apiCode: 'FORBIDDEN' });
    const { session, store, certs } = open({ kept: livesFor(0), failures: [failure] });
    const before = store.kept;
    await expect(session.getSubkey()).rejects.toBe(failure);
    expect(store.kept).toBe(before);
    await session.getSubkey();
    expect(certs).toHaveLength(2);
    expect(store.kept).not.toBe(before);
  });
});

describe('a registration', () => {
  test.each([
    ['a device that is not known yet', refusal({ apiCode: 'DEVICE_NOT_FOUND' }), 4],
    ['a device that is not proven yet', refusal({ code: 'unauthorized' }), 4],
    ['no answer', refusal({ code: 'unreachable', retryable: true }), 4],
    ['a server that asks for a moment', refusal({ code: 'rate-limited', retryable: true, retryAfterMs: 1000 }), 4],
    ['a server that asks for an hour', refusal({ code: 'rate-limited', retryable: true, retryAfterMs: 3.6e6 }), 1],
    ['a wrong clock', refusal({ code: 'unauthorized', fields: { clockSkewMs: 900_000 } }), 1],
    ['a certificate that is refused', refusal({ apiCode: 'INVALID_PAYLOAD' }), 1],
    ['a failure that nobody expects', new TypeError('broken'), 1],
  ])('that meets %s is repeated as far as that helps', async (_what, failure, sent) => {
    const { session, certs, waits } = open({ failures: Array.from({ length: 9 }, () => failure) });
    await expect(session.getSubkey()).rejects.toBe(failure);
    expect(certs).toHaveLength(sent);
    expect(new Set(certs).size, 'a lost answer must not cost a subkey').toBe(1);
    expect(waits).toHaveLength(sent - 1);
    expect(waits.every((delayMs) => delayMs >= 250)).toBe(true);
  });

  test('succeeds once the server knows the device', async () => {
    const { session, certs, store } = open({ failures: [refusal({ apiCode: 'DEVICE_NOT_FOUND' })] });
    const { signerId } = await session.getSubkey();
    expect(certs).toHaveLength(2);
    expect(store.kept?.subkeyId).toBe(signerId);
  });
});

describe('renewSubkey', () => {
  test('makes one new subkey for all who were refused with the same', async () => {
    const { session, certs } = open({ kept: livesFor(null) });
    const { signerId } = await session.getSubkey();
    const all = await Promise.all(Array.from({ length: 20 }, () => session.renewSubkey(signerId)));
    expect(new Set(all.map((each) => each.signerId)).size).toBe(1);
    expect(all[0]?.signerId).not.toBe(signerId);
    expect(certs).toHaveLength(1);
  });

  test('makes none for a late one that was refused with an older', async () => {
    const { session, certs } = open({ kept: livesFor(null) });
    const { signerId: old } = await session.getSubkey();
    const renewed = await session.renewSubkey(old);
    expect((await session.renewSubkey(old)).signerId).toBe(renewed.signerId);
    expect(certs).toHaveLength(1);
  });

  test('takes what another process with the same keys has put into the store', async () => {
    const { session, certs, store, context } = open({ kept: livesFor(null) });
    const { signerId } = await session.getSubkey();
    const theirs = createSessionKeys(context);
    store.kept = theirs;
    expect((await session.renewSubkey(signerId)).signerId).toBe(theirs.subkeyId);
    expect(certs).toEqual([]);
  });

  test('does not hand out what was refused to one who joins while it is being loaded', async () => {
    const { session, certs, store } = open({ kept: livesFor(null) });
    const refused = store.kept?.subkeyId as SubkeyId;
    const [loaded, renewed] = await Promise.all([session.getSubkey(), session.renewSubkey(refused)]);
    expect(loaded.signerId).toBe(refused);
    expect(renewed.signerId).not.toBe(refused);
    expect(certs).toHaveLength(1);
  });
});

test('twenty calls that are refused at once share one renewal, and all succeed', async () => {
  const context = createContext(9);
  const keys = createKeys(context);
  const old = createSessionKeys(context);
  const store = createStore(old);
  let registrations = 0;
  await using server = await startRawServer((response, { target, headers, body }) => {
    if (target === '/devices/subkeys') {
      registrations++;
      const text: unknown = JSON.parse(new TextDecoder().decode(body));
      expect(isJsonObject(text) && isJsonObject(text['subkey_cert'])).toBe(true);
      expect(headers['x-puffo-signer-id']).toBe(keys.deviceId);
      return answerJson(response, { ok: true });
    }
    response.sendDate = false;
    const isOld = headers['x-puffo-signer-id'] === old.subkeyId;
    return isOld ? answerJson(response, { error: 'UNAUTHORIZED' }, 401) : answerJson(response, { spaces: [] });
  });
  await using platform = createNodePlatform({ environment: {} });
  const connection = { serverUrl: server.url, transport: platform.transport, context };
  const http = createHttpClient({ ...connection, credentials: { deviceCredentials: deviceCredentialsOf(keys) } });
  const session = openSession({ keys, store, http, context });
  const client = createHttpClient({ ...connection, credentials: session });
  await Promise.all(Array.from({ length: 20 }, () => client.call('listSpaces', {})));
  expect(registrations).toBe(1);
  expect(store.kept?.subkeyId).not.toBe(old.subkeyId);
});
