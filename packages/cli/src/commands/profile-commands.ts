import { updateProfile } from '@puffo/client';
import { LIMITS, type ProfileEntry, type Slug } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import type { Call, CommandDefinition, OptionDefinition, Outcome } from '../command.ts';
import { cleanLines, cleanName } from '../output/clean-text.ts';
import { columns } from '../output/columns.ts';
import { parsePerson } from '../signed-in/conversation.ts';
import { type SignedInCall, signedIn } from '../signed-in/with-signed-in.ts';

const FIELDS = ['display-name', 'bio', 'role', 'role-short', 'avatar-url'] as const;

const SET_OPTIONS: readonly OptionDefinition[] = [
  { flag: 'display-name', value: 'name', help: `up to ${LIMITS.nameCharacters} characters` },
  { flag: 'bio', value: 'text', help: `up to ${LIMITS.bioCharacters} characters` },
  { flag: 'role', value: 'text', help: `up to ${LIMITS.roleCharacters} characters` },
  { flag: 'role-short', value: 'text', help: `up to ${LIMITS.roleShortCharacters} characters, together with --role` },
  { flag: 'avatar-url', value: 'url', help: 'address of a picture' },
];

export const PROFILE_COMMANDS: readonly CommandDefinition[] = [
  {
    name: 'profile show',
    summary: 'show what somebody says about themselves',
    arguments: [{ name: 'person', help: 'a slug; otherwise you', isOptional: true }],
    examples: ['profile show', 'profile show @bob-1a2b'],
    run: signedIn(show),
  },
  {
    name: 'profile set',
    summary: 'say something else about yourself; an empty text clears it',
    options: SET_OPTIONS,
    examples: ['profile set --display-name "Alice A."', 'profile set --bio ""'],
    run: signedIn(set),
  },
];

async function show({ call, client }: SignedInCall): Promise<Outcome> {
  const text = call.findArgument('person');
  const slug = text === undefined ? client.slug : parsePerson(text);
  // Asked for itself, and not from the directory: who shows a profile wants it as it is now.
  const { profiles } = await client.http.call('listProfiles', { query: { slugs: [slug] } });
  const profile = profiles.items.find((entry) => entry.slug === slug);
  if (profile === undefined) throw new CliError('failed', `Cannot find @${slug}: nobody of that name is here`);
  return { json: profileJson(profile), lines: describeProfile(profile) };
}

function profileJson(profile: ProfileEntry) {
  return {
    slug: profile.slug,
    display_name: profile.display_name ?? null,
    identity_type: profile.identity_type ?? null,
    operator: profile.owner_slug ?? null,
    role: profile.role ?? null,
    role_short: profile.role_short ?? null,
    bio: profile.bio ?? null,
    avatar_url: profile.avatar_url ?? null,
  };
}

function describeProfile(profile: ProfileEntry): readonly string[] {
  const { slug, display_name, identity_type, owner_slug, role, avatar_url, bio } = profile;
  const rows = [
    ['slug', `@${slug}`],
    ['name', cleanName(display_name ?? '')],
    ['is', identity_type === 'agent' ? `an agent${nameOperator(owner_slug)}` : 'a person'],
    ['role', cleanName(role ?? '', LIMITS.roleCharacters)],
    ['picture', cleanName(avatar_url ?? '', LIMITS.avatarUrlCharacters)],
  ];
  const about = bio === undefined || bio === '' ? [] : cleanLines(bio).map((line) => `    ${line}`);
  return [...columns(rows.filter(([, value]) => value !== '')), ...about];
}

function nameOperator(slug: Slug | string | undefined): string {
  return slug === undefined || slug === '' ? '' : ` of @${cleanName(slug)}`;
}

async function set({ call, client }: SignedInCall): Promise<Outcome> {
  const given = FIELDS.filter((flag) => call.option(flag) !== undefined);
  if (given.length === 0) {
    throw new CliError('usage', `Cannot change nothing: give one of ${FIELDS.map((flag) => `--${flag}`).join(', ')}`);
  }
  await updateProfile(client, readChange(call));
  return { json: { changed: given }, lines: [`Changed ${given.join(', ')}.`] };
}

function readChange(call: Call) {
  const [displayName, bio, role, roleShort, avatarUrl] = FIELDS.map((flag) => call.option(flag));
  return {
    ...(displayName === undefined ? {} : { displayName }),
    ...(bio === undefined ? {} : { bio }),
    ...(role === undefined ? {} : { role }),
    ...(roleShort === undefined ? {} : { roleShort }),
    ...(avatarUrl === undefined ? {} : { avatarUrl }),
  };
}
