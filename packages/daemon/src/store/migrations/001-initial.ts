import { type Kysely, type Migration, sql } from 'kysely';

/** Kept as SQL, for the person who looks into the file. */
const STATEMENTS: readonly string[] = [
  `create table inbox (
    id integer primary key,
    envelope_id text not null,
    seq integer not null,
    conversation text not null,
    space_id text,
    channel_id text,
    peer_slug text,
    thread_root_id text,
    sender_slug text not null,
    sender_type text not null,
    is_from_operator integer not null,
    text text not null,
    attachments text not null,
    sent_at integer not null,
    received_at integer not null,
    band integer,
    state text not null check (
      state in ('waiting', 'context', 'stored', 'in-turn', 'answered', 'silent', 'deferred', 'failed')
    ),
    changed_at integer not null,
    attempts integer not null default 0,
    not_before integer not null default 0,
    failure text,
    turn_id text references turns (turn_id),
    shown_at integer,
    replay_key text,
    forgotten_at integer
  )`,
  `create table unreadable (
    envelope_id text primary key,
    sender_slug text,
    reason text not null,
    envelope text not null,
    received_at integer not null
  )`,
  `create table turns (
    turn_id text primary key,
    conversation text not null,
    state text not null check (state in ('running', 'done', 'failed', 'cancelled')),
    started_at integer not null,
    ended_at integer,
    tokens_in integer not null default 0,
    tokens_out integer not null default 0,
    outcome text
  )`,
  `create table replies (
    id integer primary key,
    idempotency_key text not null,
    turn_id text not null references turns (turn_id),
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
    state text not null check (state in ('pending', 'sent', 'failed')),
    envelope_id text,
    failure text
  )`,
  `create table engine_sessions (
    engine text primary key,
    session text not null,
    updated_at integer not null
  )`,
  `create table invite_prompts (
    event_id text primary key,
    scope text not null check (scope in ('space', 'channel')),
    space_id text not null,
    channel_id text,
    prompt_id text not null,
    operator_slug text not null,
    state text not null check (state in ('open', 'accept', 'reject', 'done')),
    answer_id text,
    changed_at integer not null
  )`,
  'create unique index inbox_envelope on inbox (envelope_id)',
  'create unique index inbox_replay on inbox (replay_key) where replay_key is not null',
  'create index inbox_state on inbox (state, band, seq)',
  'create index inbox_conversation on inbox (conversation, state, seq)',
  'create index inbox_turn on inbox (turn_id) where turn_id is not null',
  'create index inbox_received on inbox (received_at) where forgotten_at is null',
  'create index inbox_failure on inbox (changed_at) where failure is not null',
  'create index turns_state on turns (state)',
  'create index turns_ended on turns (ended_at)',
  'create unique index replies_key on replies (idempotency_key)',
  'create index replies_state on replies (state, id)',
  'create index replies_created on replies (created_at)',
  'create index replies_turn on replies (turn_id)',
  'create unique index invite_prompts_prompt on invite_prompts (prompt_id)',
];

export const initial: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
