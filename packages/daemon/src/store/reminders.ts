// Reminders that an agent set for itself: one moment each. What is due becomes a notice in the same transaction, so it is said
// once, whatever happens. spec: mcp-tools 10
import { type Conversation, conversationKey } from '@puffo/agent';
import { type Clock, encodeBase64url, type Random } from '@puffo/base';
import type { EnvelopeId } from '@puffo/protocol';
import type { Database } from '@puffo/sql';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { AgentSchema, RemindersTable } from './agent-schema.ts';
import { conversationColumns, conversationOfColumns } from './inbox-row.ts';
import { addNotice } from './notices.ts';

/** Of one agent. */
const MAX_OPEN_REMINDERS = 50;
/** Of one transaction. */
const MAX_TAKEN = 50;
/** Those that are over are forgotten after so long. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1000;
const ID_BYTES = 9;

export interface NewReminder {
  /** Of the call that asks for it, with its turn: the same call again is the same reminder. */
  readonly callKey: string;
  /** Where the turn will take place. */
  readonly conversation: Conversation;
  readonly threadRootId: EnvelopeId | null;
  readonly text: string;
  /** ms */
  readonly dueAt: number;
}

export interface Reminder extends NewReminder {
  /** `rem_…` */
  readonly reminderId: string;
  /** ms */
  readonly createdAt: number;
}

export type ReminderAddition =
  | { readonly kind: 'added'; readonly reminder: Reminder }
  /** As many are open as there may be. */
  | { readonly kind: 'full'; readonly maxOpen: number };

export interface DueReminders {
  /** How many turns will start. */
  readonly fired: number;
  /** ms; `undefined`: no other one is open. */
  readonly nextDueAt: number | undefined;
}

export interface ReminderStore {
  addReminder(reminder: NewReminder): Promise<ReminderAddition>;
  /** Those that are open, the next one first. */
  listReminders(): Promise<readonly Reminder[]>;
  /** `false`: no open one has this id. */
  cancelReminder(reminderId: string): Promise<boolean>;
  /** What is due becomes a notice, and is over. `textOf`: what the model reads. */
  takeDueReminders(textOf: (reminder: Reminder, now: number) => string): Promise<DueReminders>;
}

export interface ReminderStoreOptions {
  readonly database: Database<AgentSchema>;
  readonly clock: Clock;
  readonly random: Random;
}

export function createReminderStore({ database, clock, random }: ReminderStoreOptions): ReminderStore {
  return {
    addReminder(reminder) {
      const reminderId = `rem_${encodeBase64url(random.bytes(ID_BYTES))}`;
      return database.write((transaction) => addReminder(transaction, { ...reminder, reminderId, createdAt: clock() }));
    },
    listReminders: () => listReminders(database.db),
    cancelReminder: (reminderId) => database.write((transaction) => cancelReminder(transaction, reminderId, clock())),
    takeDueReminders: (textOf) =>
      database.write((transaction) => takeDueReminders(transaction, { textOf, now: clock() })),
  };
}

async function addReminder(transaction: Transaction<AgentSchema>, reminder: Reminder): Promise<ReminderAddition> {
  const { callKey, conversation } = reminder;
  const known = await transaction
    .selectFrom('reminders')
    .selectAll()
    .where('call_key', '=', callKey)
    .executeTakeFirst();
  if (known !== undefined) return { kind: 'added', reminder: reminderOfRow(known) };
  const { open } = await transaction
    .selectFrom('reminders')
    .select(({ fn }) => fn.countAll<number>().as('open'))
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow();
  if (open >= MAX_OPEN_REMINDERS) return { kind: 'full', maxOpen: MAX_OPEN_REMINDERS };
  await transaction
    .insertInto('reminders')
    .values({
      reminder_id: reminder.reminderId,
      call_key: callKey,
      conversation: conversationKey(conversation),
      ...conversationColumns(conversation),
      thread_root_id: reminder.threadRootId,
      text: reminder.text,
      due_at: reminder.dueAt,
      created_at: reminder.createdAt,
      state: 'open',
      changed_at: reminder.createdAt,
    })
    .execute();
  return { kind: 'added', reminder };
}

async function listReminders(db: Kysely<AgentSchema>): Promise<readonly Reminder[]> {
  const rows = await db
    .selectFrom('reminders')
    .selectAll()
    .where('state', '=', 'open')
    .orderBy('due_at')
    .orderBy('created_at')
    .limit(MAX_OPEN_REMINDERS)
    .execute();
  return rows.map(reminderOfRow);
}

async function cancelReminder(
  transaction: Transaction<AgentSchema>,
  reminderId: string,
  now: number,
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('reminders')
    .set({ state: 'cancelled', changed_at: now })
    .where('reminder_id', '=', reminderId)
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

interface TakeOptions {
  readonly textOf: (reminder: Reminder, now: number) => string;
  readonly now: number;
}

async function takeDueReminders(
  transaction: Transaction<AgentSchema>,
  { textOf, now }: TakeOptions,
): Promise<DueReminders> {
  const rows = await transaction
    .selectFrom('reminders')
    .selectAll()
    .where('state', '=', 'open')
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(MAX_TAKEN)
    .execute();
  for (const reminder of rows.map(reminderOfRow)) {
    const { reminderId, conversation, threadRootId } = reminder;
    const text = textOf(reminder, now);
    await addNotice(transaction, { key: reminderId, conversation, threadRootId, text }, now);
    await transaction
      .updateTable('reminders')
      .set({ state: 'fired', changed_at: now })
      .where('reminder_id', '=', reminderId)
      .execute();
  }
  await transaction
    .deleteFrom('reminders')
    .where('state', '<>', 'open')
    .where('changed_at', '<', now - KEPT_MS)
    .execute();
  return { fired: rows.length, nextDueAt: await findNextDue(transaction) };
}

async function findNextDue(transaction: Transaction<AgentSchema>): Promise<number | undefined> {
  const row = await transaction
    .selectFrom('reminders')
    .select('due_at')
    .where('state', '=', 'open')
    .orderBy('due_at')
    .limit(1)
    .executeTakeFirst();
  return row?.due_at;
}

/** What the rows hold was checked before it was written. */
function reminderOfRow(row: Selectable<RemindersTable>): Reminder {
  return {
    reminderId: row.reminder_id,
    callKey: row.call_key,
    conversation: conversationOfColumns(row),
    threadRootId: row.thread_root_id as EnvelopeId | null,
    text: row.text,
    dueAt: row.due_at,
    createdAt: row.created_at,
  };
}
