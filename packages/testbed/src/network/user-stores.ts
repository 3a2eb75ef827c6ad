// Where a user of a test keeps things: in memory, or in a file that outlives the client.
import {
  type ClientStores,
  createMemoryDirectoryStore,
  createMemoryMailboxStore,
  createMemoryOutboxStore,
  createMemorySessionStore,
  type Inbound,
} from '@puffo/client';
import { openClientDatabase } from '@puffo/client/sqlite';
import { systemClock } from '@puffo/base';
import type { Slug } from '@puffo/protocol';

export interface UserStores extends AsyncDisposable {
  readonly stores: ClientStores;
  /** Durable when it resolves, as far as these stores are. */
  commit(inbound: Inbound): Promise<void>;
}

export function createMemoryStores(): UserStores {
  const mailbox = createMemoryMailboxStore();
  return {
    stores: {
      session: createMemorySessionStore(),
      directory: createMemoryDirectoryStore(),
      outbox: createMemoryOutboxStore(),
      mailbox,
    },
    commit(inbound) {
      mailbox.commit(inbound.envelopeId, inbound.kind === 'message' ? inbound.message : undefined);
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The subkey is in memory all the same: a file of its own holds it elsewhere. */
export async function openSqliteStores(path: string, ownSlug: Slug): Promise<UserStores> {
  const database = await openClientDatabase(path, { ownSlug, clock: systemClock });
  const { directory, mailbox, outbox } = database;
  return {
    stores: { session: createMemorySessionStore(), directory, mailbox, outbox },
    async commit(inbound) {
      await database.messages.record(inbound);
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
