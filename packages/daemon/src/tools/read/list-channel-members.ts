// spec: mcp-tools 6.3
import { cleanLine } from '@puffo/agent';
import type { ChannelMemberEntry, ProfileEntry } from '@puffo/protocol';
import { requiredText } from '../fields.ts';
import { fitItems } from '../fit-text.ts';
import { resolveAddress } from '../places/address.ts';
import { defineTool } from '../tool-definition.ts';
import type { ToolParts } from '../tool-parts.ts';
import { findPeople } from './message-lines.ts';

const MAX_SHOWN = 200;
const MAX_NAME = 80;

type Member = Pick<ChannelMemberEntry, 'slug' | 'role' | 'display_name' | 'identity_type' | 'owner_slug'>;

export const LIST_CHANNEL_MEMBERS = defineTool({
  name: 'list_channel_members',
  kind: 'read',
  description: 'Who is in a channel. Look before you mention or delegate.',
  input: { channel: requiredText({ description: 'ch_… or @slug' }) },
  async run({ channel }, { parts }) {
    const { route, name } = await resolveAddress(channel, parts);
    const members: readonly Member[] =
      route.kind === 'channel'
        ? await parts.client.channels.listChannelMembers(route)
        : [memberOf(route.recipientSlug), memberOf(parts.own.slug)];
    if (members.length === 0) return { text: `${name}: (empty channel)` };
    const shown = members.slice(0, MAX_SHOWN);
    const people = await findPeople(
      shown.map(({ slug }) => slug),
      parts,
    );
    const head = `${name}: ${members.length} ${members.length === 1 ? 'member' : 'members'}`;
    const lines = shown.map((member) => describe(member, people.get(member.slug), parts));
    const fitting = fitItems({ head: [head], items: lines, tail: [] }).shown;
    const more = fitting.length < members.length ? [`(the first ${fitting.length} of ${members.length})`] : [];
    return { text: [head, ...fitting, ...more].join('\n') };
  },
});

function memberOf(slug: Member['slug']): Member {
  return { slug, role: undefined, display_name: undefined, identity_type: undefined, owner_slug: undefined };
}

function describe(member: Member, profile: ProfileEntry | undefined, { own, config }: ToolParts): string {
  const { slug, role } = member;
  const name = cleanLine(profile?.display_name || member.display_name || '', MAX_NAME);
  const isAgent = (profile?.identity_type ?? member.identity_type) === 'agent';
  const owner = cleanLine(profile?.owner_slug ?? member.owner_slug ?? '', MAX_NAME);
  const facts = [
    cleanLine(role ?? 'member', 20),
    ...(isAgent ? [owner === '' ? 'agent' : `agent of @${owner}`] : []),
    ...(slug === own.slug ? ['you'] : []),
    ...(slug === config().puffoCore.operatorSlug ? ['operator'] : []),
  ];
  return `- @${slug}${name === '' ? '' : `  ${name}`}  (${facts.join(', ')})`;
}
