import { type Kysely, type Migration, sql, SqliteAdapter } from 'kysely';

/** Kept as SQL: the same text is read by both databases, and by the person who looks into one. */
const STATEMENTS: readonly string[] = [
  `create table identities (
    root_public_key text not null,
    slug text not null,
    identity_type text not null,
    operator_root_public_key text,
    state text not null,
    registered_at bigint not null,
    primary key (root_public_key)
  )`,
  `create table pending_registrations (
    token_hash text not null,
    slug text not null,
    username text not null,
    root_public_key text not null,
    device_id text not null,
    identity_type text not null,
    operator_slug text,
    identity_cert text not null,
    device_cert text not null,
    attestation text,
    display_name text,
    avatar_url text,
    invite_code text,
    expires_at bigint not null,
    slug_binding text,
    primary key (token_hash)
  )`,
  `create table devices (
    device_id text not null,
    root_public_key text not null,
    slug text not null,
    signing_public_key text not null,
    expires_at bigint,
    revoked_from bigint,
    registered_at bigint not null,
    acked_upto bigint not null default 0,
    primary key (device_id)
  )`,
  `create table subkeys (
    subkey_id text not null,
    device_id text not null,
    slug text not null,
    public_key text not null,
    issued_at bigint not null,
    expires_at bigint not null,
    cert text not null,
    primary key (subkey_id)
  )`,
  `create table cert_log (
    seq bigint not null,
    slug text not null,
    kind text not null,
    cert text not null,
    subject_id text,
    expires_at bigint,
    primary key (seq)
  )`,
  `create table used_nonces (
    signer_id text not null,
    nonce text not null,
    forget_at bigint not null,
    primary key (signer_id, nonce)
  )`,
  `create table enrolments (
    nonce text not null,
    device_signing_public_key text not null,
    device_kem_public_key text not null,
    fingerprint text not null,
    bundle text,
    expires_at bigint not null,
    primary key (nonce)
  )`,
  `create table invite_codes (
    code text not null,
    uses_left bigint,
    expires_at bigint,
    created_at bigint not null,
    revoked_at bigint,
    primary key (code)
  )`,
  `create table profiles (
    slug text not null,
    username text not null,
    display_name text not null,
    avatar_url text not null,
    bio text not null,
    role text not null,
    role_short text not null,
    soul text not null,
    updated_at bigint not null,
    primary key (slug)
  )`,
  `create table spaces (
    space_id text not null,
    name text not null,
    description text,
    avatar_url text,
    owner_slug text not null,
    created_at bigint not null,
    archived_at bigint,
    deleted_at bigint,
    primary key (space_id)
  )`,
  `create table channels (
    channel_id text not null,
    space_id text not null,
    name text not null,
    description text,
    is_public bigint not null,
    owner_slug text not null,
    created_at bigint not null,
    deleted_at bigint,
    primary key (channel_id)
  )`,
  `create table space_members (
    space_id text not null,
    slug text not null,
    role text not null,
    joined_at bigint not null,
    auto_accept_owner_invite bigint not null,
    auto_accept_member_invite bigint not null,
    primary key (space_id, slug)
  )`,
  `create table channel_members (
    channel_id text not null,
    space_id text not null,
    slug text not null,
    role text not null,
    joined_at bigint not null,
    primary key (channel_id, slug)
  )`,
  `create table events (
    event_id text not null,
    space_id text not null,
    channel_id text,
    seq bigint not null,
    kind text not null,
    signer_slug text not null,
    signer_device_id text not null,
    signer_subkey_id text not null,
    payload text not null,
    payload_nonce text not null,
    signature text not null,
    payload_issued_at bigint,
    received_at bigint not null,
    object text not null,
    primary key (event_id)
  )`,
  `create table invites (
    invitation_event_id text not null,
    scope text not null,
    space_id text not null,
    channel_id text,
    inviter_slug text not null,
    invitee_slug text not null,
    role text not null,
    initial_channel_ids text not null,
    issued_at bigint not null,
    space_name text,
    channel_name text,
    state text not null,
    handler_event_id text,
    primary key (invitation_event_id)
  )`,
  `create table invite_links (
    invite_id text not null,
    space_id text not null,
    creator_slug text not null,
    scope text not null,
    invite_public_key text not null,
    max_uses bigint,
    uses bigint not null,
    expires_at bigint not null,
    revoked_at bigint,
    created_at bigint not null,
    event_id text not null,
    primary key (invite_id)
  )`,
  `create table redemptions (
    redemption_id text not null,
    invite_id text not null,
    redeemer_slug text not null,
    redeemed_at bigint not null,
    primary key (redemption_id)
  )`,
  `create table messages (
    seq bigint not null,
    envelope_id text not null,
    sender_slug text not null,
    kind text not null,
    space_id text,
    channel_id text,
    recipient_slug text,
    sent_at bigint not null,
    received_at bigint not null,
    envelope text not null,
    content_hash text not null,
    primary key (seq)
  )`,
  `create table recipient_sets (
    set_id text not null,
    device_id text not null,
    place bigint not null,
    primary key (set_id, device_id)
  )`,
  `create table postings (
    seq bigint not null,
    envelope_id text not null,
    set_id text not null,
    entries text not null,
    entry_length bigint not null,
    primary key (seq)
  )`,
  `create table acks (
    seq bigint not null,
    device_id text not null,
    primary key (seq, device_id)
  )`,
  `create table blobs (
    blob_id text not null,
    owner_slug text not null,
    size bigint not null,
    transaction_id text,
    created_at bigint not null,
    primary key (blob_id)
  )`,
  `create table agent_status (
    slug text not null,
    status text not null,
    current_message_id text,
    error_text text,
    last_write_at bigint not null,
    last_heartbeat_at bigint,
    primary key (slug)
  )`,
  `create table processing_runs (
    run_id text not null,
    message_id text not null,
    agent_slug text not null,
    started_at bigint not null,
    ended_at bigint,
    succeeded bigint,
    error_text text,
    primary key (run_id)
  )`,
  `create table allowlists (
    slug text not null,
    peer_slug text not null,
    created_at bigint not null default 0,
    primary key (slug, peer_slug)
  )`,
  `create table blocklists (
    slug text not null,
    peer_slug text not null,
    created_at bigint not null default 0,
    primary key (slug, peer_slug)
  )`,
  `create table rate_windows (
    key text not null,
    window_start bigint not null,
    count bigint not null,
    primary key (key)
  )`,
  `create table counters (
    name text not null,
    value bigint not null,
    primary key (name)
  )`,
  'create unique index identities_slug on identities (slug)',
  'create unique index pending_slug on pending_registrations (slug)',
  'create unique index pending_root on pending_registrations (root_public_key)',
  'create unique index pending_device on pending_registrations (device_id)',
  'create index devices_slug on devices (slug, device_id, expires_at, revoked_from)',
  'create index subkeys_device on subkeys (device_id)',
  'create index cert_log_slug on cert_log (slug, seq)',
  'create index cert_log_subject on cert_log (subject_id)',
  'create index used_nonces_forget on used_nonces (forget_at)',
  'create index channels_space on channels (space_id)',
  'create index space_members_slug on space_members (slug)',
  'create index channel_members_slug on channel_members (slug, space_id)',
  'create unique index events_seq on events (space_id, seq)',
  'create unique index events_nonce on events (signer_slug, payload_nonce)',
  'create index invites_invitee on invites (invitee_slug, state)',
  'create index invites_inviter on invites (inviter_slug, state)',
  'create index invites_scope on invites (space_id, state)',
  'create index invite_links_space on invite_links (space_id)',
  'create unique index redemptions_once on redemptions (invite_id, redeemer_slug)',
  'create unique index messages_envelope on messages (envelope_id)',
  'create index messages_channel on messages (channel_id, seq)',
  'create index messages_received on messages (received_at)',
  'create index messages_sent_to on messages (sender_slug, recipient_slug) where recipient_slug is not null',
  'create index messages_sent_by on messages (recipient_slug, sender_slug) where recipient_slug is not null',
  'create index recipient_sets_device on recipient_sets (device_id, set_id)',
  'create index postings_envelope on postings (envelope_id)',
  'create index postings_set on postings (set_id, seq)',
  'create unique index blobs_transaction on blobs (owner_slug, transaction_id)',
  'create index blobs_created on blobs (created_at)',
  'create index processing_runs_message on processing_runs (message_id)',
  'create index processing_runs_open on processing_runs (agent_slug) where ended_at is null',
  "insert into counters (name, value) values ('cert_log', 0), ('events', 0), ('messages', 0)",
];

export const initial: Migration = {
  async up(db: Kysely<unknown>) {
    const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter;
    for (const statement of STATEMENTS) await sql.raw(isSqlite ? forSqlite(statement) : statement).execute(db);
  },
};

/** Small rows that are found by their whole key: one tree instead of two. */
const CLUSTERED = ['used_nonces', 'channel_members', 'recipient_sets', 'acks', 'counters'];

/** A table is kept by its key where that is an `integer`, or where it says `without rowid`. */
function forSqlite(statement: string): string {
  if (statement.includes('primary key (seq)\n')) return statement.replace('seq bigint', 'seq integer');
  const [, table = ''] = /^create table (\w+)/.exec(statement) ?? [];
  return CLUSTERED.includes(table) ? `${statement} without rowid` : statement;
}
