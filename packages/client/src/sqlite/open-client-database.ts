// Everything one identity remembers on one device, in one file. It holds decrypted messages: private to the user.
// spec: daemon-and-cli D-2
import type { Clock } from '@puffo/base';
import type { Slug } from '@puffo/protocol';
import { type Database, makePrivateDatabaseFile, migrate, openSqlite, SqlError, type SqliteOptions } from '@puffo/sql';
import { ClientError } from '../client-error.ts';
import type { DirectoryStore } from '../directory/directory-store.ts';
import type { MailboxStore } from '../mailbox/mailbox.ts';
import type { OutboxStore } from '../outbox/outbox-store.ts';
import { createMessageStore, type MessageStore } from './message-store.ts';
import { MIGRATIONS } from './migrations.ts';
import type { ClientSchema } from './schema.ts';
import { createSqliteDirectoryStore } from './sqlite-directory-store.ts';
import { createSqliteMailboxStore } from './sqlite-mailbox-store.ts';
import { createSqliteOutboxStore } from './sqlite-outbox-store.ts';

export interface ClientDatabase extends AsyncDisposable {
  readonly messages: MessageStore;
  readonly mailbox: MailboxStore;
  readonly outbox: OutboxStore;
  readonly directory: DirectoryStore;
}

export interface ClientDatabaseOptions extends SqliteOptions {
  /** The file belongs to this identity from its first opening on. */
  readonly ownSlug: Slug;
  readonly clock: Clock;
}

/**
 * `path`: a file whose folder exists. It is 0600 afterwards, also where it was open to others, unless it is a link. Several processes may have it
 * open; one of them should read the mailbox.
 */
export async function openClientDatabase(
  path: string,
  { ownSlug, clock, ...sqlite }: ClientDatabaseOptions,
): Promise<ClientDatabase> {
  // SQLite puts the files beside it where a link leads to.
  const database = await openSqlite<ClientSchema>(await makeFile(path), sqlite);
  try {
    await migrate(database.db, MIGRATIONS);
    await claim(database, { path, ownSlug });
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
  let closing: PromiseLike<void> | undefined;
  return {
    messages: createMessageStore({ database, ownSlug, clock }),
    mailbox: createSqliteMailboxStore(database),
    outbox: createSqliteOutboxStore(database),
    directory: createSqliteDirectoryStore(database),
    [Symbol.asyncDispose]: () => (closing ??= database[Symbol.asyncDispose]()),
  };
}

async function makeFile(path: string): Promise<string> {
  try {
    return await makePrivateDatabaseFile(path);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new ClientError(error.message, { code: 'store-failed', cause: error });
  }
}

/** Two identities in one file would take each other's messages for their own. */
async function claim(
  database: Database<ClientSchema>,
  { path, ownSlug }: { readonly path: string; readonly ownSlug: Slug },
): Promise<void> {
  const owner = await database.write(async (transaction) => {
    await transaction
      .insertInto('owner')
      .values({ id: 1, slug: ownSlug })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return transaction.selectFrom('owner').select('slug').executeTakeFirstOrThrow();
  });
  if (owner.slug === ownSlug) return;
  const message = `Cannot open ${path} for ${ownSlug}: it is the record of ${owner.slug}; choose another file`;
  throw new ClientError(message, { code: 'store-failed' });
}
