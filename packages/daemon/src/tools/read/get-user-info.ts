// spec: mcp-tools 6.4
import { cleanLine } from '@puffo/agent';
import { isSlug, type ProfileEntry, type Slug } from '@puffo/protocol';
import { requiredText } from '../fields.ts';
import { fitText } from '../fit-text.ts';
import { defineTool } from '../tool-definition.ts';
import { ToolError } from '../tool-error.ts';
import type { ToolParts } from '../tool-parts.ts';

const MAX_LINE = 2000;
const MAX_SPACES = 20;

export const GET_USER_INFO = defineTool({
  name: 'get_user_info',
  kind: 'read',
  description: 'Who somebody is, by slug or by a display name that is unique among the people you share spaces with.',
  input: { username: requiredText({ description: '@slug, or a display name' }) },
  async run({ username }, { parts }) {
    const given = username.replace(/^@/, '').trim();
    if (given === '')
      throw new ToolError('invalid_argument', 'Cannot look somebody up: `username` is empty; write @slug');
    const spaces = await rosterOf(parts);
    const found = await findPerson(given, { spaces, parts });
    if (found === undefined) {
      return {
        text: `(no profile for ${cleanLine(given, 100)}; people are named by their slug, such as name-1a2b, see list_channel_members)`,
      };
    }
    const { profile, note } = found;
    const shared = spaces.filter(({ slugs }) => slugs.has(profile.slug)).map(({ name }) => name);
    return { text: fitText([...note, ...describe(profile, parts), ...sharedLine(shared)].join('\n')) };
  },
});

interface Roster {
  readonly name: string;
  readonly slugs: ReadonlySet<Slug>;
}

/** Of the spaces that the agent is in, as far as they can be asked. */
async function rosterOf({ client }: ToolParts): Promise<readonly Roster[]> {
  const spaces = (await client.spaces.listSpaces()).slice(0, MAX_SPACES);
  const rosters = await Promise.all(
    spaces.map(async ({ space_id: id, name }) => {
      // One that cannot be listed hides none of the others.
      const members = await client.spaces.listSpaceMembers(id).catch(() => []);
      return { name: cleanLine(name, 80) || id, slugs: new Set(members.map(({ slug }) => slug)) };
    }),
  );
  return rosters;
}

interface FoundPerson {
  readonly profile: ProfileEntry;
  readonly note: readonly string[];
}

async function findPerson(
  given: string,
  { spaces, parts }: { readonly spaces: readonly Roster[]; readonly parts: ToolParts },
): Promise<FoundPerson | undefined> {
  const { directory } = parts.client;
  const profile = isSlug(given) ? (await directory.getProfiles([given])).get(given) : undefined;
  if (profile !== undefined) return { profile, note: [] };
  const known = await directory.getProfiles(Array.from(new Set(spaces.flatMap(({ slugs }) => [...slugs]))));
  const named = [...known.values()].filter(({ display_name: name = '' }) => isSameName(name, given));
  const [only, ...others] = named;
  if (only === undefined) return undefined;
  if (others.length === 0)
    return { profile: only, note: [`note: the slug of '${cleanLine(given, 80)}' is ${only.slug}`] };
  const slugs = named.slice(0, 10).map(({ slug }) => `@${slug}`);
  throw new ToolError('conflict', `Cannot tell whom you mean: ${slugs.join(', ')} have this name; use a slug`);
}

function isSameName(name: string, given: string): boolean {
  return name.normalize('NFC').trim().toLowerCase() === given.normalize('NFC').toLowerCase();
}

function describe(profile: ProfileEntry, { own, config }: ToolParts): readonly string[] {
  const { slug, identity_type: type, owner_slug: owner } = profile;
  const mark = slug === own.slug ? ' (you)' : slug === config().puffoCore.operatorSlug ? ' (your operator)' : '';
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['slug', `${slug}${mark}`],
    ['display_name', profile.display_name],
    ['type', type === 'agent' ? 'agent' : 'human'],
    ['operator', type === 'agent' && owner !== undefined ? `@${owner}` : undefined],
    ['role', profile.role],
    ['bio', profile.bio],
    ['avatar_url', profile.avatar_url],
  ];
  return lines.flatMap(([name, value]) => {
    const line = cleanLine(value ?? '', MAX_LINE);
    return line === '' ? [] : [`${name}: ${line}`];
  });
}

function sharedLine(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`shared spaces: ${names.join(', ')}`];
}
