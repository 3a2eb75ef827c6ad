import { type LogFields, seededRandom, silentLogger } from '@puffo/base';
import {
  formatIdentityFile,
  formatSessionFile,
  generateIdentity,
  generateSigningKey,
  type IdentityKeys,
  parseSlug,
  type SessionKeys,
  subkeyIdOf,
  verifyKeyBytes,
} from '@puffo/protocol';
import { describe, expect, test } from 'vitest';
import { createKeyFolder, type KeyFolder, type PrivateFiles } from '@puffo/client/node';

const NOW = 1_778_400_000_000;
const ALICE = parseSlug('alice-0001');
const BOB = parseSlug('bob-0002');

interface TestFolder {
  readonly keys: KeyFolder;
  readonly contents: Map<string, string>;
  readonly exposed: Set<string>;
  readonly warnings: (LogFields | undefined)[];
  readonly locked: string[];
  /** Called at each read, with the name. */
  onRead: (name: string) => void;
}

function makeFolder(contents: Readonly<Record<string, string>> = {}): TestFolder {
  const held = new Map(Object.entries(contents));
  const exposed = new Set<string>();
  const warnings: (LogFields | undefined)[] = [];
  const locked: string[] = [];
  const files: PrivateFiles = {
    folder: '/keys',
    list: () => Promise.resolve([...held.keys()]),
    read(name) {
      const text = held.get(name);
      folder.onRead(name);
      return Promise.resolve(text === undefined ? undefined : { text, wasExposed: exposed.delete(name) });
    },
    write: (name, text) => Promise.resolve(void held.set(name, text)),
    remove: (name) => Promise.resolve(void held.delete(name)),
    lock(name, work) {
      locked.push(name);
      return work();
    },
  };
  const log = { ...silentLogger, warn: (_: string, fields?: LogFields) => void warnings.push(fields) };
  const keys = createKeyFolder({ files, context: { clock: () => NOW, log } });
  const folder: TestFolder = { keys, contents: held, exposed, warnings, locked, onRead: () => undefined };
  return folder;
}

function identityOf(slug: typeof ALICE, seed: number): IdentityKeys {
  const { rootKey, deviceId, deviceKey, kemKey } = generateIdentity({
    operatorKey: null,
    issuedAt: NOW,
    random: seededRandom(seed),
  });
  const texts = { slugBindingJson: '{}', identityCertJson: null, identityProfileJson: null };
  return { slug, deviceId, rootKey, deviceKey, kemKey, serverUrl: 'https://chat.example', ...texts };
}

function sessionOf(seed: number, expiresAt: number | null): SessionKeys {
  const subkey = generateSigningKey(seededRandom(seed));
  return { slug: ALICE, subkey, subkeyId: subkeyIdOf(verifyKeyBytes(subkey.verifyKey)), expiresAt };
}

describe('a folder of keys', () => {
  test('lists identities in alphabetical order, and nothing else that lies beside them', async () => {
    const names = ['bob-0002.json', 'alice-0001.json', 'alice-0001.session.json', 'pending-carol.json', 'a.json.bak'];
    const more = ['registered-agents.json', 'Upper.json', '.alice-0001.json.x.tmp', 'alice-0003.json', '.json'];
    const { keys } = makeFolder(Object.fromEntries([...names, ...more].map((name) => [name, ''])));
    expect(await keys.listIdentities()).toEqual([ALICE, parseSlug('alice-0003'), BOB]);
    expect(await makeFolder().keys.listIdentities()).toEqual([]);
  });

  test('keeps an identity in the format of 0.7.2, and gives it back', async () => {
    const { keys, contents } = makeFolder();
    const identity = identityOf(ALICE, 1);
    await keys.saveIdentity(identity);
    expect([...contents]).toEqual([['alice-0001.json', formatIdentityFile(identity)]]);
    const loaded = await keys.loadIdentity(ALICE);
    expect(loaded === undefined ? '' : formatIdentityFile(loaded)).toBe(formatIdentityFile(identity));
    expect(await keys.loadIdentity(BOB)).toBeUndefined();
  });

  test('takes what is new about an identity, but never other keys in its place', async () => {
    const { keys, contents, locked } = makeFolder();
    const identity = identityOf(ALICE, 1);
    await keys.saveIdentity(identity);
    await keys.saveIdentity({ ...identity, identityProfileJson: '{"a":1}' });
    expect((await keys.loadIdentity(ALICE))?.identityProfileJson).toBe('{"a":1}');
    const before = contents.get('alice-0001.json');
    await expect(keys.saveIdentity(identityOf(ALICE, 2))).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('move that file away'),
    });
    expect(contents.get('alice-0001.json')).toBe(before);
    expect(locked).toEqual(['alice-0001.json', 'alice-0001.json', 'alice-0001.json']);
    await keys.removeIdentity(ALICE);
    expect([...contents.keys()]).toEqual([]);
  });

  test.each([
    ['is no JSON', '{', 'restore it from a backup'],
    ['lacks a member', '{"slug":"alice-0001"}', 'device_signing_secret_key'],
    ['is of somebody else', formatIdentityFile(identityOf(BOB, 3)), 'rename it to bob-0002.json'],
  ])(
    'says what to do with an identity that %s, without a word of it, and does not write over it',
    async (_, text, hint) => {
      const { keys, contents } = makeFolder({ 'alice-0001.json': text });
      const problem = { code: 'store-failed', message: expect.stringContaining(hint) };
      await expect(keys.loadIdentity(ALICE)).rejects.toMatchObject(problem);
      await expect(keys.loadIdentity(ALICE)).rejects.toThrow('/keys/alice-0001.json');
      await expect(keys.saveIdentity(identityOf(ALICE, 1))).rejects.toMatchObject(problem);
      expect(contents.get('alice-0001.json')).toBe(text);
    },
  );

  test('warns once of secrets that others could read', async () => {
    const { keys, exposed, warnings } = makeFolder({ 'alice-0001.json': formatIdentityFile(identityOf(ALICE, 1)) });
    exposed.add('alice-0001.json');
    await keys.loadIdentity(ALICE);
    await keys.loadIdentity(ALICE);
    expect(warnings).toEqual([{ file: 'alice-0001.json' }]);
  });
});

