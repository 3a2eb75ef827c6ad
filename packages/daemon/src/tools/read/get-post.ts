// spec: mcp-tools 6.6, 6.7
import { cleanLine, cleanText, countCharacters, takeCharacters } from '@puffo/agent';
import type { HistoryMessage } from '../../store/history-message.ts';
import { attachmentPath } from '../../worker/attachment-folder.ts';
import { integer, requiredText } from '../fields.ts';
import { showSize } from '../files/show-size.ts';
import { MAX_RESULT_CHARACTERS } from '../fit-text.ts';
import { showTime } from '../read-time.ts';
import { defineTool } from '../tool-definition.ts';
import type { ToolParts } from '../tool-parts.ts';
import { findPeople, markOf, readMessage, soon } from './message-lines.ts';

/** The last part of a result says how to go on. */
const ROOM_FOR_HINT = 200;

export const GET_POST = defineTool({
  name: 'get_post',
  kind: 'read',
  description: 'One message with everything that is known of it.',
  input: { post_ref: requiredText({ description: 'msg_…' }) },
  async run({ post_ref: id }, { parts }) {
    const message = await parts.history.find(id);
    if (message === undefined) return { text: notFound(id) };
    const head = await headOf(message, parts);
    const body = bodyOf(message);
    const room = MAX_RESULT_CHARACTERS - countCharacters(head.join('\n')) - ROOM_FOR_HINT;
    const total = countCharacters(body);
    if (total <= room) return { text: [...head, 'message:', body].join('\n') };
    const hint = `(the first ${room} of ${total} characters; the rest: get_post_segment envelope_id="${message.envelopeId}" segment=0)`;
    return { text: [...head, hint, 'message:', takeCharacters(body, room)].join('\n') };
  },
});

export const GET_POST_SEGMENT = defineTool({
  name: 'get_post_segment',
  kind: 'read',
  description: 'A part of a long message.',
  input: {
    envelope_id: requiredText({ description: 'msg_…' }),
    segment: integer({ minimum: 0, maximum: 1_000_000, fallback: 0, description: 'counts from 0' }),
    segment_size: integer({ minimum: 1, maximum: 8000, fallback: 8000, description: 'characters' }),
  },
  async run({ envelope_id: id, segment, segment_size: size }, { parts }) {
    const message = await parts.history.find(id);
    if (message === undefined) return { text: notFound(id) };
    const characters = Array.from(readMessage(message).text.toWellFormed());
    const count = Math.max(Math.ceil(characters.length / size), 1);
    if (segment >= count) return { text: `there is no segment ${segment}: this message has ${count}, counted from 0` };
    const start = segment * size;
    const end = Math.min(start + size, characters.length);
    const head = `segment ${segment} of ${count}, characters ${start}–${end} of ${characters.length}`;
    return { text: `${head}\n${characters.slice(start, end).join('')}`, maxCharacters: size + ROOM_FOR_HINT };
  },
});

function notFound(id: string): string {
  return `message ${cleanLine(id, 200)} not found among those that this computer has received; look in get_channel_history or get_dm_history`;
}

function bodyOf(message: HistoryMessage): string {
  return cleanText(readMessage(message).text);
}

async function headOf(message: HistoryMessage, parts: ToolParts): Promise<readonly string[]> {
  const { envelopeId, senderSlug, channelId, threadRootId, sentAt } = message;
  const people = await findPeople([senderSlug], parts);
  const place = channelId === null ? undefined : await soon(parts.client.places.findChannel(channelId));
  const replies = (await parts.history.countReplies([envelopeId])).get(envelopeId) ?? 0;
  const isOperator = senderSlug === parts.config().puffoCore.operatorSlug;
  const mark = isOperator ? ' (your operator)' : markOf(senderSlug, { ownSlug: parts.own.slug, people });
  const { files } = readMessage(message);
  return [
    `envelope_id: ${cleanLine(envelopeId, 200)}`,
    `sender: @${cleanLine(senderSlug, 100)}${mark}`,
    `timestamp: ${showTime(sentAt)}`,
    `kind: ${message.envelopeKind === 'dm' ? 'direct message' : 'channel'}`,
    ...(channelId === null ? [] : [`channel_id: ${cleanLine(channelId, 200)}`]),
    ...(place === undefined
      ? []
      : [`channel: ${cleanLine(place.channelName, 80)}`, `space: ${cleanLine(place.spaceName, 80)}`]),
    ...(threadRootId === null ? [] : [`thread_root_id: ${cleanLine(threadRootId, 200)}`]),
    ...(replies === 0 ? [] : [`replies: ${replies}`]),
    ...files.map(
      ({ name, mimeType, bytes }) =>
        `file: ${name} (${mimeType === '' ? 'unknown type' : mimeType}, ${showSize(bytes)}) ${attachmentPath(envelopeId, name)}`,
    ),
  ];
}
