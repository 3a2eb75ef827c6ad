// What people say about themselves: unsigned, informative. spec: wire-protocol 9.11, 9.12
import type { ProfileEntry, Slug } from '@puffo/protocol';
import type { Directory } from '../directory/directory.ts';
import type { HttpClient } from '../http/http-client.ts';

/** What is absent stays as it is; empty text clears it. */
export interface ProfileChange {
  readonly displayName?: string;
  readonly avatarUrl?: string;
  readonly bio?: string;
  readonly role?: string;
  /** Only together with `role`. */
  readonly roleShort?: string;
  readonly soul?: string;
}

const MEMBERS = {
  displayName: 'display_name',
  avatarUrl: 'avatar_url',
  bio: 'bio',
  role: 'role',
  roleShort: 'role_short',
  soul: 'soul',
} as const satisfies Record<keyof ProfileChange, string>;

export async function findProfile(
  { directory }: { readonly directory: Pick<Directory, 'getProfiles'> },
  slug: Slug,
): Promise<ProfileEntry | undefined> {
  return (await directory.getProfiles([slug])).get(slug);
}

export async function updateProfile({ http }: { readonly http: HttpClient }, change: ProfileChange): Promise<void> {
  const body: Partial<Record<(typeof MEMBERS)[keyof ProfileChange], string>> = {};
  for (const name of ['displayName', 'avatarUrl', 'bio', 'role', 'roleShort', 'soul'] as const) {
    const value = change[name];
    if (value !== undefined) body[MEMBERS[name]] = value;
  }
  await http.call('updateProfile', { body });
}
