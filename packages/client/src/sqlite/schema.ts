// The tables of one identity on one device, one interface each. Flags are 0 or 1, times are ms and JSON is text.
import type { Generated } from 'kysely';

export interface ClientSchema {
  owner: OwnerTable;
  messages: MessagesTable;
  unreadable: UnreadableTable;
  outbox: OutboxTable;
  certs: CertsTable;
  cert_cursors: CertCursorsTable;
  pins: PinsTable;
  profiles: ProfilesTable;
}

/** One row: whose record this is. */
interface OwnerTable {
  id: number;
  slug: string;
}

export interface MessagesTable {
  /** Ascending in the order of recording. */
  id: Generated<number>;
  envelope_id: string;
  /** null: the server gave none, or not yet. */
  seq: number | null;
  /** Order within the conversation: `seq`, or without one the place after what was known then. */
  position: number;
  kind: 'channel' | 'dm';
  /** Of channels. */
  space_id: string | null;
  channel_id: string | null;
  /** Of direct messages: the other one, whoever wrote it. */
  peer_slug: string | null;
  sender_slug: string;
  sent_at: number;
  received_at: number;
  thread_root_id: string | null;
  reply_to_id: string | null;
  content_type: string;
  content: string;
  is_visible_to_human: number;
  /** Unique for ever; null for what this device sent itself. */
  replay_key: string | null;
  is_own: number;
}

export interface UnreadableTable {
  /** Ascending in the order of recording. */
  id: Generated<number>;
  envelope_id: string;
  seq: number | null;
  /** Claimed, not proven. */
  sender_slug: string | null;
  reason: string;
  envelope: string;
  received_at: number;
}

export interface OutboxTable {
  /** Ascending in the order of adding. */
  id: Generated<number>;
  envelope_id: string;
  idempotency_key: string | null;
  kind: 'channel' | 'dm';
  space_id: string | null;
  channel_id: string | null;
  recipient_slug: string | null;
  content_type: string;
  content: string;
  thread_root_id: string | null;
  reply_to_id: string | null;
  is_visible_to_human: number;
  created_at: number;
  envelope: string | null;
  /** base64url. Secret. */
  content_key: string | null;
  state: 'queued' | 'sent' | 'failed';
  seq: number | null;
  failure: string | null;
  attempts: number;
}

interface CertsTable {
  id: Generated<number>;
  /** In whose list it is. */
  slug: string;
  seq: number;
  kind: string;
  /** As the entry says; may be absent. */
  entry_slug: string | null;
  /** Member for member as received. */
  cert: string;
}

interface CertCursorsTable {
  slug: string;
  synced_through: number;
}

interface PinsTable {
  slug: string;
  root_public_key: string;
}

interface ProfilesTable {
  slug: string;
  profile: string;
  fetched_at: number;
}
