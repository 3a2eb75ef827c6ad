// What each kind of signed event says: one strict schema per kind, as a table. spec: wire-protocol 8.3, 14.5
import * as z from 'zod';
import {
  channelIdField,
  checkedField,
  deviceIdField,
  eventIdField,
  listField,
  longNonceField,
  nameField,
  publicKeyField,
  seqField,
  slugField,
  spaceIdField,
  subkeyIdField,
  textField,
  timeField,
} from '../api/fields.ts';
import { parseSchema } from '../api/parse-schema.ts';
import { LIMITS } from '../limits.ts';

const CAPABILITY_ID = /^(?:inv|red)_[A-Za-z0-9_-]{1,128}$/;

const nonce = longNonceField;
const space = { space_id: spaceIdField, nonce };
const channel = { ...space, channel_id: channelIdField };
const answered = { invitation_event_id: eventIdField };
/** Open text: only `update_role` has a closed list in the specification. */
const roleName = textField(LIMITS.roleShortCharacters, { minCharacters: 1 });
const inviteId = capabilityIdField('inv_');
const redemptionId = capabilityIdField('red_');
const grants = z.strictObject({
  space_grant: z.strictObject({ role: roleName }).nullable(),
  channel_grants: listField(z.strictObject({ channel_id: channelIdField, role: roleName }), LIMITS.listedPerEvent),
});

const EVENTS = {
  create_space: defineKind({ ...space, name: nameField, created_at: timeField }, 'created_at'),
  create_channel: defineKind(
    {
      ...channel,
      name: nameField,
      created_at: timeField,
      initial_member_slugs: listField(slugField, LIMITS.listedPerEvent).optional(),
      is_public: z.boolean().optional(),
    },
    'created_at',
  ),
  invite_to_space: defineKind(
    {
      ...space,
      invitee_slug: slugField,
      issued_at: timeField,
      invitee_role: roleName.nullish(),
      initial_channel_ids: listField(channelIdField, LIMITS.listedPerEvent).optional(),
    },
    'issued_at',
  ),
  invite_to_channel: defineKind({ ...channel, invitee_slug: slugField, issued_at: timeField }, 'issued_at'),
  accept_space_invite: defineKind({ ...space, ...answered, accepted_at: timeField }, 'accepted_at'),
  accept_channel_invite: defineKind({ ...channel, ...answered, accepted_at: timeField }, 'accepted_at'),
  reject_space_invite: defineKind({ ...space, ...answered, rejected_at: timeField }, 'rejected_at'),
  reject_channel_invite: defineKind({ ...channel, ...answered, rejected_at: timeField }, 'rejected_at'),
  cancel_space_invite: defineKind({ ...space, ...answered, cancelled_at: timeField }, 'cancelled_at'),
  cancel_channel_invite: defineKind({ ...channel, ...answered, cancelled_at: timeField }, 'cancelled_at'),
  leave_space: defineKind({ ...space, effective_from: timeField }, 'effective_from'),
  leave_channel: defineKind({ ...channel, effective_from: timeField }, 'effective_from'),
  remove_from_space: defineKind({ ...space, removed_slug: slugField, effective_from: timeField }, 'effective_from'),
  remove_from_channel: defineKind({ ...channel, removed_slug: slugField, effective_from: timeField }, 'effective_from'),
  update_role: defineKind(
    { ...space, target_slug: slugField, new_role: z.enum(['admin', 'member']), issued_at: timeField },
    'issued_at',
  ),
  transfer_space_ownership: defineKind({ ...space, new_owner_slug: slugField, issued_at: timeField }, 'issued_at'),
  /** The one kind without a time of its own: the server appends it. */
  add_to_channel: defineKind(
    { ...channel, added_slug: slugField, source_redemption_id: redemptionId.optional() },
    undefined,
  ),
  create_invite_capability: defineKind(
    {
      ...space,
      invite_id: inviteId,
      scope: grants,
      max_uses: seqField.nullable(),
      expires_at: timeField,
      invite_public_key: publicKeyField,
      created_at: timeField,
    },
    'created_at',
  ),
  redeem_invite_capability: defineKind(
    {
      ...space,
      redemption_id: redemptionId,
      invite_id: inviteId,
      redeemer_slug: slugField,
      redeemer_device_id: deviceIdField,
      redeemer_subkey_id: subkeyIdField,
      redeemed_at: timeField,
    },
    'redeemed_at',
  ),
  revoke_invite_capability: defineKind({ ...space, invite_id: inviteId, revoked_at: timeField }, 'revoked_at'),
} as const;

type Events = typeof EVENTS;

export type EventKind = keyof Events;
export type EventPayload<Kind extends EventKind> = z.output<Events[Kind]['strict']>;

/** A payload with its kind: `switch (event.kind)` gives the payload its members. */
export type ParsedEvent =
  | { readonly [Kind in EventKind]: { readonly kind: Kind; readonly payload: EventPayload<Kind> } }[EventKind]
  | { readonly kind: 'unknown'; readonly name: string };

export interface ParseEventOptions {
  /**
   * `refuse`, the default, is for events that are posted. `ignore` is for reading a log: the server's own events carry
   * extra members, and later servers may know more. spec: wire-protocol 8.7
   */
  readonly unknownMembers?: 'refuse' | 'ignore';
}

/** Throws for a payload that does not fit its kind. A kind this version does not know is a result, not an error. */
export function parseEventPayload(kind: string, payload: unknown, options: ParseEventOptions = {}): ParsedEvent {
  if (!isEventKind(kind)) return { kind: 'unknown', name: kind };
  const { strict, tolerant } = EVENTS[kind];
  const schema = options.unknownMembers === 'ignore' ? tolerant : strict;
  // The table pairs kind and schema, which the compiler cannot follow through a lookup.
  return { kind, payload: parseSchema(schema, payload, `event ${kind}`) } as ParsedEvent;
}

export function isEventKind(kind: string): kind is EventKind {
  return Object.hasOwn(EVENTS, kind);
}

/**
 * The event's own time, `payload_issued_at` of the log; `undefined` where kind or payload have none.
 * spec: wire-protocol 8.3
 */
export function eventTimeOf(kind: string, payload: Readonly<Record<string, unknown>>): number | undefined {
  const member = isEventKind(kind) ? EVENTS[kind].time : undefined;
  if (member === undefined || !Object.hasOwn(payload, member)) return undefined;
  const time = timeField.safeParse(payload[member]);
  return time.data;
}

/** `time` names the member that is the event's own time. */
function defineKind<Shape extends z.ZodRawShape>(shape: Shape, time: (keyof Shape & string) | undefined) {
  return { strict: z.strictObject(shape), tolerant: z.object(shape), time };
}

function capabilityIdField(prefix: 'inv_' | 'red_') {
  function isCapabilityId(value: unknown): value is string {
    return typeof value === 'string' && value.startsWith(prefix) && CAPABILITY_ID.test(value);
  }
  return checkedField(isCapabilityId, `${prefix} and up to 128 base64url characters`);
}
