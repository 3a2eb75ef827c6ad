// The tables, one interface each. Flags are 0 or 1 and JSON is text, so that both databases hold the same values.
// spec: wire-protocol appendix C
import type { Generated } from 'kysely';

export interface ServerSchema {
  identities: IdentitiesTable;
  pending_registrations: PendingRegistrationsTable;
  devices: DevicesTable;
  subkeys: SubkeysTable;
  cert_log: CertLogTable;
  used_nonces: UsedNoncesTable;
  enrolments: EnrolmentsTable;
  invite_codes: InviteCodesTable;
  profiles: ProfilesTable;
  spaces: SpacesTable;
  channels: ChannelsTable;
  space_members: SpaceMembersTable;
  channel_members: ChannelMembersTable;
  events: EventsTable;
  invites: InvitesTable;
  invite_links: InviteLinksTable;
  redemptions: RedemptionsTable;
  messages: MessagesTable;
  recipient_sets: RecipientSetsTable;
  postings: PostingsTable;
  acks: AcksTable;
  blobs: BlobsTable;
  agent_status: AgentStatusTable;
  processing_runs: ProcessingRunsTable;
  allowlists: TrustListTable;
  blocklists: TrustListTable;
  rate_windows: RateWindowsTable;
  counters: CountersTable;
}

interface IdentitiesTable {
  root_public_key: string;
  /** Unique for ever, also after revocation. */
  slug: string;
  identity_type: 'human' | 'agent';
  operator_root_public_key: string | null;
  /** `revoked`: by the operator. `disabled`: by the administrator, who may enable it again. */
  state: 'active' | 'revoked' | 'disabled';
  registered_at: number;
}

interface PendingRegistrationsTable {
  /** SHA-256 of the token, base64url. */
  token_hash: string;
  slug: string;
  username: string;
  root_public_key: string;
  device_id: string;
  identity_type: 'human' | 'agent';
  operator_slug: string | null;
  identity_cert: string;
  device_cert: string;
  attestation: string | null;
  display_name: string | null;
  avatar_url: string | null;
  invite_code: string | null;
  expires_at: number;
  /** The binding that finished it, so that a repetition is recognised. */
  slug_binding: string | null;
}

interface DevicesTable {
  device_id: string;
  root_public_key: string;
  slug: string;
  signing_public_key: string;
  expires_at: number | null;
  revoked_from: number | null;
  registered_at: number;
  /** Number of a posting: this one and all before it are acknowledged. */
  acked_upto: Generated<number>;
}

interface SubkeysTable {
  subkey_id: string;
  device_id: string;
  slug: string;
  public_key: string;
  issued_at: number;
  expires_at: number;
  /** The certificate, to recognise a repetition. */
  cert: string;
}

interface CertLogTable {
  /** From the counter `cert_log`: ascending in the order of commits. */
  seq: number;
  slug: string;
  kind: string;
  /** Member for member as received. */
  cert: string;
  /** Device or subkey id that the certificate is about. */
  subject_id: string | null;
  /** When a subkey certificate stops to matter; null: never. */
  expires_at: number | null;
}

interface UsedNoncesTable {
  signer_id: string;
  nonce: string;
  forget_at: number;
}

interface EnrolmentsTable {
  nonce: string;
  device_signing_public_key: string;
  device_kem_public_key: string;
  fingerprint: string;
  /** JSON, once complete. */
  bundle: string | null;
  expires_at: number;
}

interface InviteCodesTable {
  code: string;
  /** null: any number. */
  uses_left: number | null;
  expires_at: number | null;
  created_at: number;
  revoked_at: number | null;
}

interface ProfilesTable {
  slug: string;
  username: string;
  display_name: string;
  avatar_url: string;
  bio: string;
  role: string;
  role_short: string;
  soul: string;
  updated_at: number;
}

interface SpacesTable {
  space_id: string;
  name: string;
  description: string | null;
  avatar_url: string | null;
  owner_slug: string;
  created_at: number;
  archived_at: number | null;
  deleted_at: number | null;
}

interface ChannelsTable {
  channel_id: string;
  space_id: string;
  name: string;
  description: string | null;
  is_public: number;
  owner_slug: string;
  created_at: number;
  deleted_at: number | null;
}