describe('the session beside an identity', () => {
  test.each([NOW + 1, null])('is kept and given back while it lives, here until %s', async (expiresAt) => {
    const { keys, contents } = makeFolder();
    const store = keys.sessionStoreOf(ALICE);
    expect(await store.load()).toBeUndefined();
    const session = sessionOf(1, expiresAt);
    await store.save(session);
    expect([...contents]).toEqual([['alice-0001.session.json', formatSessionFile(session)]]);
    expect(await store.load()).toMatchObject({ slug: ALICE, subkeyId: session.subkeyId, expiresAt });
  });

  test.each([NOW, NOW - 1])('is removed and absent when it has expired, here at %s', async (expiresAt) => {
    const { keys, contents } = makeFolder();
    const store = keys.sessionStoreOf(ALICE);
    await store.save(sessionOf(1, expiresAt));
    expect(await store.load()).toBeUndefined();
    expect([...contents]).toEqual([]);
  });

  test('is not removed when another process renewed it meanwhile', async () => {
    const folder = makeFolder();
    const store = folder.keys.sessionStoreOf(ALICE);
    await store.save(sessionOf(1, NOW - 1));
    const fresh = sessionOf(2, NOW + 1);
    folder.onRead = (name) => void folder.contents.set(name, formatSessionFile(fresh));
    expect((await store.load())?.subkeyId).toBe(fresh.subkeyId);
    expect(folder.contents.size).toBe(1);
  });

  test('is a protocol error when it cannot be understood, and can be replaced', async () => {
    const { keys } = makeFolder({ 'alice-0001.session.json': '{"slug":' });
    const store = keys.sessionStoreOf(ALICE);
    await expect(store.load()).rejects.toMatchObject({ name: 'ProtocolError', code: 'json_invalid' });
    await store.save(sessionOf(1, null));
    expect(await store.load()).toBeDefined();
  });

  test('is renewed by one process at a time', async () => {
    const { keys, locked } = makeFolder();
    expect(await keys.sessionStoreOf(ALICE).exclusively?.(() => Promise.resolve('done'))).toBe('done');
    expect(locked).toEqual(['alice-0001.session.json']);
  });
});

describe('pending registrations', () => {
  test('are kept by name, and are no identities', async () => {
    const { keys, contents } = makeFolder();
    await keys.savePending('carol', 'first');
    await keys.savePending('carol', 'second');
    await keys.savePending('bob', 'third');
    expect([...contents.keys()]).toEqual(['pending-carol.json', 'pending-bob.json']);
    expect(await keys.listPending()).toEqual(['bob', 'carol']);
    expect(await keys.loadPending('carol')).toBe('second');
    expect(await keys.loadPending('nobody')).toBeUndefined();
    expect(await keys.listIdentities()).toEqual([]);
    await keys.removePending('carol');
    expect(await keys.listPending()).toEqual(['bob']);
  });

  test.each(['', '../x', 'a/b', 'A', 'a.b', '-a', 'x'.repeat(81)])('cannot be called %j', async (name) => {
    const { keys, contents } = makeFolder();
    await expect(keys.savePending(name, 'text')).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(keys.loadPending(name)).rejects.toMatchObject({ code: 'invalid-input' });
    expect(contents.size).toBe(0);
  });
});
