import type { ChannelMemberEntry } from '@puffo/protocol';
import type { CommandDefinition, Outcome } from '../command.ts';
import { cleanName } from '../output/clean-text.ts';
import { columns } from '../output/columns.ts';
import { parsePerson } from '../signed-in/conversation.ts';
import { type SignedInCall, signedIn } from '../signed-in/with-signed-in.ts';
import { memberRows } from './member-rows.ts';

const CHANNEL = { name: 'channel', help: 'name, space/name or id of a channel' };

export const CHANNEL_COMMANDS: readonly CommandDefinition[] = [
  {
    name: 'channel create',
    summary: 'make a channel in a space',
    arguments: [
      { name: 'space', help: 'name or id of a space' },
      { name: 'name', help: 'what it is called' },
    ],
    options: [
      { flag: 'public', help: 'everybody in the space reads it; otherwise only who is invited' },
      { flag: 'member', value: 'slug', help: 'who is in it from the start', isRepeatable: true },
    ],
    examples: ['channel create "Garden club" tomatoes', 'channel create "Garden club" news --public'],
    run: signedIn(create),
  },
  {
    name: 'channel list',
    summary: 'list the channels that you read',
    arguments: [{ name: 'space', help: 'of this space only', isOptional: true }],
    examples: ['channel list', 'channel list "Garden club"'],
    run: signedIn(list),
  },
  {
    name: 'channel invite',
    summary: 'invite somebody of the space into a channel',
    arguments: [CHANNEL, { name: 'person', help: 'slug of a person or an agent' }],
    examples: ['channel invite tomatoes @bob-1a2b', 'channel invite "Garden club/tomatoes" @bob-1a2b'],
    run: signedIn(invite),
  },
  {
    name: 'channel members',
    summary: 'list who reads a channel',
    arguments: [CHANNEL],
    examples: ['channel members tomatoes'],
    run: signedIn(members),
  },
  {
    name: 'channel leave',
    summary: 'leave a channel; public ones are left with their space',
    arguments: [CHANNEL],
    examples: ['channel leave tomatoes'],
    run: signedIn(leave),
  },
];

async function create({ call, channels, places }: SignedInCall): Promise<Outcome> {
  const name = call.argument('name');
  const spaceId = await places.findSpace(call.argument('space'));
  const isPublic = call.hasFlag('public');
  const channelId = await channels.createChannel({
    spaceId,
    name,
    isPublic,
    members: call.options('member').map((slug) => parsePerson(slug)),
  });
  return {
    json: { channel_id: channelId, space_id: spaceId, name, is_public: isPublic },
    lines: [`Made channel ${cleanName(name)}, ${channelId}.`],
  };
}

async function list({ call, places }: SignedInCall): Promise<Outcome> {
  const space = call.findArgument('space');
  const spaceId = space === undefined ? undefined : await places.findSpace(space);
  const found = (await places.listPlaces()).filter((place) => spaceId === undefined || place.spaceId === spaceId);
  const { paint } = call.terminal;
  const rows = found.map(({ spaceName, channelName, channelId }) => [
    `${cleanName(spaceName)}/${paint.bold(cleanName(channelName))}`,
    paint.dim(channelId),
  ]);
  const json = found.map(({ spaceId: space_id, spaceName, channelId, channelName }) => ({
    channel_id: channelId,
    name: channelName,
    space_id,
    space_name: spaceName,
  }));
  return { json, lines: rows.length === 0 ? ['You read no channel.'] : columns(rows) };
}

async function invite({ call, invites, places }: SignedInCall): Promise<Outcome> {
  const slug = parsePerson(call.argument('person'));
  const place = await places.findChannel(call.argument('channel'));
  const eventId = await invites.inviteToChannel(place, slug);
  return {
    json: { invitation_event_id: eventId, channel_id: place.channelId, space_id: place.spaceId, invitee: slug },
    lines: [
      `Invited @${slug} to ${cleanName(place.channelName)}. They accept with: puffo-cli invites accept ${eventId}`,
    ],
  };
}

async function members({ call, channels, places }: SignedInCall): Promise<Outcome> {
  const found = await channels.listChannelMembers(await places.findChannel(call.argument('channel')));
  return { json: found.map(memberJson), lines: columns(memberRows(found, call.terminal.paint)) };
}

function memberJson({ slug, role, identity_type, display_name, online, owner_slug }: ChannelMemberEntry) {
  return {
    slug,
    role: role ?? null,
    identity_type: identity_type ?? null,
    display_name: display_name ?? null,
    operator: owner_slug ?? null,
    online: online ?? null,
  };
}

async function leave({ call, channels, places }: SignedInCall): Promise<Outcome> {
  const place = await places.findChannel(call.argument('channel'));
  await channels.leaveChannel(place);
  return {
    json: { channel_id: place.channelId, space_id: place.spaceId },
    lines: [`Left ${cleanName(place.channelName)}.`],
  };
}
