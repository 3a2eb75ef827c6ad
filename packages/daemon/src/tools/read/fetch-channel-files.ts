// Files that came with messages, and a way to get one that is not here. spec: mcp-tools 6.8
import { cleanLine } from '@puffo/agent';
import { isChannelId, isEnvelopeId, readMessageContent } from '@puffo/protocol';
import type { HistoryMessage } from '../../store/history-message.ts';
import { attachmentPath } from '../../worker/attachment-folder.ts';
import { attachmentNames } from '../../worker/attachment-names.ts';
import { saveAttachments } from '../../worker/save-attachments.ts';
import { createGuardedFolder } from '../../prepare/guarded-folder.ts';
import { integer, requiredText } from '../fields.ts';
import { showSize } from '../files/show-size.ts';
import { fitItems } from '../fit-text.ts';
import { readPair, readPeer, resolveAddress } from '../places/address.ts';
import { showTime } from '../read-time.ts';
import { defineTool } from '../tool-definition.ts';
import { ToolError } from '../tool-error.ts';
import type { ToolParts } from '../tool-parts.ts';
import { readMessage } from './message-lines.ts';

const PAGE = 500;
const MAX_PAGES = 4;
const DOWNLOAD_TIMEOUT_MS = 120_000;

export const FETCH_CHANNEL_FILES = defineTool({
  name: 'fetch_channel_files',
  kind: 'read',
  description: 'The files of the last messages of a channel that have some, and where they are in your workspace.',
  input: {
    channel: requiredText({ description: 'ch_… or @slug' }),
    limit: integer({ minimum: 1, maximum: 100, fallback: 20, description: 'messages' }),
  },
  async run({ channel, limit }, { parts }) {
    const messages = await listWithFiles(readPair(channel), limit, parts);
    if (messages.length === 0) {
      const { name } = await resolveAddress(channel, parts);
      return { text: `${name}: no files were received` };
    }
    const lines = messages.flatMap((message) => fileLines(message, parts));
    const head = `${lines.length} files, oldest first; download_file fetches one that is missing`;
    const { shown } = fitItems({ head: [head], items: lines, tail: [], keepsEnd: true });
    return { text: [head, ...shown].join('\n') };
  },
});

export const DOWNLOAD_FILE = defineTool({
  name: 'download_file',
  // It writes into the workspace only what was sent to the agent.
  kind: 'self',
  timeoutMs: DOWNLOAD_TIMEOUT_MS,
  description: 'Fetch a file of a message into your workspace.',
  isIdempotent: true,
  input: { message_id: requiredText({ description: 'msg_…' }), name: requiredText({ description: 'as it is listed' }) },
  async run({ message_id: messageId, name }, { parts, signal }) {
    const message = await parts.history.find(messageId);
    if (message === undefined || !isEnvelopeId(messageId)) {
      throw new ToolError('not_found', `Cannot find the message ${cleanLine(messageId, 200)}: use an id from a list`);
    }
    const content = readMessageContent(message.contentType, message.content);
    const files = content.kind === 'attachments' ? content.attachments : [];
    const names = attachmentNames(files);
    const at = names.indexOf(name);
    if (at === -1) {
      const known = names.length === 0 ? 'it has no files' : `it has ${names.join(', ')}`;
      throw new ToolError('not_found', `Cannot find '${cleanLine(name, 200)}' in this message: ${known}`);
    }
    const { client, workspaceDir, logger } = parts;
    // All of them, so that each gets the name that it always gets; what is there is not fetched again.
    const wanted = files.slice(0, at + 1);
    const { saved, failed } = await saveAttachments(wanted, {
      attachments: client.attachments,
      workspaceDir,
      messageId,
      signal,
      logger,
    });
    const file = saved.find((each) => each.name === name);
    if (file !== undefined) return { text: `saved ${file.path} (${showSize(file.bytes)})` };
    const reason = failed.find((each) => each.name === name)?.reason ?? 'the server did not give it';
    throw new ToolError('unavailable', `Cannot fetch '${name}': ${reason}; ask the sender to send it again`);
  },
});

/** Oldest first. */
async function listWithFiles(place: string, limit: number, parts: ToolParts): Promise<readonly HistoryMessage[]> {
  const { history } = parts;
  const peer = place.startsWith('@') ? readPeer(place, parts) : undefined;
  if (peer === undefined && !isChannelId(place)) return [];
  let before: { readonly sentAt: number; readonly envelopeId: string } | undefined;
  let found: readonly HistoryMessage[] = [];
  for (let page = 0; page < MAX_PAGES && found.length < limit; page++) {
    const options = { limit: PAGE, before };
    const messages = await (peer === undefined
      ? history.listChannel(place, options)
      : history.listDirect(peer, options));
    found = [...messages.filter((message) => readMessage(message).files.length > 0), ...found];
    const [oldest] = messages;
    if (oldest === undefined || messages.length < PAGE) break;
    before = { sentAt: oldest.sentAt, envelopeId: oldest.envelopeId };
  }
  return found.slice(-limit);
}

function fileLines(message: HistoryMessage, { workspaceDir }: ToolParts): readonly string[] {
  const { envelopeId, sentAt, senderSlug } = message;
  return readMessage(message).files.map(({ name, mimeType, bytes }) => {
    const path = attachmentPath(envelopeId, name);
    const place = isThere(workspaceDir, path) ? path : 'not downloaded';
    const type = mimeType === '' ? 'unknown type' : mimeType;
    return `${showTime(sentAt)}  ${envelopeId}  @${cleanLine(senderSlug, 100)}  ${name} (${type}, ${showSize(bytes)})  ${place}`;
  });
}

function isThere(workspaceDir: string, path: string): boolean {
  try {
    return createGuardedFolder(workspaceDir).find(path)?.isFile() === true;
  } catch {
    // A link is in the way: it is not there for us.
    return false;
  }
}
