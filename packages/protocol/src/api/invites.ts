// Open invitations into spaces and channels. spec: wire-protocol 9.21, 12.1, 14.5
import * as z from 'zod';
import { absentable, openEnum, readableList } from './answer-fields.ts';
import type { EndpointDefinition } from './endpoint.ts';
import { channelIdField, eventIdField, jsonObjectField, slugField, spaceIdField, timeField } from './fields.ts';

/** What proves a space to somebody who cannot read its log yet. Other tags than `Space` are passed over. */
const bootstrap = z.object({
  Space: absentable(z.object({ proof_events: readableList(jsonObjectField) })),
});

const invitationEvent = z.object({
  server_seq: absentable(z.number()),
  server_received_at_ms: absentable(z.number()),
  event: jsonObjectField,
});

/**
 * The members up to `channel_name` are those of 0.7.2. What came later is informative, except `invitation_event`: of a
 * later member with an unexpected shape nothing is read, while the invitation itself stays.
 */
const inviteEntry = z
  .object({
    invitation_event_id: eventIdField,
    /** An entry with another scope is skipped by its reader, with a warning. */
    scope: openEnum<'space' | 'channel'>(),
    space_id: spaceIdField,
    channel_id: absentable(channelIdField),
    /** Said by the server and signed by nobody. spec: wire-protocol 12.4 */
    inviter_slug: slugField,
    invitee_slug: absentable(z.string()),
    issued_at: absentable(timeField),
    space_name: absentable(z.string()),
    channel_name: absentable(z.string()),
    state: ifReadable(openEnum<'Pending'>()),
    role: ifReadable(z.string()),
    initial_channel_ids: ifReadable(readableList(channelIdField)),
    issued_at_ms: ifReadable(z.number()),
    handler_event_id: ifReadable(z.string()),
    superseded_by_event_id: ifReadable(z.string()),
    invitation_event: ifReadable(invitationEvent),
    bootstrap: ifReadable(bootstrap),
  })
  .refine(({ scope, channel_id }) => scope !== 'channel' || channel_id !== undefined, {
    path: ['channel_id'],
    error: 'ch_ and a lowercase UUIDv4, since the scope is channel',
  });

export type InviteEntry = z.output<typeof inviteEntry>;

export const INVITE_ENDPOINTS = [
  {
    name: 'listInvites',
    method: 'GET',
    path: '/invites',
    auth: 'subkey',
    spec: '9.21',
    status: 200,
    maxBodyBytes: 0,
    query: z.object({ direction: z.enum(['received', 'sent']).optional() }),
    answer: z.object({ invites: readableList(inviteEntry) }),
  },
] as const satisfies readonly EndpointDefinition[];

function ifReadable<Schema extends z.ZodType>(schema: Schema) {
  return absentable(schema).catch(undefined);
}
