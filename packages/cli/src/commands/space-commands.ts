import type { SpaceMemberEntry } from '@puffo/protocol';
import type { CommandDefinition, Outcome } from '../command.ts';
import { cleanName } from '../output/clean-text.ts';
import { columns } from '../output/columns.ts';
import { relativeTime } from '../output/format-time.ts';
import { parsePerson } from '../signed-in/conversation.ts';
import { type SignedInCall, signedIn } from '../signed-in/with-signed-in.ts';
import { memberRows } from './member-rows.ts';

const SPACE = { name: 'space', help: 'name or id of a space' };

export const SPACE_COMMANDS: readonly CommandDefinition[] = [
  {
    name: 'space create',
    summary: 'make a space; it has a public channel "General"',
    arguments: [{ name: 'name', help: 'what it is called' }],
    examples: ['space create "Garden club"'],
    run: signedIn(create),
  },
  {
    name: 'space list',
    summary: 'list the spaces that you are in',
    examples: ['space list', 'space list --json'],
    run: signedIn(list),
  },
  {
    name: 'space invite',
    summary: 'invite somebody into a space',
    arguments: [SPACE, { name: 'person', help: 'slug of a person or an agent' }],
    options: [
      { flag: 'channel', value: 'channel', help: 'which they are in as soon as they accept', isRepeatable: true },
    ],
    examples: ['space invite "Garden club" @bob-1a2b', 'space invite "Garden club" @bob-1a2b --channel tomatoes'],
    run: signedIn(invite),
  },
  {
    name: 'space members',
    summary: 'list who is in a space',
    arguments: [SPACE],
    examples: ['space members "Garden club"'],
    run: signedIn(members),
  },
  {
    name: 'space leave',
    summary: 'leave a space and all its channels; your agents leave too',
    arguments: [SPACE],
    examples: ['space leave "Garden club"'],
    run: signedIn(leave),
  },
];

async function create({ call, spaces }: SignedInCall): Promise<Outcome> {
  const name = call.argument('name');
  const spaceId = await spaces.createSpace({ name });
  return { json: { space_id: spaceId, name }, lines: [`Made space ${cleanName(name)}, ${spaceId}.`] };
}

async function list({ call, spaces }: SignedInCall): Promise<Outcome> {
  const now = call.world.now();
  const { paint } = call.terminal;
  const found = await spaces.listSpaces();
  const rows = found.map(({ space_id, name, role, joined_at }) => [
    paint.bold(cleanName(name === '' ? space_id : name)),
    cleanName(role ?? 'member'),
    joined_at === undefined ? '' : `joined ${relativeTime({ at: joined_at, now })}`,
    paint.dim(space_id),
  ]);
  const json = found.map(({ space_id, name, role, joined_at }) => ({
    space_id,
    name,
    role: role ?? null,
    joined_at: joined_at ?? null,
  }));
  return { json, lines: rows.length === 0 ? ['You are in no space: puffo-cli space create NAME.'] : columns(rows) };
}

async function invite({ call, spaces, invites, places }: SignedInCall): Promise<Outcome> {
  const slug = parsePerson(call.argument('person'));
  const spaceId = await places.findSpace(call.argument('space'));
  const channelIds = [];
  for (const text of call.options('channel')) channelIds.push((await places.findChannel(text)).channelId);
  const eventId = await invites.inviteToSpace({ spaceId, slug, channelIds });
  const name = (await spaces.listSpaces()).find(({ space_id }) => space_id === spaceId)?.name ?? spaceId;
  return {
    json: { invitation_event_id: eventId, space_id: spaceId, invitee: slug },
    lines: [`Invited @${slug} to ${cleanName(name)}. They accept with: puffo-cli invites accept ${eventId}`],
  };
}

async function members({ call, spaces, places }: SignedInCall): Promise<Outcome> {
  const spaceId = await places.findSpace(call.argument('space'));
  const found = await spaces.listSpaceMembers(spaceId);
  return { json: found.map(memberJson), lines: columns(memberRows(found, call.terminal.paint)) };
}

function memberJson({ slug, role, identity_type, display_name, joined_at }: SpaceMemberEntry) {
  return {
    slug,
    role: role ?? null,
    identity_type: identity_type ?? null,
    display_name: display_name ?? null,
    joined_at: joined_at ?? null,
  };
}

async function leave({ call, spaces, places }: SignedInCall): Promise<Outcome> {
  const spaceId = await places.findSpace(call.argument('space'));
  await spaces.leaveSpace(spaceId);
  return { json: { space_id: spaceId }, lines: [`Left ${cleanName(call.argument('space'))}.`] };
}
