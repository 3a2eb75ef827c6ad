// Leaving a place is up to the operator: they are asked, and nothing happens before they agree. spec: mcp-tools 10, 11
import { cleanLine } from '@puffo/agent';
import { isChannelId, isSpaceId } from '@puffo/protocol';
import { optionalText, requiredText } from '../fields.ts';
import { readPair } from '../places/address.ts';
import { defineTool } from '../tool-definition.ts';
import { ToolError } from '../tool-error.ts';
import type { ToolParts } from '../tool-parts.ts';
import { whenAllowed } from './when-allowed.ts';

const REASON = optionalText({ description: 'for your operator, who is asked' });

export const LEAVE_CHANNEL = defineTool({
  name: 'leave_channel',
  kind: 'self',
  description: 'Leave a channel, when your operator agrees. Public channels can only be left with their space.',
  isDestructive: true,
  isAvailable: canAsk,
  input: { channel: requiredText({ description: 'ch_…' }), reason: REASON },
  async run({ channel, reason }, context) {
    const { client } = context.parts;
    const channelId = readPair(channel);
    if (!isChannelId(channelId)) throw noId('channel', 'ch_…');
    const place = (await client.places.listPlaces()).find((each) => each.channelId === channelId);
    if (place === undefined)
      throw new ToolError('not_found', 'Cannot leave this channel: you are not in it; see list_channels');
    const entry = (await client.channels.listChannels(place.spaceId)).find(({ channel_id: id }) => id === channelId);
    if (entry?.is_public === true) {
      throw new ToolError(
        'unsupported',
        'Cannot leave a public channel: everybody in its space is in it; use leave_space',
      );
    }
    const name = `${cleanLine(place.channelName, 80)} (${channelId})`;
    const wish = { tool: 'leave_channel', what: `leave the channel ${name}`, input: { channel: name }, reason };
    return whenAllowed(wish, context, async () => {
      await client.channels.leaveChannel(place);
      return `left ${name}: your operator agreed`;
    });
  },
});

export const LEAVE_SPACE = defineTool({
  name: 'leave_space',
  kind: 'self',
  description: 'Leave a space with all its channels, when your operator agrees.',
  isDestructive: true,
  isAvailable: canAsk,
  input: { space_id: requiredText({ description: 'sp_…' }), reason: REASON },
  async run({ space_id: spaceId, reason }, context) {
    const { client } = context.parts;
    if (!isSpaceId(spaceId)) throw noId('space_id', 'sp_…');
    const space = (await client.spaces.listSpaces()).find(({ space_id: id }) => id === spaceId);
    if (space === undefined)
      throw new ToolError('not_found', 'Cannot leave this space: you are not in it; see list_spaces');
    const name = `${cleanLine(space.name, 80)} (${spaceId})`;
    const wish = { tool: 'leave_space', what: `leave the space ${name}`, input: { space: name }, reason };
    return whenAllowed(wish, context, async () => {
      await client.spaces.leaveSpace(spaceId);
      return `left ${name}: your operator agreed`;
    });
  },
});

function canAsk({ askPermission }: ToolParts): boolean {
  return askPermission !== undefined;
}

function noId(name: string, form: string): ToolError {
  return new ToolError('invalid_argument', `Cannot leave: \`${name}\` has to be an id (${form})`);
}
