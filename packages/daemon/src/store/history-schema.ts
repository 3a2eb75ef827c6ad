// `messages.db` as 0.7.2 makes it. Others may have added tables and columns: columns are named, and the rest is left alone.
// spec: daemon-and-cli 6.1, appendix B

export interface HistorySchema {
  messages: HistoryTable;
}

/** Nullable are `channel_id` and `space_id` of direct messages, `recipient_slug` of others, and the last two. Times are ms. */
export interface HistoryTable {
  envelope_id: string;
  envelope_kind: string;
  sender_slug: string;
  channel_id: string | null;
  space_id: string | null;
  recipient_slug: string | null;
  content_type: string;
  content: string;
  sent_at: number;
  received_at: number;
  thread_root_id: string | null;
  reply_to_id: string | null;
}

export const HISTORY_COLUMNS = [
  'envelope_id',
  'envelope_kind',
  'sender_slug',
  'channel_id',
  'space_id',
  'recipient_slug',
  'content_type',
  'content',
  'sent_at',
  'received_at',
  'thread_root_id',
  'reply_to_id',
] as const satisfies readonly (keyof HistoryTable)[];

export const CREATE_HISTORY: readonly string[] = [
  `create table if not exists messages (
    envelope_id TEXT PRIMARY KEY,
    envelope_kind TEXT NOT NULL,
    sender_slug TEXT NOT NULL,
    channel_id TEXT,
    space_id TEXT,
    recipient_slug TEXT,
    content_type TEXT NOT NULL DEFAULT 'text/plain',
    content TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    thread_root_id TEXT,
    reply_to_id TEXT
  )`,
  'create index if not exists idx_messages_channel on messages (channel_id, sent_at) where channel_id is not null',
  "create index if not exists idx_messages_dm on messages (sender_slug, sent_at) where envelope_kind = 'dm'",
  'create index if not exists idx_messages_received on messages (received_at)',
];
