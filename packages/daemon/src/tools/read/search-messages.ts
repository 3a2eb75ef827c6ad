// spec: mcp-tools 10
import { cleanLine } from '@puffo/agent';
import { isChannelId } from '@puffo/protocol';
import type { HistoryMessage } from '../../store/history-message.ts';
import { integer, optionalText, requiredText } from '../fields.ts';
import { fitItems } from '../fit-text.ts';
import { readPair, readPeer } from '../places/address.ts';
import { defineTool } from '../tool-definition.ts';
import { ToolError } from '../tool-error.ts';
import { readPlace } from './history-place.ts';
import { findPeople, messageLine, readMessage } from './message-lines.ts';

/** Rows that may hold the text somewhere else than in what people wrote. */
const MAX_EXAMINED = 500;

export const SEARCH_MESSAGES = defineTool({
  name: 'search_messages',
  kind: 'read',
  description: 'Find messages by a text in them, newest first, among those that this computer has received.',
  input: {
    query: requiredText(),
    channel: optionalText({ description: 'ch_…; empty = everywhere' }),
    from: optionalText({ description: '@slug of the sender' }),
    limit: integer({ minimum: 1, maximum: 50, fallback: 20 }),
    before: optionalText({ description: 'message id or time; older than this' }),
  },
  async run({ query, channel, from, limit, before }, { parts }) {
    if (query === '') throw new ToolError('invalid_argument', 'Cannot search: `query` is empty');
    const channelId = channel === '' ? undefined : readPair(channel);
    if (channelId !== undefined && !isChannelId(channelId)) {
      throw new ToolError(
        'invalid_argument',
        'Cannot search there: `channel` has to be an id (ch_…) from list_channels',
      );
    }
    const { history, own } = parts;
    const place = await readPlace(before, { name: 'before', history });
    const senderSlug = from === '' ? undefined : from.replace(/^@/, '') === own.slug ? own.slug : readPeer(from, parts);
    const rows = await history.search({ text: query, channelId, senderSlug, before: place, limit: MAX_EXAMINED });
    const found = rows.filter((message) => isIn(message, query)).slice(0, limit);
    if (found.length === 0) return { text: `no message with '${cleanLine(query, 100)}' was found` };
    const people = await findPeople(
      found.map((message) => message.senderSlug),
      parts,
    );
    const facts = { ownSlug: own.slug, people, replies: new Map<string, number>() };
    const lines = found.map((message) => `${whereOf(message)}  ${messageLine(message, facts)}`);
    const head = `${found.length} messages with '${cleanLine(query, 100)}', newest first`;
    const { shown } = fitItems({ head: [head], items: lines, tail: [] });
    const last = found[shown.length - 1];
    const more = last === undefined || found.length < limit ? [] : [`(older ones: before="${last.envelopeId}")`];
    return { text: [head, ...shown, ...more].join('\n') };
  },
});

function isIn(message: HistoryMessage, query: string): boolean {
  const { text, files } = readMessage(message);
  return [text, ...files.map(({ name }) => name)].some((each) => each.toLowerCase().includes(query.toLowerCase()));
}

function whereOf({ channelId }: HistoryMessage): string {
  return channelId ?? 'direct';
}
