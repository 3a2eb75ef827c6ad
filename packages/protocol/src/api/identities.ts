// What an identity says about itself. spec: wire-protocol 9.11, 9.12
import * as z from 'zod';
import { isSlug } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { absentable, okAnswer, openEnum, readableList } from './answer-fields.ts';
import type { EndpointDefinition } from './endpoint.ts';
import { avatarUrlField, slugField, textField, timeField } from './fields.ts';
import { idListQuery } from './query-fields.ts';

/** Everything but the slug may be absent, null or empty. */
const profileEntry = z.object({
  slug: slugField,
  username: absentable(z.string()),
  display_name: absentable(z.string()),
  avatar_url: absentable(z.string()),
  bio: absentable(z.string()),
  role: absentable(z.string()),
  role_short: absentable(z.string()),
  soul: absentable(z.string()),
  /** Newer clients take an identity without this for a human. */
  identity_type: absentable(openEnum<'human' | 'agent'>()),
  owner_slug: absentable(z.string()),
  profile_updated_at: absentable(timeField),
});

/** Absent members stay unchanged, empty ones are cleared. */
const updateProfileBody = z
  .object({
    display_name: textField(LIMITS.nameCharacters).optional(),
    avatar_url: avatarUrlField.optional(),
    bio: textField(LIMITS.bioCharacters).optional(),
    role: textField(LIMITS.roleCharacters).optional(),
    role_short: textField(LIMITS.roleShortCharacters).optional(),
    soul: textField(LIMITS.soulCharacters).optional(),
  })
  .refine(({ role, role_short }) => role_short === undefined || role !== undefined, {
    path: ['role_short'],
    error: 'no role_short without a role',
  });

export type ProfileEntry = z.output<typeof profileEntry>;

export const IDENTITY_ENDPOINTS = [
  {
    name: 'listProfiles',
    method: 'GET',
    path: '/identities/profiles',
    auth: 'subkey',
    spec: '9.11',
    status: 200,
    maxBodyBytes: 0,
    query: z.object({ slugs: idListQuery(isSlug) }),
    answer: z.object({ profiles: readableList(profileEntry) }),
  },
  {
    name: 'updateProfile',
    method: 'PATCH',
    path: '/identities/self',
    auth: 'subkey',
    spec: '9.12',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: updateProfileBody,
    answer: okAnswer.extend({ profile_updated_at: absentable(timeField) }),
  },
] as const satisfies readonly EndpointDefinition[];