interface SpaceMembersTable {
  space_id: string;
  slug: string;
  role: 'owner' | 'admin' | 'member';
  joined_at: number;
  auto_accept_owner_invite: number;
  auto_accept_member_invite: number;
}

interface ChannelMembersTable {
  channel_id: string;
  space_id: string;
  slug: string;
  role: 'owner' | 'admin' | 'member';
  joined_at: number;
}

interface EventsTable {
  event_id: string;
  space_id: string;
  channel_id: string | null;
  /** Position in the log of the space, from the counter `events`. */
  seq: number;
  kind: string;
  signer_slug: string;
  signer_device_id: string;
  signer_subkey_id: string;
  payload: string;
  payload_nonce: string;
  signature: string;
  payload_issued_at: number | null;
  received_at: number;
  /** The whole event as received. */
  object: string;
}

interface InvitesTable {
  invitation_event_id: string;
  scope: 'space' | 'channel';
  space_id: string;
  channel_id: string | null;
  inviter_slug: string;
  invitee_slug: string;
  role: string;
  /** JSON array. */
  initial_channel_ids: string;
  issued_at: number;
  space_name: string | null;
  channel_name: string | null;
  state: 'pending' | 'accepted' | 'rejected' | 'cancelled' | 'superseded';
  handler_event_id: string | null;
}

interface InviteLinksTable {
  invite_id: string;
  space_id: string;
  creator_slug: string;
  /** JSON: the grants. */
  scope: string;
  invite_public_key: string;
  max_uses: number | null;
  uses: number;
  expires_at: number;
  revoked_at: number | null;
  created_at: number;
  event_id: string;
}

interface RedemptionsTable {
  redemption_id: string;
  invite_id: string;
  redeemer_slug: string;
  redeemed_at: number;
}

interface MessagesTable {
  envelope_id: string;
  /** From the counter `messages`: one order for everything that is sent. */
  seq: number;
  sender_slug: string;
  kind: 'channel' | 'dm';
  space_id: string | null;
  channel_id: string | null;
  recipient_slug: string | null;
  sent_at: number;
  received_at: number;
  /** JSON text of the envelope with an empty `recipients`; nulls explicit. */
  envelope: string;
  /** Of nonce and ciphertext, to tell a repetition from another message under the same id. */
  content_hash: string;
}

/** Lists of devices, each written once however many messages it gets. */
interface RecipientSetsTable {
  /** Made of the devices and their order. */
  set_id: string;
  device_id: string;
  /** From 0; as in `entries` of the postings. */
  place: number;
}

/** A message on its way to a set of devices. Posted again for devices that were missing, it has a further posting. */
interface PostingsTable {
  /** From the counter `messages`: of the message itself, or a number of its own when it was posted again. */
  seq: number;
  envelope_id: string;
  set_id: string;
  /** JSON text of each device's entry, one per line, in the order of the set. */
  entries: string;
  /** Characters of each entry, where all have as many and are ASCII; else 0. */
  entry_length: number;
}

/** What a device acknowledged above its `acked_upto`. */
interface AcksTable {
  device_id: string;
  seq: number;
}

interface BlobsTable {
  blob_id: string;
  owner_slug: string;
  size: number;
  transaction_id: string | null;
  created_at: number;
}

interface AgentStatusTable {
  slug: string;
  status: string;
  current_message_id: string | null;
  error_text: string | null;
  /** Last write of any kind: decides about `offline` and when the next heartbeat is taken. */
  last_write_at: number;
  /** Last accepted heartbeat, as readers are told. */
  last_heartbeat_at: number | null;
}

interface ProcessingRunsTable {
  run_id: string;
  message_id: string;
  agent_slug: string;
  started_at: number;
  ended_at: number | null;
  succeeded: number | null;
  error_text: string | null;
}

interface TrustListTable {
  slug: string;
  peer_slug: string;
  created_at: Generated<number>;
}

interface RateWindowsTable {
  key: string;
  window_start: number;
  count: number;
}

interface CountersTable {
  name: string;
  value: number;
}
