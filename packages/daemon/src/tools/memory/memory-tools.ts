// spec: mcp-tools 9
import { cleanLine } from '@puffo/agent';
import { digestOf } from '../digest.ts';
import { choice, flag, integer, requiredText } from '../fields.ts';
import { showSize } from '../files/show-size.ts';
import { fitItems, MAX_RESULT_CHARACTERS } from '../fit-text.ts';
import { showTime } from '../read-time.ts';
import { defineTool } from '../tool-definition.ts';
import type { ToolContext } from '../tool-context.ts';
import { ToolError } from '../tool-error.ts';
import {
  MAX_MEMORY_BYTES,
  MAX_TOPIC_BYTES,
  type MemoryFolder,
  openMemoryFolder,
  PROMPT_BYTES,
  readTopic,
  type Topic,
} from './memory-folder.ts';

const TRASH_KEPT_MS = 30 * 24 * 60 * 60 * 1000;
const MAX_LINES_PER_TOPIC = 3;
const MAX_LINE = 300;

const TOPIC_FIELD = requiredText({ description: 'a-z, 0-9 and -' });

export const LIST_MEMORY = defineTool({
  name: 'list_memory',
  kind: 'read',
  description: 'The topics of your memory, with their sizes.',
  input: {},
  async run(_input, { parts }) {
    const topics = await openMemoryFolder(parts).list();
    if (topics.length === 0) return { text: '(your memory is empty)' };
    const total = sum(topics);
    const head = `${topics.length} topics, ${showSize(total)} of ${showSize(MAX_MEMORY_BYTES)}; ${showSize(PROMPT_BYTES)} of it stand in your prompt`;
    const lines = topics.map(
      ({ topic, bytes, changedAt }) => `- ${cleanLine(topic, 100)}  ${showSize(bytes)}  changed ${showTime(changedAt)}`,
    );
    return { text: [head, ...fitItems({ head: [head], items: lines, tail: [] }).shown].join('\n') };
  },
});

export const READ_MEMORY = defineTool({
  name: 'read_memory',
  kind: 'read',
  description: 'One topic of your memory.',
  input: { topic: TOPIC_FIELD },
  async run({ topic: given }, { parts, seenNotes }) {
    const folder = openMemoryFolder(parts);
    const fileName = await findFile(folder, given);
    const text = await folder.read(fileName);
    if (text === undefined) throw missing(given);
    seenNotes.see(fileName, text);
    return { text: `${fileName}:\n${text}`, maxCharacters: Math.max(MAX_RESULT_CHARACTERS, MAX_TOPIC_BYTES) };
  },
});

export const WRITE_MEMORY = defineTool({
  name: 'write_memory',
  kind: 'self',
  description: 'Write a topic of your memory. It stands in your prompt after the next reload. No secrets; be short.',
  input: {
    topic: TOPIC_FIELD,
    content: requiredText({ description: 'Markdown', isBody: true }),
    mode: choice<'replace' | 'append'>(['replace', 'append'], { fallback: 'replace' }),
    reload: flag({ description: 'take effect from your next turn on' }),
  },
  async run({ topic: given, content, mode, reload }, context) {
    const { parts, signal, seenNotes } = context;
    const topic = readTopic(given);
    const fileName = `${topic}.md`;
    const folder = openMemoryFolder(parts);
    const before = await folder.read(fileName);
    const text = composeText({ before, content: content.toWellFormed(), mode });
    if (mode === 'replace') await requireSeen(folder, { context, fileName, before });
    await requireRoom(folder, { fileName, text });
    signal.throwIfAborted();
    await folder.write(fileName, text);
    seenNotes.see(fileName, text);
    if (reload) parts.requests.request({ reload: true });
    const effect = reload
      ? 'it stands in your prompt from your next turn on'
      : 'it stands in your prompt after reload_system_prompt';
    return { text: `wrote ${topic} (${showSize(Buffer.byteLength(text))}); ${effect}` };
  },
});

