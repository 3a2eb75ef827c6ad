// Channels of a space and who reads them. spec: wire-protocol 9.15, 9.16, 9.19
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { absentable, okAnswer, openEnum, readableList } from './answer-fields.ts';
import type { EndpointDefinition } from './endpoint.ts';
import { channelIdField, nameField, slugField, spaceIdField, timeField } from './fields.ts';
import { descriptionField, type MemberRole, spaceParams, updateSpaceAnswer } from './spaces.ts';

const channelParams = z.object({ space_id: spaceIdField, channel_id: channelIdField });

const channelEntry = z.object({
  channel_id: channelIdField,
  name: z.string(),
  description: absentable(z.string()),
  is_public: absentable(z.boolean()),
  /** Absent is not `false`: base servers know encrypted channels only. spec: wire-protocol 14.4 */
  is_encrypted: absentable(z.boolean()),
  created_at: absentable(timeField),
  owner_slug: absentable(z.string()),
});

/** The list decides who receives a message. Entries without a slug name nobody and are passed over. */
const channelMemberEntry = z.object({
  slug: slugField,
  role: absentable(openEnum<MemberRole>()),
  display_name: absentable(z.string()),
  identity_type: absentable(openEnum<'human' | 'agent'>()),
  owner_slug: absentable(z.string()),
  online: absentable(z.boolean()),
});

const updateChannelBody = z.object({
  name: nameField.optional(),
  description: descriptionField.optional(),
});

const updateChannelAnswer = updateSpaceAnswer.extend({ channel_id: absentable(channelIdField) });

export type ChannelEntry = z.output<typeof channelEntry>;
export type ChannelMemberEntry = z.output<typeof channelMemberEntry>;

export const CHANNEL_ENDPOINTS = [
  {
    name: 'listChannels',
    method: 'GET',
    path: '/spaces/{space_id}/channels',
    auth: 'subkey',
    spec: '9.15',
    status: 200,
    maxBodyBytes: 0,
    params: spaceParams,
    answer: z.object({ channels: readableList(channelEntry) }),
  },
  {
    name: 'listChannelMembers',
    method: 'GET',
    path: '/spaces/{space_id}/channels/{channel_id}/members',
    auth: 'subkey',
    spec: '9.16',
    status: 200,
    maxBodyBytes: 0,
    params: channelParams,
    answer: z.object({ members: readableList(channelMemberEntry) }),
  },
  {
    name: 'updateChannel',
    method: 'PATCH',
    path: '/spaces/{space_id}/channels/{channel_id}',
    auth: 'subkey',
    spec: '9.19',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    params: channelParams,
    body: updateChannelBody,
    answer: updateChannelAnswer,
  },
  {
    name: 'deleteChannel',
    method: 'DELETE',
    path: '/spaces/{space_id}/channels/{channel_id}',
    auth: 'subkey',
    spec: '9.19',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    params: channelParams,
    answer: okAnswer,
  },
] as const satisfies readonly EndpointDefinition[];
