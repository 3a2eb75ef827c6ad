import { type Kysely, type Migration, sql } from 'kysely';

/** Kept as SQL, for the person who looks into the file. */
const STATEMENTS: readonly string[] = [
  `create table owner (
    id integer primary key check (id = 1),
    slug text not null
  )`,
  `create table messages (
    id integer primary key,
    envelope_id text not null,
    seq integer,
    position integer not null,
    kind text not null,
    space_id text,
    channel_id text,
    peer_slug text,
    sender_slug text not null,
    sent_at integer not null,
    received_at integer not null,
    thread_root_id text,
    reply_to_id text,
    content_type text not null,
    content text not null,
    is_visible_to_human integer not null,
    replay_key text,
    is_own integer not null
  )`,
  `create table unreadable (
    id integer primary key,
    envelope_id text not null,
    seq integer,
    sender_slug text,
    reason text not null,
    envelope text not null,
    received_at integer not null
  )`,
  `create table outbox (
    id integer primary key,
    envelope_id text not null,
    idempotency_key text,
    kind text not null,
    space_id text,
    channel_id text,
    recipient_slug text,
    content_type text not null,
    content text not null,
    thread_root_id text,
    reply_to_id text,
    is_visible_to_human integer not null,
    created_at integer not null,
    envelope text,
    content_key text,
    state text not null,
    seq integer,
    failure text,
    attempts integer not null
  )`,
  `create table certs (
    id integer primary key,
    slug text not null,
    seq integer not null,
    kind text not null,
    entry_slug text,
    cert text not null
  )`,
  `create table cert_cursors (
    slug text primary key,
    synced_through integer not null
  ) without rowid`,
  `create table pins (
    slug text primary key,
    root_public_key text not null
  ) without rowid`,
  `create table profiles (
    slug text primary key,
    profile text not null,
    fetched_at integer not null
  )`,
  'create unique index messages_envelope on messages (envelope_id)',
  'create unique index messages_replay on messages (replay_key) where replay_key is not null',
  'create index messages_channel on messages (channel_id, position) where channel_id is not null',
  'create index messages_peer on messages (peer_slug, position) where peer_slug is not null',
  'create index messages_thread on messages (thread_root_id, position) where thread_root_id is not null',
  'create unique index unreadable_envelope on unreadable (envelope_id)',
  'create unique index outbox_envelope on outbox (envelope_id)',
  'create unique index outbox_key on outbox (idempotency_key) where idempotency_key is not null',
  "create index outbox_queued on outbox (id) where state = 'queued'",
  'create index certs_slug on certs (slug, seq)',
];

export const initial: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