export const DELETE_MEMORY = defineTool({
  name: 'delete_memory',
  kind: 'self',
  description: 'Remove a topic of your memory.',
  isDestructive: true,
  input: { topic: TOPIC_FIELD },
  async run({ topic: given }, context) {
    const { parts, callKey, signal } = context;
    const folder = openMemoryFolder(parts);
    const fileName = await findFile(folder, given);
    const text = await folder.read(fileName);
    if (text === undefined) throw missing(given);
    await requireSeen(folder, { context, fileName, before: text });
    signal.throwIfAborted();
    await folder.trash(fileName, `${fileName}.${digestOf(callKey).slice(0, 12)}`);
    await folder.emptyTrash(parts.clock() - TRASH_KEPT_MS);
    return { text: `deleted ${fileName.slice(0, -'.md'.length)}; your operator finds it in .trash for 30 days` };
  },
});

export const SEARCH_MEMORY = defineTool({
  name: 'search_memory',
  kind: 'read',
  description: 'Lines of your memory with a text in them.',
  input: { query: requiredText(), limit: integer({ minimum: 1, maximum: 50, fallback: 20 }) },
  async run({ query, limit }, { parts }) {
    if (query === '') throw new ToolError('invalid_argument', 'Cannot search: `query` is empty');
    const folder = openMemoryFolder(parts);
    const wanted = query.toLowerCase();
    const lines: string[] = [];
    for (const { topic, fileName } of await folder.list()) {
      if (lines.length >= limit) break;
      const text = (await folder.read(fileName)) ?? '';
      const found = text.split('\n').filter((line) => line.toLowerCase().includes(wanted));
      lines.push(
        ...found.slice(0, MAX_LINES_PER_TOPIC).map((line) => `${cleanLine(topic, 100)}: ${cleanLine(line, MAX_LINE)}`),
      );
    }
    if (lines.length === 0) return { text: `no line with '${cleanLine(query, 100)}' was found` };
    const head = `${Math.min(lines.length, limit)} lines`;
    return { text: [head, ...fitItems({ head: [head], items: lines.slice(0, limit), tail: [] }).shown].join('\n') };
  },
});

/** Also what people named by hand in other ways. */
async function findFile(folder: MemoryFolder, given: string): Promise<string> {
  const exact = (await folder.list()).find(({ topic }) => topic === given);
  return exact?.fileName ?? `${readTopic(given)}.md`;
}

interface TextToCompose {
  readonly before: string | undefined;
  readonly content: string;
  readonly mode: 'replace' | 'append';
}

function composeText({ before, content, mode }: TextToCompose): string {
  if (content.trim() === '') {
    throw new ToolError('invalid_argument', 'Cannot write an empty note: use delete_memory to remove a topic');
  }
  const added = `${content.trim()}\n`;
  return mode === 'append' && before !== undefined && before.trim() !== '' ? `${before.trimEnd()}\n${added}` : added;
}

interface NoteToChange {
  readonly context: ToolContext;
  readonly fileName: string;
  readonly before: string | undefined;
}

/** The prompt showed what was there when the agent started; what changed since then, it has to look at first. */
async function requireSeen(folder: MemoryFolder, { context, fileName, before }: NoteToChange): Promise<void> {
  if (before === undefined) return;
  const changedAt = (await folder.list()).find((each) => each.fileName === fileName)?.changedAt ?? 0;
  if (context.seenNotes.isSeen(fileName, { text: before, changedAt })) return;
  const message = 'Cannot change this note: somebody changed it since you last read it; read it with read_memory first';
  throw new ToolError('conflict', message);
}

async function requireRoom(
  folder: MemoryFolder,
  { fileName, text }: { readonly fileName: string; readonly text: string },
): Promise<void> {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_TOPIC_BYTES) {
    throw new ToolError(
      'too_large',
      `Cannot write this note: a topic has at most ${showSize(MAX_TOPIC_BYTES)}; shorten it, or split it`,
    );
  }
  const others = (await folder.list()).filter((topic) => topic.fileName !== fileName);
  if (sum(others) + bytes <= MAX_MEMORY_BYTES) return;
  throw new ToolError(
    'too_large',
    `Cannot write this note: your memory has at most ${showSize(MAX_MEMORY_BYTES)}; delete something first`,
  );
}

function sum(topics: readonly Topic[]): number {
  return topics.reduce((bytes, topic) => bytes + topic.bytes, 0);
}

function missing(given: string): ToolError {
  return new ToolError('not_found', `Cannot find the topic '${cleanLine(given, 100)}': see list_memory`);
}
