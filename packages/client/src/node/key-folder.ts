// The folder with the identities of this machine, as puffo-cli and puffo-agent 0.7.2 share it. Files are read and written
// by whoever knows the system. spec: daemon-and-cli 1.9, D-13
import {
  formatIdentityFile,
  formatSessionFile,
  type IdentityKeys,
  isSlug,
  parseIdentityFile,
  parseSessionFile,
  ProtocolError,
  type SessionKeys,
  type Slug,
} from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { SessionStore } from '../session/session.ts';

/** Secret files of one folder, by name. */
export interface PrivateFiles {
  /** For messages. */
  readonly folder: string;
  /** None when there is no folder. */
  list(): Promise<readonly string[]>;
  /** `wasExposed`: others could read it until now. */
  read(name: string): Promise<{ readonly text: string; readonly wasExposed: boolean } | undefined>;
  /** Whole or not at all, and durable when it resolves. */
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** One at a time for a name, also of other processes. */
  lock<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

export interface KeyFolder {
  /** In alphabetical order; the first one is the default. */
  listIdentities(): Promise<readonly Slug[]>;
  loadIdentity(slug: Slug): Promise<IdentityKeys | undefined>;
  /** Refuses to put other keys in the place of those that are there: they might be the only copy. */
  saveIdentity(keys: IdentityKeys): Promise<void>;
  /** With its session. The keys are gone for good. */
  removeIdentity(slug: Slug): Promise<void>;
  sessionStoreOf(slug: Slug): SessionStore;
  /** Registrations that were not finished, by a name of the caller's. */
  listPending(): Promise<readonly string[]>;
  loadPending(name: string): Promise<string | undefined>;
  /** Secret, and replaces the one before. */
  savePending(name: string, text: string): Promise<void>;
  removePending(name: string): Promise<void>;
}

export interface KeyFolderOptions {
  readonly files: PrivateFiles;
  readonly context: Pick<ClientContext, 'clock' | 'log'>;
}

const JSON_SUFFIX = '.json';
const SESSION_SUFFIX = '.session.json';
const PENDING_PREFIX = 'pending-';
/** Of puffo-cli. */
const REGISTERED_AGENTS = 'registered-agents.json';
/** One component of a path on every system. */
const PENDING_NAME = /^[a-z0-9][a-z0-9_-]{0,79}$/;

export function createKeyFolder(options: KeyFolderOptions): KeyFolder {
  const { files } = options;
  return {
    async listIdentities() {
      return (await files.list()).flatMap((name) => slugOf(name) ?? []).toSorted();
    },
    loadIdentity: (slug) => loadIdentity(slug, options),
    async saveIdentity(keys) {
      const { slug } = keys;
      await files.lock(identityFileOf(slug), async () => {
        const known = await loadIdentity(slug, options);
        if (known !== undefined && !isSameDevice(known, keys)) throw occupied(slug, options);
        await files.write(identityFileOf(slug), formatIdentityFile(keys));
      });
    },
    async removeIdentity(slug) {
      await files.remove(sessionFileOf(slug));
      await files.remove(identityFileOf(slug));
    },
    sessionStoreOf: (slug) => createSessionStore(slug, options),
    async listPending() {
      return (await files.list()).flatMap((name) => pendingNameOf(name) ?? []).toSorted();
    },
    loadPending: async (name) => readText(pendingFileOf(name), options),
    savePending: async (name, text) => files.write(pendingFileOf(name), text),
    removePending: async (name) => files.remove(pendingFileOf(name)),
  };
}

function createSessionStore(slug: Slug, options: KeyFolderOptions): SessionStore {
  const { files } = options;
  const name = sessionFileOf(slug);
  return {
    async load() {
      const session = await readSession(name, options);
      if (session === undefined || !isExpired(session, options)) return session;
      // Another process may have put a fresh one there meanwhile: whoever reads last decides.
      const again = await readSession(name, options);
      if (again === undefined || !isExpired(again, options)) return again;
      await files.remove(name);
      return undefined;
    },
    save: (keys) => files.write(name, formatSessionFile(keys)),
    exclusively: (work) => files.lock(name, work),
  };
}

/** What cannot be understood is a `ProtocolError`: it is replaced by the next subkey. */
async function readSession(name: string, options: KeyFolderOptions): Promise<SessionKeys | undefined> {
  const text = await readText(name, options);
  return text === undefined ? undefined : parseSessionFile(text);
}

function isExpired({ expiresAt }: SessionKeys, { context }: KeyFolderOptions): boolean {
  return expiresAt !== null && expiresAt <= context.clock();
}

async function loadIdentity(slug: Slug, options: KeyFolderOptions): Promise<IdentityKeys | undefined> {
  const name = identityFileOf(slug);
  const text = await readText(name, options);
  if (text === undefined) return undefined;
  const keys = parseIdentity(text, { name, options });
  if (keys.slug === slug) return keys;
  const message = `Cannot use ${pathOf(name, options)}: it holds the keys of ${keys.slug}; rename it to ${keys.slug}.json`;
  throw new ClientError(message, { code: 'store-failed' });
}

function parseIdentity(
  text: string,
  { name, options }: { readonly name: string; readonly options: KeyFolderOptions },
): IdentityKeys {
  try {
    return parseIdentityFile(text);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const what = cause.field === undefined ? 'damaged' : `damaged (${cause.field})`;
    const message = `Cannot use ${pathOf(name, options)}: it is ${what}; restore it from a backup, or move it away`;
    throw new ClientError(message, { code: 'store-failed', cause });
  }
}

async function readText(name: string, { files, context }: KeyFolderOptions): Promise<string | undefined> {
  const file = await files.read(name);
  if (file?.wasExposed === true) context.log.warn('secret-file-was-exposed', { file: name });
  return file?.text;
}

function isSameDevice(left: IdentityKeys, right: IdentityKeys): boolean {
  return left.deviceId === right.deviceId && left.rootKey.verifyKey.publicKey === right.rootKey.verifyKey.publicKey;
}

function occupied(slug: Slug, options: KeyFolderOptions): ClientError {
  const path = pathOf(identityFileOf(slug), options);
  const message = `Cannot keep the keys of ${slug}: ${path} holds other ones; move that file away first`;
  return new ClientError(message, { code: 'invalid-input' });
}

function pathOf(name: string, { files }: KeyFolderOptions): string {
  return `${files.folder}/${name}`;
}

function identityFileOf(slug: Slug): string {
  return `${slug}${JSON_SUFFIX}`;
}

function sessionFileOf(slug: Slug): string {
  return `${slug}${SESSION_SUFFIX}`;
}

function pendingFileOf(name: string): string {
  if (PENDING_NAME.test(name)) return `${PENDING_PREFIX}${name}${JSON_SUFFIX}`;
  const message = 'Cannot keep a registration under this name: it may have lowercase letters, digits, - and _';
  throw new ClientError(message, { code: 'invalid-input' });
}

function slugOf(name: string): Slug | undefined {
  const isOther = name.endsWith(SESSION_SUFFIX) || name.startsWith(PENDING_PREFIX) || name === REGISTERED_AGENTS;
  if (isOther || !name.endsWith(JSON_SUFFIX)) return undefined;
  const slug = name.slice(0, -JSON_SUFFIX.length);
  return isSlug(slug) ? slug : undefined;
}

function pendingNameOf(file: string): string | undefined {
  if (!file.startsWith(PENDING_PREFIX) || !file.endsWith(JSON_SUFFIX) || file.endsWith(SESSION_SUFFIX))
    return undefined;
  const name = file.slice(PENDING_PREFIX.length, -JSON_SUFFIX.length);
  return PENDING_NAME.test(name) ? name : undefined;
}
