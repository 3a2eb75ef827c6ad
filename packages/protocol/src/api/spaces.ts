// Spaces, their members and a member's own settings. spec: wire-protocol 9.13, 9.14, 9.19, 9.20
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { absentable, okAnswer, openEnum, readableList } from './answer-fields.ts';
import type { EndpointDefinition } from './endpoint.ts';
import { avatarUrlField, nameField, slugField, spaceIdField, textField, timeField } from './fields.ts';

export type MemberRole = 'owner' | 'admin' | 'member';

export const spaceParams = z.object({ space_id: spaceIdField });

/** No limit of its own in the specification: that of a profile's `bio`. */
export const descriptionField = textField(LIMITS.bioCharacters);

const spaceEntry = z.object({
  space_id: spaceIdField,
  /** Empty is shown as the id. */
  name: z.string(),
  role: absentable(openEnum<MemberRole>()),
  joined_at: absentable(timeField),
  latest_event_cursor: absentable(z.string()),
  description: absentable(z.string()),
  avatar_url: absentable(z.string()),
  archived_at: absentable(timeField),
});

/** Without a role: a member. Some servers leave out what they do not know. */
const spaceMemberEntry = z.object({
  slug: slugField,
  role: absentable(openEnum<MemberRole>()),
  identity_type: absentable(openEnum<'human' | 'agent'>()),
  display_name: absentable(z.string()),
  joined_at: absentable(timeField),
});

const updateSpaceBody = z.object({
  name: nameField.optional(),
  description: descriptionField.optional(),
  avatar_url: avatarUrlField.optional(),
});

export const updateSpaceAnswer = okAnswer.extend({
  space_id: absentable(spaceIdField),
  updated_at: absentable(timeField),
});

const memberSettingsAnswer = z.object({
  auto_accept_owner_invite: absentable(z.boolean()),
  auto_accept_member_invite: absentable(z.boolean()),
});

const updateMemberSettingsBody = z.object({
  auto_accept_owner_invite: z.boolean().optional(),
  auto_accept_member_invite: z.boolean().optional(),
});

export type SpaceEntry = z.output<typeof spaceEntry>;
export type SpaceMemberEntry = z.output<typeof spaceMemberEntry>;

export const SPACE_ENDPOINTS = [
  {
    name: 'listSpaces',
    method: 'GET',
    path: '/spaces',
    auth: 'subkey',
    spec: '9.13',
    status: 200,
    maxBodyBytes: 0,
    answer: z.object({ spaces: readableList(spaceEntry) }),
  },
  {
    name: 'getSpace',
    method: 'GET',
    path: '/spaces/{space_id}',
    auth: 'subkey',
    spec: '9.14',
    status: 200,
    maxBodyBytes: 0,
    params: spaceParams,
    answer: spaceEntry,
  },
  {
    name: 'listSpaceMembers',
    method: 'GET',
    path: '/spaces/{space_id}/members',
    auth: 'subkey',
    spec: '9.14',
    status: 200,
    maxBodyBytes: 0,
    params: spaceParams,
    answer: z.object({ members: readableList(spaceMemberEntry) }),
  },
  {
    name: 'updateSpace',
    method: 'PATCH',
    path: '/spaces/{space_id}',
    auth: 'subkey',
    spec: '9.19',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    params: spaceParams,
    body: updateSpaceBody,
    answer: updateSpaceAnswer,
  },
  {
    name: 'deleteSpace',
    method: 'DELETE',
    path: '/spaces/{space_id}',
    auth: 'subkey',
    spec: '9.19',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    params: spaceParams,
    answer: okAnswer,
  },
  {
    name: 'archiveSpace',
    method: 'POST',
    path: '/spaces/{space_id}/archive',
    auth: 'subkey',
    spec: '9.19',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    params: spaceParams,
    answer: okAnswer,
  },
  {
    name: 'unarchiveSpace',
    method: 'POST',
    path: '/spaces/{space_id}/unarchive',
    auth: 'subkey',
    spec: '9.19',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    params: spaceParams,
    answer: okAnswer,
  },
  {
    name: 'getMemberSettings',
    method: 'GET',
    path: '/spaces/{space_id}/members/me/settings',
    auth: 'subkey',
    spec: '9.20',
    status: 200,
    maxBodyBytes: 0,
    params: spaceParams,
    answer: memberSettingsAnswer,
  },
  {
    name: 'updateMemberSettings',
    method: 'PATCH',
    path: '/spaces/{space_id}/members/me/settings',
    auth: 'subkey',
    spec: '9.20',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    params: spaceParams,
    body: updateMemberSettingsBody,
    answer: okAnswer,
  },
] as const satisfies readonly EndpointDefinition[];
