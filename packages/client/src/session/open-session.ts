// Keeps one subkey alive: in memory, in its store, and at the server, in the order that loses none. spec: wire-protocol 5.5
import { createSingleFlight, sleep } from '@puffo/base';
import { LIMITS, ProtocolError, type SessionKeys, type SubkeyId } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { SubkeyCredentials } from '../http/http-client.ts';
import { deviceCredentialsOf } from './device-credentials.ts';
import { registerSubkey, type SubkeyRegistration } from './register-subkey.ts';
import type { Session, SessionStore } from './session.ts';

export interface SessionOptions extends Omit<SubkeyRegistration, 'wait'> {
  readonly store: SessionStore;
  /** How the time between two attempts passes. */
  readonly wait?: (delayMs: number) => Promise<void>;
}

/** Nothing is loaded before the first subkey is asked for. */
export function openSession(options: SessionOptions): Session {
  const { keys, context } = options;
  const flight = createSingleFlight<'subkey'>();
  let current: SessionKeys | undefined;

  function isLive(session: SessionKeys): boolean {
    return session.expiresAt === null || session.expiresAt > context.clock() + LIMITS.subkeyRenewalMs;
  }

  function isUsable(session: SessionKeys | undefined, refused?: SubkeyId): session is SessionKeys {
    return session !== undefined && session.subkeyId !== refused && session.slug === keys.slug && isLive(session);
  }

  /** What the store holds first: another process with the same keys may have renewed it. */
  async function findStored(refused?: SubkeyId): Promise<SessionKeys | undefined> {
    const stored = await loadSession(options);
    if (!isUsable(stored, refused)) return undefined;
    current = stored;
    return stored;
  }

  async function obtain(refused?: SubkeyId): Promise<SessionKeys> {
    if (isUsable(current, refused)) return current;
    return (await findStored(refused)) ?? exclusively(options.store, () => renew(refused));
  }

  async function renew(refused?: SubkeyId): Promise<SessionKeys> {
    // Whoever was here before may have done it.
    const stored = await findStored(refused);
    if (stored !== undefined) return stored;
    const renewed = await registerSubkey({ wait: sleep, ...options });
    await saveSession(options.store, renewed);
    context.log.info('subkey-renewed', { subkeyId: renewed.subkeyId });
    current = renewed;
    return renewed;
  }

  /** Whoever joins a flight that began for another reason may be handed what was refused: then it begins anew. */
  async function share(refused?: SubkeyId): Promise<SubkeyCredentials> {
    if (isUsable(current, refused)) return toCredentials(current);
    const shared = await flight.run('subkey', () => obtain(refused));
    if (shared.subkeyId !== refused) return toCredentials(shared);
    return toCredentials(await flight.run('subkey', () => obtain(refused)));
  }

  return {
    slug: keys.slug,
    deviceId: keys.deviceId,
    keys,
    deviceCredentials: deviceCredentialsOf(keys),
    getSubkey: () => share(),
    renewSubkey: (refused) => share(refused),
  };
}

function exclusively<Result>(store: SessionStore, work: () => Promise<Result>): Promise<Result> {
  return store.exclusively === undefined ? work() : store.exclusively(work);
}

function toCredentials({ slug, subkeyId, subkey }: SessionKeys): SubkeyCredentials {
  return { slug, signerId: subkeyId, signingKey: subkey };
}

/** A file that cannot be understood is as good as none; one that cannot be read is a failure. */
async function loadSession({ store, context }: SessionOptions): Promise<SessionKeys | undefined> {
  try {
    return await store.load();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw storeFailed('read', error);
    context.log.warn('session-unreadable', { code: error.code, field: error.field });
    return undefined;
  }
}

async function saveSession(store: SessionStore, session: SessionKeys): Promise<void> {
  try {
    await store.save(session);
  } catch (error) {
    throw storeFailed('kept', error);
  }
}

function storeFailed(what: 'read' | 'kept', cause: unknown): ClientError {
  if (cause instanceof ClientError) return cause;
  const message = `Cannot sign in: the current subkey cannot be ${what}; check the folder of this identity`;
  return new ClientError(message, { code: 'store-failed', cause });
}
