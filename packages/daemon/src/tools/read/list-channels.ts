// spec: mcp-tools 6.2
import { cleanLine } from '@puffo/agent';
import { ClientError } from '@puffo/client';
import type { ChannelEntry, SpaceEntry } from '@puffo/protocol';
import { optionalText, requiredText } from '../fields.ts';
import { fitItems } from '../fit-text.ts';
import { defineTool } from '../tool-definition.ts';
import { ToolError } from '../tool-error.ts';
import type { ToolParts } from '../tool-parts.ts';

const MAX_SPACES = 50;
const MAX_NAME = 80;

export const LIST_CHANNELS = defineTool({
  name: 'list_channels',
  kind: 'read',
  description: 'The channels that you can see, by space, with the ids that other tools want.',
  input: { space_id: optionalText({ description: 'only this space; empty = all' }) },
  run: ({ space_id: spaceId }, { parts }) => showChannels(spaceId, parts),
});

export const LIST_CHANNELS_IN_SPACE = defineTool({
  name: 'list_channels_in_space',
  kind: 'read',
  description: 'As list_channels, of one space.',
  input: { space_id: requiredText() },
  async run({ space_id: spaceId }, { parts }) {
    if (spaceId === '')
      throw new ToolError('invalid_argument', 'Cannot list channels: `space_id` is empty; see list_spaces');
    return showChannels(spaceId, parts);
  },
});

export const LIST_CHANNELS_IN_ALL_SPACES = defineTool({
  name: 'list_channels_in_all_spaces',
  kind: 'read',
  description: 'As list_channels.',
  input: {},
  run: (_input, { parts }) => showChannels('', parts),
});

export const LIST_SPACES = defineTool({
  name: 'list_spaces',
  kind: 'read',
  description: 'The spaces that you are in.',
  input: {},
  async run(_input, { parts }) {
    const spaces = await parts.client.spaces.listSpaces();
    if (spaces.length === 0) return { text: '(you are in no space)' };
    const lines = spaces.map(
      ({ space_id: id, name, role }) => `- ${id}  ${nameOf(name, id)}  (${cleanLine(role ?? 'member', 20)})`,
    );
    return { text: [`${spaces.length} ${spaces.length === 1 ? 'space' : 'spaces'}`, ...lines].join('\n') };
  },
});

async function showChannels(spaceId: string, parts: ToolParts) {
  const all = await parts.client.spaces.listSpaces();
  const spaces = spaceId === '' ? all : all.filter(({ space_id: id }) => id === spaceId);
  if (spaces.length === 0) {
    if (spaceId === '') return { text: '(you are in no space)' };
    throw new ToolError(
      'not_found',
      `Cannot find the space ${cleanLine(spaceId, 100)}: you are not in it; see list_spaces`,
    );
  }
  const groups: string[] = [];
  let count = 0;
  for (const space of spaces.slice(0, MAX_SPACES)) {
    const group = await showSpace(space, parts);
    count += group.count;
    groups.push(...group.lines);
  }
  const head = `${count} channels in ${spaces.length} ${spaces.length === 1 ? 'space' : 'spaces'}`;
  const { shown } = fitItems({ head: [head], items: groups, tail: [] });
  const more = shown.length < groups.length ? ['(cut here: ask for one space with space_id, see list_spaces)'] : [];
  return { text: [head, ...shown, ...more].join('\n') };
}

async function showSpace(space: SpaceEntry, { client }: ToolParts) {
  const head = `${nameOf(space.name, space.space_id)} (${space.space_id})`;
  let channels: readonly ChannelEntry[];
  try {
    channels = await client.channels.listChannels(space.space_id);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return { count: 0, lines: [`${head}: its channels cannot be listed now`] };
  }
  const lines = channels.map(({ channel_id: id, name, is_public: isPublic }) => {
    return `- ${id}  ${nameOf(name, id)}${isPublic === true ? '  (public)' : ''}`;
  });
  return { count: channels.length, lines: [head, ...lines] };
}

function nameOf(name: string, id: string): string {
  const line = cleanLine(name, MAX_NAME);
  return line === '' ? id : line;
}
