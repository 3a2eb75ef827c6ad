// `messages.db`, the history of one agent that 0.7.2 can go on with. Not the inbox: that an answer is due stands in
// `agent-store.ts`. spec: daemon-and-cli 6
import type { Clock } from '@puffo/base';
import { type Database, openSqlite, type SqliteOptions } from '@puffo/sql';
import { sql, type Transaction } from 'kysely';
import { type NewHistoryMessage, rowOfHistory } from './history-message.ts';
import { createHistoryReader, type HistoryReader } from './history-reader.ts';
import { CREATE_HISTORY, type HistorySchema, type HistoryTable } from './history-schema.ts';
import { makePrivateDatabase } from './make-private-database.ts';

/** Of one run, so that a large clean-up does not hold up messages. */
const MAX_REMOVED_ROWS = 1000;

export interface HistoryStore extends HistoryReader, AsyncDisposable {
  /** The power may take it for some seconds, but not the end of the process. Returns the ids that were new: the first message with an id stays. */
  add(messages: readonly NewHistoryMessage[]): Promise<readonly string[]>;
  /** Removes the oldest ones that came before `receivedBefore` (ms), at most 1000 at once. Returns how many. */
  removeOld(receivedBefore: number): Promise<number>;
}

export interface HistoryStoreOptions extends SqliteOptions {
  readonly clock: Clock;
}

/** Makes the file and its folder when there are none. */
export async function openHistoryStore(path: string, { clock, ...sqlite }: HistoryStoreOptions): Promise<HistoryStore> {
  const database = await openSqlite<HistorySchema>(await makePrivateDatabase(path), sqlite);
  try {
    await database.write(async (transaction) => {
      for (const statement of CREATE_HISTORY) await sql.raw(statement).execute(transaction);
    });
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
  let closing: PromiseLike<void> | undefined;
  return {
    ...createHistoryReader(database.db),
    add: (messages) => addMessages(database, messages, clock()),
    removeOld: (receivedBefore) => removeOld(database, receivedBefore),
    [Symbol.asyncDispose]: () => (closing ??= database[Symbol.asyncDispose]()),
  };
}

function addMessages(
  database: Database<HistorySchema>,
  messages: readonly NewHistoryMessage[],
  receivedAt: number,
): Promise<readonly string[]> {
  const rows = messages.map((message) => rowOfHistory(message, receivedAt));
  // What an answer depends on stands in the inbox: nobody waits for a second flush of the disk.
  return database.write((transaction) => insertRows(transaction, rows), { waitsForDisk: false });
}

async function insertRows(
  transaction: Transaction<HistorySchema>,
  rows: readonly HistoryTable[],
): Promise<readonly string[]> {
  const added: string[] = [];
  for (const row of rows) {
    // On this conflict only: every other one is a mistake that somebody has to see. spec: daemon-and-cli D-41
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('messages')
      .values(row)
      .onConflict((conflict) => conflict.column('envelope_id').doNothing())
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows === 1n) added.push(row.envelope_id);
  }
  return added;
}

async function removeOld(database: Database<HistorySchema>, receivedBefore: number): Promise<number> {
  const { numDeletedRows } = await database.write((transaction) =>
    transaction
      .deleteFrom('messages')
      .where('envelope_id', 'in', ({ selectFrom }) =>
        selectFrom('messages')
          .select('envelope_id')
          .where('received_at', '<', receivedBefore)
          .orderBy('received_at')
          .limit(MAX_REMOVED_ROWS),
      )
      .executeTakeFirstOrThrow(),
  );
  return Number(numDeletedRows);
}
