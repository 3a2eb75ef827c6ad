// Messages as lines of a list: other people's words are data, and cannot make a second line. Of files only what is known of them,
// never how to open them. spec: mcp-tools 4.5, 6.5
import { cleanLine, countCharacters, takeCharacters } from '@puffo/agent';
import { sleep } from '@puffo/base';
import { isSlug, type ProfileEntry, readMessageContent, type Slug } from '@puffo/protocol';
import type { HistoryMessage } from '../../store/history-message.ts';
import { attachmentNames } from '../../worker/attachment-names.ts';
import { showTime } from '../read-time.ts';
import type { ToolParts } from '../tool-parts.ts';

/** Of one message in a list. */
const MAX_TEXT = 500;
const MAX_CLEANED = 100_000;
/** Names are a convenience: the list does not wait for them. */
const NAMES_WITHIN_MS = 1500;

export interface ShownFile {
  readonly name: string;
  /** May be empty. */
  readonly mimeType: string;
  readonly bytes: number;
}

export interface ReadMessage {
  /** Without files; as it was written. */
  readonly text: string;
  readonly files: readonly ShownFile[];
}

export function readMessage({ contentType, content }: Pick<HistoryMessage, 'contentType' | 'content'>): ReadMessage {
  const read = readMessageContent(contentType, content);
  if (read.kind !== 'attachments') return { text: read.text, files: [] };
  const names = attachmentNames(read.attachments);
  const files = read.attachments.map(({ mimeType, size, blobId }, at) => ({
    name: names[at] ?? blobId,
    mimeType: cleanLine(mimeType, 100),
    bytes: size,
  }));
  return { text: read.text, files };
}

export interface LineFacts {
  readonly ownSlug: Slug;
  readonly people: ReadonlyMap<string, ProfileEntry>;
  /** By the root. */
  readonly replies: ReadonlyMap<string, number>;
}

export function messageLine(message: HistoryMessage, { ownSlug, people, replies }: LineFacts): string {
  const { envelopeId, senderSlug, sentAt, threadRootId } = message;
  const { text, files } = readMessage(message);
  const count = replies.get(envelopeId) ?? 0;
  const tags = [
    ...(threadRootId === null ? [] : [`[thread:${cleanLine(threadRootId, 300)}]`]),
    ...(count === 0 ? [] : [`[${count} ${count === 1 ? 'reply' : 'replies'}]`]),
    ...(files.length === 0 ? [] : [`[files: ${files.map(({ name }) => name).join(', ')}]`]),
  ];
  const who = `@${cleanLine(senderSlug, 100)}${markOf(senderSlug, { ownSlug, people })}`;
  const id = cleanLine(envelopeId, 300);
  return [`${showTime(sentAt)}  ${id}  ${who}: ${shortText(text, id)}`, ...tags].join(' ').trim();
}

export function markOf(slug: string, { ownSlug, people }: Pick<LineFacts, 'ownSlug' | 'people'>): string {
  if (slug === ownSlug) return ' (you)';
  return people.get(slug)?.identity_type === 'agent' ? ' (agent)' : '';
}

function shortText(text: string, id: string): string {
  const line = cleanLine(text, MAX_CLEANED);
  if (countCharacters(line) <= MAX_TEXT) return line;
  return `${takeCharacters(line, MAX_TEXT)}… (get_post ${id})`;
}

/** What is known of these people, or can be asked for quickly. */
export async function findPeople(
  slugs: readonly string[],
  { client }: Pick<ToolParts, 'client'>,
): Promise<ReadonlyMap<string, ProfileEntry>> {
  const asked = Array.from(new Set(slugs)).filter(isSlug);
  return (await soon(client.directory.getProfiles(asked))) ?? new Map();
}

/** `undefined`: it is not there in time, or not at all. */
export async function soon<Value>(work: Promise<Value>): Promise<Value | undefined> {
  const timer = new AbortController();
  // It rejects only when it is called off.
  const late = sleep(NAMES_WITHIN_MS, timer.signal).catch(() => undefined);
  try {
    return await Promise.race([work, late]).then((value) => value ?? undefined);
  } catch {
    // What it was for is shown without it.
    return undefined;
  } finally {
    timer.abort();
  }
}
