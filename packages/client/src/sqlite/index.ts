export type { Conversation, StoredMessage } from './message-row.ts';
export type { MessageStore } from './message-store.ts';
export { type ClientDatabase, type ClientDatabaseOptions, openClientDatabase } from './open-client-database.ts';
export type { ListQuestion, StoredUnreadable, UnreadableQuestion } from './read-messages.ts';
