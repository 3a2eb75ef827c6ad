// The signed log of a space. spec: wire-protocol 8.2, 8.5
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { absentable, okAnswer, readableList } from './answer-fields.ts';
import type { EndpointDefinition } from './endpoint.ts';
import {
  channelIdField,
  countField,
  eventIdField,
  jsonObjectField,
  listField,
  opaqueField,
  seqField,
  spaceIdField,
  timeField,
} from './fields.ts';
import { pageSizeQuery } from './query-fields.ts';
import { spaceParams } from './spaces.ts';

const postEventsBody = z.object({
  space_id: spaceIdField,
  events: listField(jsonObjectField, LIMITS.eventsPerBatch),
  /** Newer clients, for new channels. spec: wire-protocol 14.4 */
  is_encrypted: z.boolean().optional(),
});

const postEventsAnswer = okAnswer.extend({
  applied: absentable(countField),
  server_emitted_events: absentable(readableList(jsonObjectField)),
});

/**
 * A flattened event. The signer members and the signature are plain text, because events that the server adds itself
 * leave them empty or put a marker there. spec: wire-protocol 8.7
 */
const eventLogEntry = z.object({
  seq: seqField,
  event_id: eventIdField,
  kind: z.string(),
  signer_slug: z.string(),
  signer_device_id: z.string(),
  signer_subkey_id: z.string(),
  payload: jsonObjectField,
  signature: z.string(),
  payload_issued_at: absentable(timeField),
});

const listEventsQuery = z.object({
  since: opaqueField.optional(),
  limit: pageSizeQuery.optional(),
  channel_id: channelIdField.optional(),
});

/** Readers stop when `next_cursor` is missing or the one they came with. */
const listEventsAnswer = z.object({
  events: readableList(eventLogEntry),
  next_cursor: absentable(z.string()),
  has_more: z.boolean(),
});

export type EventLogEntry = z.output<typeof eventLogEntry>;

export const EVENT_ENDPOINTS = [
  {
    name: 'postEvents',
    method: 'POST',
    path: '/spaces/events',
    auth: 'subkey',
    spec: '9.17',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: postEventsBody,
    answer: postEventsAnswer,
  },
  {
    name: 'listEvents',
    method: 'GET',
    path: '/spaces/{space_id}/events',
    auth: 'subkey',
    spec: '9.18',
    status: 200,
    maxBodyBytes: 0,
    params: spaceParams,
    query: listEventsQuery,
    answer: listEventsAnswer,
  },
] as const satisfies readonly EndpointDefinition[];
