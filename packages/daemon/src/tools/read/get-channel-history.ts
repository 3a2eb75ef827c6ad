// spec: mcp-tools 6.5, 6.7
import { cleanLine } from '@puffo/agent';
import { isChannelId } from '@puffo/protocol';
import { flag, integer, optionalText, requiredText } from '../fields.ts';
import { readPair, readPeer, resolveAddress } from '../places/address.ts';
import { defineTool } from '../tool-definition.ts';
import { ToolError } from '../tool-error.ts';
import type { ToolParts } from '../tool-parts.ts';
import { showPage } from './history-page.ts';
import { soon } from './message-lines.ts';

const PAGE = {
  before: optionalText({ description: 'message id or time; older than this' }),
  after: optionalText({ description: 'message id or time; newer than this' }),
};
const MAX_LIMIT = 200;

export const GET_CHANNEL_HISTORY = defineTool({
  name: 'get_channel_history',
  kind: 'read',
  description: 'Messages of a channel that this computer has received, oldest first. Pages with before and after.',
  input: {
    channel: requiredText({ description: 'ch_… or @slug' }),
    limit: integer({ minimum: 1, maximum: MAX_LIMIT, fallback: 20 }),
    ...PAGE,
    roots_only: flag({ description: 'only what begins threads, with the number of replies' }),
  },
  async run({ channel, limit, before, after, roots_only: rootsOnly }, { parts }) {
    const given = readPair(channel);
    const request = { limit, before, after, rootsOnly };
    if (given.startsWith('@')) return { text: await directHistory(given, request, parts) };
    if (!isChannelId(given)) {
      // It says what is wrong with it.
      await resolveAddress(given, parts);
      throw new ToolError('invalid_argument', 'Cannot use this channel: give its id (ch_…) from list_channels');
    }
    const name = await nameChannel(given, parts);
    const text = await showPage({ ...request, name, list: (page) => parts.history.listChannel(given, page) }, parts);
    if (text !== undefined) return { text };
    const target = await resolveAddress(given, parts);
    return { text: `${target.name}: no messages were received yet` };
  },
});

export const GET_DM_HISTORY = defineTool({
  name: 'get_dm_history',
  kind: 'read',
  description: 'Direct messages with one person, both directions, oldest first.',
  input: {
    peer: requiredText({ description: '@slug' }),
    limit: integer({ minimum: 1, maximum: MAX_LIMIT, fallback: 20 }),
    ...PAGE,
  },
  async run({ peer, limit, before, after }, { parts }) {
    return { text: await directHistory(peer, { limit, before, after }, parts) };
  },
});

export const GET_THREAD_HISTORY = defineTool({
  name: 'get_thread_history',
  kind: 'read',
  description: 'A thread: its root and its replies, oldest first. The id of any message in it will do.',
  input: {
    root_id: requiredText({ description: 'thread root, or a reply' }),
    limit: integer({ minimum: 1, maximum: MAX_LIMIT, fallback: 50 }),
    ...PAGE,
  },
  async run({ root_id: given, limit, before, after }, { parts }) {
    const message = await parts.history.find(given);
    const rootId = message?.threadRootId ?? given;
    const note = rootId === given ? '' : `note: ${given} is a reply in the thread ${rootId}\n`;
    const name = `Thread ${cleanLine(rootId, 200)}`;
    const text = await showPage(
      { name, limit, before, after, list: (page) => parts.history.listThread(rootId, page) },
      parts,
    );
    if (text === undefined) {
      throw new ToolError(
        'not_found',
        `Cannot find the thread ${cleanLine(given, 200)}: use an id from a list or message block`,
      );
    }
    return { text: text + (note === '' ? '' : `\n${note.trimEnd()}`) };
  },
});

interface DirectRequest {
  readonly limit: number;
  readonly before: string;
  readonly after: string;
  readonly rootsOnly?: boolean;
}

async function directHistory(peer: string, request: DirectRequest, parts: ToolParts): Promise<string> {
  const slug = readPeer(peer, parts);
  const text = await showPage(
    { ...request, name: `Direct messages with @${slug}`, list: (page) => parts.history.listDirect(slug, page) },
    parts,
  );
  if (text !== undefined) return text;
  // Somebody who does not exist is told apart from somebody who has said nothing.
  await resolveAddress(`@${slug}`, parts);
  return `Direct messages with @${slug}: none were received yet`;
}

async function nameChannel(channelId: string, { client }: ToolParts): Promise<string> {
  const place = await soon(client.places.findChannel(channelId));
  const name = cleanLine(place?.channelName ?? '', 80);
  return name === '' ? channelId : `${name} (${channelId})`;
}
